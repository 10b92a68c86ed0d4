import type { Secret } from '../core/secret.ts'

export interface FreshToken {
  token: Secret
  /** How long it is good for from now on. */
  lifeMs: number
}

/** A token is renewed this long before it expires. */
const MARGIN_MS = 60_000

/**
 * A token that is got when the first request needs it and again before it expires, once for all who wait. While a good
 * one is left, nobody waits.
 */
export class ExpiringToken {
  readonly #fetch: () => Promise<FreshToken>
  #token: Secret | undefined
  #expiresAt = 0
  #renewal: Promise<Secret> | undefined

  constructor(fetch: () => Promise<FreshToken>) {
    this.#fetch = fetch
  }

  /** Rejects with what the fetching rejects with; the next call tries again. */
  get(): Secret | Promise<Secret> {
    const leftMs = this.#expiresAt - Date.now()
    if (!this.#token || leftMs <= 0) return this.#renew()
    // Should this fail, the token of now is still good, and the next request tries again.
    if (leftMs < MARGIN_MS) this.#renew().catch(() => undefined)
    return this.#token
  }

  #renew(): Promise<Secret> {
    this.#renewal ??= this.#fetchOne().finally(() => {
      this.#renewal = undefined
    })
    return this.#renewal
  }

  async #fetchOne(): Promise<Secret> {
    const { token, lifeMs } = await this.#fetch()
    this.#token = token
    this.#expiresAt = Date.now() + lifeMs
    return token
  }
}
