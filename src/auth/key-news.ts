import type { KeyRow, TeamRow, UserRow } from '../core/database.ts'

/** What a worker needs to know of a virtual key of the database. The key itself is nowhere. */
export type StoredKey = Pick<
  KeyRow,
  | 'id'
  | 'name'
  | 'user'
  | 'team'
  | 'tags'
  | 'routes'
  | 'limits'
  | 'digest'
  | 'previousDigest'
  | 'previousUntil'
  | 'expiresAt'
  | 'isEnabled'
>

/** Users and teams: their limits hold for whoever calls as one of them, if they may call at all. */
export interface People {
  readonly users: readonly Pick<UserRow, 'id' | 'team' | 'limits' | 'isEnabled'>[]
  readonly teams: readonly Pick<TeamRow, 'id' | 'limits' | 'tags' | 'isEnabled'>[]
}

/** What is new of the keys of the database. It travels over a worker's own pipe only. */
export interface KeyNews {
  /** The secret of their digests, base64url; absent: as before. */
  readonly pepper?: string
  /** Nothing counts any more of what was known before. */
  readonly isWhole: boolean
  /** Digests that are those of no key, or of one in `learn`. */
  readonly forget: readonly string[]
  readonly learn: readonly StoredKey[]
  /** Absent: as before. */
  readonly people?: People
  /** Whether the database is answering, so that a key that is not known is none. */
  readonly isCurrent: boolean
}

/** The same without what nobody but the database needs. */
export function toStoredKey(row: KeyRow): StoredKey {
  const { id, name, user, team, tags, routes, limits } = row
  const { digest, previousDigest, previousUntil, expiresAt, isEnabled } = row
  const whose = { id, name, user, team, tags, routes, limits }
  return { ...whose, digest, previousDigest, previousUntil, expiresAt, isEnabled }
}
