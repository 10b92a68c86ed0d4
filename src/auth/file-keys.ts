import type { Identity, Tags } from '../core/identity.ts'
import { placed, type LimitRule } from '../core/limits.ts'
import type { Secret } from '../core/secret.ts'
import { unauthorized } from './refusals.ts'

/** A virtual key of the configuration file. The key itself is not part of it. */
export interface FileKey {
  readonly name: string
  /** As `plainDigestOf` makes it. A key that is not random enough could be found by it. */
  readonly digest: Secret
  readonly user: string | null
  readonly team: string | null
  readonly tags: Tags
  readonly routes: readonly string[]
  readonly limits: readonly LimitRule[]
  readonly expiresAt: number | null
  readonly isEnabled: boolean
  readonly metadata: Readonly<Record<string, unknown>>
}

/** The id of a key of the file: no key of the database has one like it. */
export function fileKeyId(name: string): string {
  return `file:${name}`
}

interface KnownKey {
  readonly identity: Identity
  readonly isEnabled: boolean
  readonly expiresAt: number
}

/** The keys of one configuration, by digest. */
export class FileKeys {
  readonly #byDigest: ReadonlyMap<string, KnownKey>

  constructor(keys: readonly FileKey[]) {
    this.#byDigest = new Map(keys.map((key) => [key.digest.reveal(), toKnown(key)]))
  }

  /** Undefined: there is no such key. Throws a 401 for one that is there and may not be used. */
  find(digest: string): Identity | undefined {
    const key = this.#byDigest.get(digest)
    if (!key) return undefined
    if (!key.isEnabled) throw unauthorized('disabled', key.identity.id)
    if (key.expiresAt <= Date.now()) throw unauthorized('expired', key.identity.id)
    return key.identity
  }
}

function toKnown({ name, user, team, tags, routes, limits, expiresAt, isEnabled }: FileKey): KnownKey {
  const id = fileKeyId(name)
  const own = placed(limits, { kind: 'key', name: id })
  return {
    identity: { by: 'key', id, name, user, team, tags, routes, limits: own },
    isEnabled,
    expiresAt: expiresAt ?? Number.POSITIVE_INFINITY,
  }
}
