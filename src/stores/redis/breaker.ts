/** As many failures in a row open it, */
const FAILURES = 5
/** and then nothing is tried for so long. */
const COOLDOWN_MS = 30_000

/** Keeps work away from a server that does not answer. After a while one try is let through; its outcome decides. */
export class Breaker {
  #failures = 0
  #openUntil = 0

  get isOpen(): boolean {
    return this.#failures >= FAILURES
  }

  /** Whether to try now. Each try is to be followed by `succeeded` or `failed`. */
  allows(): boolean {
    if (!this.isOpen) return true
    const now = performance.now()
    if (now < this.#openUntil) return false
    // One try at a time: the others are held off until it has come back.
    this.#openUntil = now + COOLDOWN_MS
    return true
  }

  succeeded(): void {
    this.#failures = 0
  }

  failed(): void {
    this.#failures++
    if (this.isOpen) this.#openUntil = performance.now() + COOLDOWN_MS
  }
}
