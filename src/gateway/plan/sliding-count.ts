const BUCKETS = 10

/** How often something happened within the last `windowMs`, to a tenth of it. */
export class SlidingCount {
  readonly #bucketMs: number
  readonly #counts: number[] = Array.from({ length: BUCKETS }, () => 0)
  #latest = 0

  constructor(windowMs: number) {
    // A window of no length would have no end of buckets.
    this.#bucketMs = Math.max(windowMs, 1) / BUCKETS
  }

  add(now: number): void {
    this.#moveTo(now)
    const index = this.#latest % BUCKETS
    this.#counts[index] = (this.#counts[index] ?? 0) + 1
  }

  total(now: number): number {
    this.#moveTo(now)
    let total = 0
    for (const count of this.#counts) total += count
    return total
  }

  /** Forgets the buckets that time has passed. */
  #moveTo(now: number): void {
    const bucket = Math.floor(now / this.#bucketMs)
    if (bucket <= this.#latest) return
    const first = Math.max(this.#latest + 1, bucket - BUCKETS + 1)
    for (let passed = first; passed <= bucket; passed++) this.#counts[passed % BUCKETS] = 0
    this.#latest = bucket
  }
}
