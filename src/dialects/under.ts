import type { Dialect } from '../core/dialect.ts'

/**
 * The same dialect below another path, without its lookups: MLflow 3 has each provider's API below `/gateway`. What the
 * dialect has below the same name already (`/anthropic`) is not repeated there.
 */
export function under(prefix: string, dialect: Dialect): Dialect {
  const name = `${prefix.slice(prefix.lastIndexOf('/'))}/`
  const move = <Place extends { path: string }>(places: readonly Place[]): Place[] =>
    places.flatMap((place) => (place.path.startsWith(name) ? [] : { ...place, path: prefix + place.path }))
  return {
    ...dialect,
    endpoints: move(dialect.endpoints),
    uploads: move(dialect.uploads ?? []),
    lookups: [],
  }
}
