import { isDeepStrictEqual } from 'node:util'

type Values = Readonly<Record<string, unknown>>

/** What the audit log shows of a change: the fields that are other than before, and never a secret one. */
export function changedFields(
  before: Values | undefined,
  after: Values | undefined,
  secret: ReadonlySet<string>,
): { before: Values | null; after: Values | null } {
  const names = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])].filter(
    (name) => !secret.has(name) && !(before && after && isDeepStrictEqual(before[name], after[name])),
  )
  return { before: before ? pick(before, names) : null, after: after ? pick(after, names) : null }
}

function pick(values: Values, names: readonly string[]): Values {
  return Object.fromEntries(names.flatMap((name) => (name in values ? [[name, values[name]]] : [])))
}
