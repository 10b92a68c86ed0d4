import { type ButtonHTMLAttributes, type ReactNode, useState } from 'react'

type Look = 'primary' | 'plain' | 'danger' | 'quiet'

const LOOKS: Readonly<Record<Look, string>> = {
  primary: 'bg-accent text-on-accent border-transparent hover:opacity-90',
  plain: 'bg-surface border-line hover:bg-sunken',
  danger: 'bg-surface border-line text-bad hover:bg-bad-soft',
  quiet: 'border-transparent hover:bg-sunken text-muted',
}

/** A button. */
export function Button({
  look = 'plain',
  className = '',
  ...props
}: ButtonHTMLAttributes<HTMLButtonElement> & { look?: Look }): ReactNode {
  return (
    <button
      type="button"
      className={`inline-flex items-center justify-center gap-1.5 rounded-md border px-3 py-1.5 text-sm font-medium whitespace-nowrap disabled:opacity-50 ${LOOKS[look]} ${className}`}
      {...props}
    />
  )
}

/** A box with a heading. */
export function Card({
  title,
  action,
  children,
  className = '',
}: {
  title?: ReactNode
  action?: ReactNode
  children: ReactNode
  className?: string
}): ReactNode {
  return (
    <section className={`min-w-0 rounded-lg border border-line bg-surface ${className}`}>
      {title !== undefined && (
        <header className="flex flex-wrap items-center justify-between gap-2 px-4 pt-3">
          <h2 className="text-sm font-semibold">{title}</h2>
          {action}
        </header>
      )}
      <div className="p-4">{children}</div>
    </section>
  )
}

type Tone = 'good' | 'warn' | 'bad' | 'plain' | 'accent'

const TONES: Readonly<Record<Tone, string>> = {
  good: 'bg-good-soft text-good',
  warn: 'bg-warn-soft text-warn',
  bad: 'bg-bad-soft text-bad',
  plain: 'bg-sunken text-muted',
  accent: 'bg-accent-soft text-accent',
}

/** A word with a colour. */
export function Badge({ tone = 'plain', children }: { tone?: Tone; children: ReactNode }): ReactNode {
  return (
    <span
      className={`inline-block rounded px-1.5 py-0.5 text-xs font-medium whitespace-nowrap ${TONES[tone]}`}
    >
      {children}
    </span>
  )
}

/** A page's heading, and what can be done there. */
export function PageHead({
  title,
  about,
  children,
}: {
  title: string
  about?: ReactNode
  children?: ReactNode
}): ReactNode {
  return (
    <div className="mb-4 flex flex-wrap items-end justify-between gap-3">
      <div className="min-w-0">
        <h1 className="text-xl font-semibold">{title}</h1>
        {about !== undefined && <p className="mt-0.5 max-w-2xl text-muted">{about}</p>}
      </div>
      {children !== undefined && <div className="flex flex-wrap items-center gap-2">{children}</div>}
    </div>
  )
}

/** In the place of a list with nothing in it. */
export function Empty({ title, children }: { title: string; children?: ReactNode }): ReactNode {
  return (
    <div className="px-4 py-10 text-center">
      <p className="font-medium">{title}</p>
      {children !== undefined && <div className="mx-auto mt-1 max-w-md text-muted">{children}</div>}
    </div>
  )
}

/** What went wrong. */
export function Problem({ error }: { error: Error }): ReactNode {
  return (
    <p role="alert" className="rounded-md bg-bad-soft px-3 py-2 text-bad wrap-anywhere">
      {error.message}
    </p>
  )
}

/** In the place of what is being read. */
export function Loading(): ReactNode {
  return (
    <p role="status" className="pulse py-8 text-center text-muted">
      Reading…
    </p>
  )
}

/** A button that puts a text into the clipboard. */
export function CopyButton({ text, label = 'Copy' }: { text: string; label?: string }): ReactNode {
  const [isCopied, setCopied] = useState(false)
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(text)
    setCopied(true)
    setTimeout(() => setCopied(false), 1500)
  }
  return (
    <Button onClick={() => void copy()}>
      <span aria-live="polite">{isCopied ? 'Copied' : label}</span>
    </Button>
  )
}

/** A text as it was written: code, JSON, YAML. */
export function Code({ children, label }: { children: string; label: string }): ReactNode {
  return (
    <pre
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls has to be reached by keyboard
      tabIndex={0}
      role="region"
      aria-label={label}
      className="max-h-120 overflow-auto rounded-md bg-sunken p-3 font-mono text-xs leading-5 whitespace-pre-wrap wrap-anywhere"
    >
      {children}
    </pre>
  )
}

/** Names and values. */
export function Facts({
  facts,
}: {
  facts: readonly (readonly [name: string, value: ReactNode])[]
}): ReactNode {
  return (
    <dl className="grid grid-cols-[repeat(auto-fill,minmax(11rem,1fr))] gap-x-4 gap-y-3">
      {facts.map(([name, value]) => (
        <div key={name} className="min-w-0">
          <dt className="text-xs text-muted">{name}</dt>
          <dd className="wrap-anywhere">{value ?? '–'}</dd>
        </div>
      ))}
    </dl>
  )
}
