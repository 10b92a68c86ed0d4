import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { nameOfKey, useKeyNames } from '../use-key-names.ts'

/** What requests that are summed have in common; a link to them, where the list of requests can be narrowed to it. */
export function GroupName({ by, value }: { by: string; value: string | null }): ReactNode {
  const names = useKeyNames()
  if (value === null) return <span className="text-muted">none</span>
  const text = by === 'key' ? nameOfKey(value, names) : value
  const filter = filterOf(by, value)
  return (
    <span className="wrap-anywhere">
      {filter ? (
        <Link to="/requests" search={filter} className="link">
          {text}
        </Link>
      ) : (
        text
      )}
    </span>
  )
}

function filterOf(by: string, value: string): Readonly<Record<string, string>> | undefined {
  if (by.startsWith('tag:')) return { tag: `${by.slice('tag:'.length)}:${value}` }
  return ['route', 'key', 'user', 'team', 'model', 'status', 'error'].includes(by)
    ? { [by]: value }
    : undefined
}
