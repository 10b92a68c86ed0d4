import { type InputHTMLAttributes, type ReactNode, type SelectHTMLAttributes, useId } from 'react'

/** A field with its name above it. */
export function Field({
  label,
  hint,
  children,
}: {
  label: string
  hint?: string
  children: (ids: { id: string; 'aria-describedby'?: string }) => ReactNode
}): ReactNode {
  const id = useId()
  const hintId = `${id}-hint`
  return (
    <div className="min-w-0">
      <label htmlFor={id} className="mb-1 block text-sm font-medium">
        {label}
      </label>
      {children({ id, ...(hint !== undefined && { 'aria-describedby': hintId }) })}
      {hint !== undefined && (
        <p id={hintId} className="mt-1 text-xs text-muted">
          {hint}
        </p>
      )}
    </div>
  )
}

type Told<Props> = Omit<Props, 'onChange' | 'value'> & {
  label: string
  hint?: string
  value: string
  onChange: (value: string) => void
}

/** A line of text. */
export function TextField({
  label,
  hint,
  onChange,
  className = '',
  ...props
}: Told<InputHTMLAttributes<HTMLInputElement>>): ReactNode {
  return (
    <Field label={label} {...(hint !== undefined && { hint })}>
      {(ids) => (
        <input
          {...ids}
          className={`field ${className}`}
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => onChange(event.target.value)}
          {...props}
        />
      )}
    </Field>
  )
}

/** Several lines of text. */
export function TextArea({
  label,
  hint,
  value,
  onChange,
  rows = 4,
  isCode = false,
}: {
  label: string
  hint?: string
  value: string
  onChange: (value: string) => void
  rows?: number
  isCode?: boolean
}): ReactNode {
  return (
    <Field label={label} {...(hint !== undefined && { hint })}>
      {(ids) => (
        <textarea
          {...ids}
          className={`field resize-y ${isCode ? 'font-mono text-xs leading-5' : ''}`}
          rows={rows}
          value={value}
          spellCheck={!isCode}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  )
}

/** One of a few. */
export function SelectField({
  label,
  hint,
  options,
  onChange,
  ...props
}: Told<SelectHTMLAttributes<HTMLSelectElement>> & {
  options: readonly (readonly [value: string, name: string])[]
}): ReactNode {
  return (
    <Field label={label} {...(hint !== undefined && { hint })}>
      {(ids) => (
        <select {...ids} className="field" onChange={(event) => onChange(event.target.value)} {...props}>
          {options.map(([value, name]) => (
            <option key={value} value={value}>
              {name}
            </option>
          ))}
        </select>
      )}
    </Field>
  )
}

/** Yes or no. */
export function CheckField({
  label,
  isOn,
  onChange,
}: {
  label: string
  isOn: boolean
  onChange: (isOn: boolean) => void
}): ReactNode {
  return (
    <label className="inline-flex items-center gap-2 text-sm">
      <input type="checkbox" checked={isOn} onChange={(event) => onChange(event.target.checked)} />
      {label}
    </label>
  )
}
