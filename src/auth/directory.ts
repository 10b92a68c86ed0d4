import type { Identity } from '../core/identity.ts'
import { placed } from '../core/limits.ts'
import { digestOf } from './digest.ts'
import type { KeySource } from './gate.ts'
import type { KeyNews, People, StoredKey } from './key-news.ts'
import { looksLikeKey } from './new-key.ts'
import { cannotCheck, unauthorized } from './refusals.ts'

interface KnownKey {
  readonly identity: Identity
  readonly isEnabled: boolean
  /** Until when the key of this digest is taken. */
  readonly until: number
}

/**
 * The keys of the database, and its users and teams, as the primary told of them. Nothing is waited for. Keys are found
 * by a digest that only holders of the pepper can aim at, so how long looking takes tells nothing of other keys.
 */
export class Directory implements KeySource {
  #pepper: Buffer | undefined
  #isCurrent = false
  readonly #byDigest = new Map<string, KnownKey>()
  /** The database's digest by the plain one, of keys that were sent: the one with the pepper takes longer to make. */
  readonly #digests = new Map<string, string>()
  #users = new Map<string, People['users'][number]>()
  #teams = new Map<string, People['teams'][number]>()
  #completed = new WeakMap<Identity, Identity>()

  /** Take over what has changed. */
  receive({ pepper, isWhole, forget, learn, people, isCurrent }: KeyNews): void {
    if (pepper !== undefined) this.#pepper = Buffer.from(pepper, 'base64url')
    if (isWhole) this.#byDigest.clear()
    for (const digest of forget) this.#byDigest.delete(digest)
    for (const key of learn) this.#learn(key)
    this.#digests.clear()
    this.#isCurrent = isCurrent
    if (!people) return
    this.#users = new Map(people.users.map((user) => [user.id, user]))
    this.#teams = new Map(people.teams.map((team) => [team.id, team]))
    this.#completed = new WeakMap()
  }

  find(key: string, plainDigest: string): Identity {
    const digest = this.#digests.get(plainDigest) ?? this.#digestOf(key)
    const known = this.#byDigest.get(digest)
    // Made elsewhere a moment ago, perhaps.
    if (!known) throw this.#isCurrent ? unauthorized('unknown') : cannotCheck()
    if (!known.isEnabled) throw unauthorized('disabled', known.identity.id)
    if (known.until <= Date.now()) throw unauthorized('expired', known.identity.id)
    this.#digests.set(plainDigest, digest)
    return known.identity
  }

  complete(identity: Identity): Identity {
    const known = this.#completed.get(identity)
    if (known) return known
    const whole = this.#withPeople(identity)
    this.#completed.set(identity, whole)
    return whole
  }

  #digestOf(key: string): string {
    if (!looksLikeKey(key)) throw unauthorized('unknown')
    if (!this.#pepper) throw cannotCheck()
    return digestOf(key, this.#pepper)
  }

  #learn(key: StoredKey): void {
    const { digest, previousDigest, previousUntil, isEnabled } = key
    const identity = identityOf(key)
    const until = key.expiresAt ?? Number.POSITIVE_INFINITY
    if (previousDigest !== null) {
      this.#byDigest.set(previousDigest, { identity, isEnabled, until: Math.min(until, previousUntil ?? 0) })
    }
    this.#byDigest.set(digest, { identity, isEnabled, until })
  }

  /** The user's team is that of a key without one; both may be switched off, and the limits of both hold too. */
  #withPeople(identity: Identity): Identity {
    const user = identity.user === null ? undefined : this.#users.get(identity.user)
    const teamName = identity.team ?? user?.team ?? null
    const team = teamName === null ? undefined : this.#teams.get(teamName)
    if (user?.isEnabled === false || team?.isEnabled === false) throw unauthorized('disabled', identity.id)
    return {
      ...identity,
      team: teamName,
      tags: { ...team?.tags, ...identity.tags },
      limits: [
        ...identity.limits,
        ...(user ? placed(user.limits, { kind: 'user', name: user.id }) : []),
        ...(team ? placed(team.limits, { kind: 'team', name: team.id }) : []),
      ],
    }
  }
}

function identityOf({ id, name, user, team, tags, routes, limits }: StoredKey): Identity {
  return { by: 'key', id, name, user, team, tags, routes, limits: placed(limits, { kind: 'key', name: id }) }
}
