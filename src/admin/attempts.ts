/** How many wrong credentials an address may send in a time. */
export interface AttemptLimit {
  readonly most: number
  readonly perMs: number
}

/** Guesses cost time: an address that was wrong too often is not listened to for the rest of a minute. */
export const ATTEMPT_LIMIT: AttemptLimit = { most: 20, perMs: 60_000 }

/** Beyond this many addresses the oldest are forgotten. */
const MOST_ADDRESSES = 10_000

/** Counts wrong credentials by address. */
export class Attempts {
  readonly #limit: AttemptLimit
  readonly #now: () => number
  readonly #wrong = new Map<string, { count: number; until: number }>()

  constructor(limit: AttemptLimit, now: () => number) {
    this.#limit = limit
    this.#now = now
  }

  /** For how long the address is not listened to; 0 when it is. */
  blockedMs(address: string): number {
    const found = this.#wrong.get(address)
    if (!found || found.count < this.#limit.most) return 0
    return Math.max(found.until - this.#now(), 0)
  }

  /** One more that was wrong. */
  wrong(address: string): void {
    const now = this.#now()
    const found = this.#wrong.get(address)
    if (found && found.until > now) {
      found.count++
      return
    }
    this.#wrong.delete(address)
    this.#wrong.set(address, { count: 1, until: now + this.#limit.perMs })
    const [oldest] = this.#wrong.keys()
    if (this.#wrong.size > MOST_ADDRESSES && oldest !== undefined) this.#wrong.delete(oldest)
  }
}
