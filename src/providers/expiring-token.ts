import type { Secret } from '../core/secret.ts'

export interface FreshToken<Token = Secret> {
  token: Token
  /** How long it is good for from now on. */
  lifeMs: number
}

/** A token is renewed this long before it expires. */
const MARGIN_MS = 60_000

/**
 * A token that is got when the first request needs it and again before it expires, once for all who wait. While a good
 * one is left, nobody waits.
 */
export class ExpiringToken<Token = Secret> {
  readonly #fetch: () => Promise<FreshToken<Token>>
  #token: Token | undefined
  #expiresAt = 0
  #renewal: Promise<Token> | undefined

  constructor(fetch: () => Promise<FreshToken<Token>>) {
    this.#fetch = fetch
  }

  /** Rejects with what the fetching rejects with; the next call tries again. */
  get(): Token | Promise<Token> {
    const leftMs = this.#expiresAt - Date.now()
    if (!this.#token || leftMs <= 0) return this.#renew()
    // Should this fail, the token of now is still good, and the next request tries again.
    if (leftMs < MARGIN_MS) this.#renew().catch(() => undefined)
    return this.#token
  }

  #renew(): Promise<Token> {
    this.#renewal ??= this.#fetchOne().finally(() => {
      this.#renewal = undefined
    })
    return this.#renewal
  }

  async #fetchOne(): Promise<Token> {
    const { token, lifeMs } = await this.#fetch()
    this.#token = token
    this.#expiresAt = Date.now() + lifeMs
    return token
  }
}
