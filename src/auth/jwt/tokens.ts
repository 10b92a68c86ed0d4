import { LRUCache } from 'lru-cache'
import { GatewayError } from '../../core/error.ts'
import type { Identity } from '../../core/identity.ts'
import { cannotCheck, unauthorized } from '../refusals.ts'
import { type Claims, identityOf, isMeant } from './claims.ts'
import type { Issuer } from './issuer.ts'
import { KeysUnavailable, type KeySets } from './key-set.ts'

/** A token that is good. */
export interface Verified {
  readonly claims: Claims
  readonly issuer: Issuer
  /** Milliseconds since 1970. */
  readonly expiresAt: number
}

const MAX_LENGTH = 16 * 1024
/** Clocks are never quite the same. */
const LEEWAY_S = 60
const KNOWN = 10_000
/** For so long a token that was good is not checked again: a key that its provider withdraws counts no longer. */
const KNOWN_MS = 5 * 60_000

/** Three parts of base64url, the first of which is an object. Source: RFC 7515 section 7.1 */
const TOKEN = /^eyJ[\w-]*\.[\w-]+\.[\w-]+$/

/** Whether a credential may be a token of an identity provider. */
export function looksLikeToken(credential: string): boolean {
  return credential.length <= MAX_LENGTH && TOKEN.test(credential)
}

/** Checks tokens of the identity providers of one configuration. */
export class Tokens {
  readonly #issuers: ReadonlyMap<string, Issuer>
  readonly #keySets: Pick<KeySets, 'of'>
  readonly #known = new LRUCache<string, { identity: Identity; until: number }>({ max: KNOWN })

  constructor(issuers: readonly Issuer[], keySets: Pick<KeySets, 'of'>) {
    this.#issuers = new Map(issuers.map((issuer) => [issuer.issuer, issuer]))
    this.#keySets = keySets
  }

  /** Whose a token is: at once when it was seen a moment ago. `digest` is its own. Fails as `Gatekeeper.admit` does. */
  find(token: string, digest: string): Identity | Promise<Identity> {
    const known = this.#known.get(digest)
    if (known && known.until > Date.now()) return known.identity
    return this.#find(token, digest)
  }

  async #find(token: string, digest: string): Promise<Identity> {
    const { claims, issuer, expiresAt } = await this.verify(token)
    const identity = identityOf(claims, issuer)
    this.#known.set(digest, { identity, until: Math.min(expiresAt, Date.now() + KNOWN_MS) })
    return identity
  }

  /** Rejects with a 401, or with a 503 when the keys of its issuer cannot be had. */
  async verify(token: string): Promise<Verified> {
    const { decodeJwt, errors, jwtVerify } = await import('jose')
    try {
      const issuer = looksLikeToken(token) ? this.#issuers.get(decodeJwt(token).iss ?? '') : undefined
      if (!issuer) throw unauthorized('unknown')
      const keys = this.#keySets.of(issuer)
      const { payload } = await jwtVerify(token, (header, flat) => keys.find(header, flat), {
        issuer: issuer.issuer,
        audience: [...issuer.audience],
        algorithms: [...issuer.algorithms],
        clockTolerance: LEEWAY_S,
        requiredClaims: ['sub', 'exp'],
      })
      if (!isMeant(payload, issuer)) throw unauthorized('invalid')
      return { claims: payload, issuer, expiresAt: ((payload.exp ?? 0) + LEEWAY_S) * 1000 }
    } catch (error) {
      if (error instanceof GatewayError) throw error
      if (error instanceof KeysUnavailable) throw cannotCheck(error)
      throw unauthorized(error instanceof errors.JWTExpired ? 'expired' : 'invalid')
    }
  }
}
