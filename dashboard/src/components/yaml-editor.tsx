import type { ReactNode } from 'react'
import type { TextIssue } from '../../../src/admin/contract.ts'

/** A text of YAML, to be changed. */
export default function YamlEditor({
  value,
  isReadOnly,
  issues,
  onChange,
}: {
  value: string
  isReadOnly: boolean
  issues: readonly TextIssue[]
  onChange: (text: string) => void
}): ReactNode {
  return (
    <textarea
      aria-label="Configuration"
      aria-invalid={issues.length > 0}
      className="field resize-y font-mono text-xs leading-5"
      rows={24}
      spellCheck={false}
      readOnly={isReadOnly}
      value={value}
      onChange={(event) => onChange(event.target.value)}
    />
  )
}
