import type { ReactNode } from 'react'
import { isPeriod, PERIODS, type PeriodName } from '../period.ts'

/** How far to look back. */
export function PeriodSelect({
  name,
  onChange,
}: {
  name: PeriodName
  onChange: (name: PeriodName) => void
}): ReactNode {
  return (
    <select
      aria-label="Period"
      className="field w-auto"
      value={name}
      onChange={({ target }) => {
        if (isPeriod(target.value)) onChange(target.value)
      }}
    >
      {Object.entries(PERIODS).map(([value, { name: text }]) => (
        <option key={value} value={value}>
          {text}
        </option>
      ))}
    </select>
  )
}
