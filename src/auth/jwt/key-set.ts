import type { JSONWebKeySet, JWTHeaderParameters, JWTVerifyGetKey } from 'jose'
import { EnvHttpProxyAgent, fetch } from 'undici'
import { asString, isObject } from '../../core/json.ts'
import type { Issuer } from './issuer.ts'

type Place = Pick<Issuer, 'issuer' | 'jwksUrl'>
type Header = JWTHeaderParameters
type Flat = Parameters<JWTVerifyGetKey>[1]
type Key = Awaited<ReturnType<JWTVerifyGetKey>>
type LocalSet = JWTVerifyGetKey

/** After so long keys are asked for anew, while the known ones go on to be used. */
const FRESH_MS = 10 * 60_000
/** For so long keys that were fetched are good while their provider does not answer. */
const USABLE_MS = 24 * 3_600_000
/** A key that is not known is asked for at most so often, whatever tokens say. */
const UNKNOWN_KEY_MS = 30_000
const RETRY_MS = 1_000
const TIMEOUT_MS = 5_000
const MAX_BYTES = 1024 * 1024

/** The keys of an identity provider cannot be had, so that nothing can be said of its tokens. */
export class KeysUnavailable extends Error {
  override readonly name = 'KeysUnavailable'
}

/** The public keys of one identity provider. */
export class KeySet {
  readonly #place: Place
  readonly #now: () => number
  #set: LocalSet | undefined
  #loadedAt = Number.NEGATIVE_INFINITY
  #triedAt = Number.NEGATIVE_INFINITY
  #isAway = false
  #loading: Promise<LocalSet> | undefined

  constructor(place: Place, now: () => number = () => performance.now()) {
    this.#place = place
    this.#now = now
  }

  /** The key that a token names. Rejects with `KeysUnavailable`, or with an error of jose's when there is none. */
  async find(header: Header, token: Flat): Promise<Key> {
    const { errors } = await import('jose')
    const set = await this.#current()
    try {
      return await set(header, token)
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error
      if (this.#now() - this.#triedAt >= UNKNOWN_KEY_MS) return (await this.#load())(header, token)
      // Its provider may have made it a moment ago.
      throw this.#isAway ? new KeysUnavailable('it did not answer just now') : error
    }
  }

  async #current(): Promise<LocalSet> {
    const age = this.#now() - this.#loadedAt
    if (!this.#set || age > USABLE_MS) return this.#load()
    if (age > FRESH_MS && this.#now() - this.#triedAt > UNKNOWN_KEY_MS) this.#load().catch(() => undefined)
    return this.#set
  }

  #load(): Promise<LocalSet> {
    this.#loading ??= this.#fetch().finally(() => (this.#loading = undefined))
    return this.#loading
  }

  async #fetch(): Promise<LocalSet> {
    if (this.#isAway && this.#now() - this.#triedAt < RETRY_MS)
      throw new KeysUnavailable('it did not answer just now')
    this.#triedAt = this.#now()
    try {
      const { createLocalJWKSet } = await import('jose')
      const keys = await fetchJson(this.#place.jwksUrl ?? (await discover(this.#place.issuer)))
      if (!isKeySet(keys)) throw new Error('the answer is no list of keys')
      this.#set = createLocalJWKSet(keys)
      this.#loadedAt = this.#now()
      this.#isAway = false
      return this.#set
    } catch (cause) {
      this.#isAway = true
      throw new KeysUnavailable(`the keys of ${this.#place.issuer} cannot be had`, { cause })
    }
  }
}

/** Key sets that outlive configurations, so that a reload needs nobody's answer. */
export class KeySets {
  readonly #sets = new Map<string, KeySet>()

  of({ issuer, jwksUrl }: Place): KeySet {
    const name = JSON.stringify([issuer, jwksUrl])
    const set = this.#sets.get(name) ?? new KeySet({ issuer, jwksUrl })
    this.#sets.set(name, set)
    return set
  }
}

/** Source: OpenID Connect Discovery 1.0, section 4 */
async function discover(issuer: string): Promise<string> {
  const found = await fetchJson(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`)
  const url = isObject(found) && found['issuer'] === issuer ? asString(found['jwks_uri']) : undefined
  if (url === undefined || !isSafeUrl(url))
    throw new Error('the OpenID configuration is not one of this issuer')
  return url
}

/** Whether what comes from there can be trusted: over TLS, or from this machine. */
export function isSafeUrl(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, hostname } = new URL(text)
  return protocol === 'https:' || (protocol === 'http:' && LOCAL.has(hostname))
}

const LOCAL: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]'])

let proxies: EnvHttpProxyAgent | undefined

async function fetchJson(url: string): Promise<unknown> {
  proxies ??= new EnvHttpProxyAgent()
  const { status, body } = await fetch(url, {
    dispatcher: proxies,
    redirect: 'error',
    headers: { accept: 'application/json', 'user-agent': 'mlflow-gateway' },
    signal: AbortSignal.timeout(TIMEOUT_MS),
  })
  const parts: Uint8Array[] = []
  let bytes = 0
  for await (const part of body ?? []) {
    bytes += part.length
    if (bytes > MAX_BYTES) throw new Error('the answer is too long')
    parts.push(part)
  }
  if (status !== 200) throw new Error(`it answered ${status}`)
  const value: unknown = JSON.parse(Buffer.concat(parts).toString())
  return value
}

function isKeySet(value: unknown): value is JSONWebKeySet {
  return isObject(value) && Array.isArray(value['keys']) && value['keys'].every(isObject)
}
