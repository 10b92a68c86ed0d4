/** How fast old times are forgotten. */
const DECAY_MS = 10_000

/**
 * A moving average of times that jumps up at once and comes down slowly, so that a target which turns slow is left at
 * once. Undefined until something was measured.
 */
export class PeakEwma {
  #value: number | undefined
  #at = 0

  get value(): number | undefined {
    return this.#value
  }

  /** What it is worth now: less the longer nothing was measured, so that a target which was slow is tried again. */
  valueAt(now: number): number | undefined {
    return this.#value === undefined ? undefined : this.#value * this.#keptAt(now)
  }

  add(sample: number, now: number): void {
    if (this.#value === undefined || sample > this.#value) this.#value = sample
    else {
      const kept = this.#keptAt(now)
      this.#value = this.#value * kept + sample * (1 - kept)
    }
    this.#at = now
  }

  #keptAt(now: number): number {
    return Math.exp(-Math.max(now - this.#at, 0) / DECAY_MS)
  }
}
