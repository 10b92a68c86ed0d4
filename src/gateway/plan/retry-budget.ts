import { SlidingCount } from './sliding-count.ts'

const WINDOW_MS = 10_000
const SHARE = 0.2
const LEAST = 3

/**
 * What stops retry storms: a worker repeats no more than a fifth of its requests of the last ten seconds, and three at
 * least. It counts over all routes.
 */
export class RetryBudget {
  readonly #requests = new SlidingCount(WINDOW_MS)
  readonly #retries = new SlidingCount(WINDOW_MS)

  request(now: number): void {
    this.#requests.add(now)
  }

  /** Whether one more repetition is within the budget; it is counted when it is. */
  take(now: number): boolean {
    if (this.#retries.total(now) >= Math.max(LEAST, SHARE * this.#requests.total(now))) return false
    this.#retries.add(now)
    return true
  }
}
