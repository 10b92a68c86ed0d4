import type { Dialect } from '../core/dialect.ts'

/** The same dialect below another path, without its lookups: MLflow 3 has each provider's API below `/gateway`. */
export function under(prefix: string, dialect: Dialect): Dialect {
  const moved = <Place extends { path: string }>(place: Place): Place => ({ ...place, path: prefix + place.path })
  return {
    ...dialect,
    endpoints: dialect.endpoints.map(moved),
    uploads: (dialect.uploads ?? []).map(moved),
    lookups: [],
  }
}
