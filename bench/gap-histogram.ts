/** Times between the parts of streams, in milliseconds. */
export interface Gaps {
  readonly count: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly mostMs: number
}

const BUCKETS_PER_MS = 4
const LONGEST_MS = 10_000

/** Counts gaps by quarters of a millisecond: millions of them cost no memory, and next to no time. */
export class GapHistogram {
  readonly #counts = new Uint32Array(LONGEST_MS * BUCKETS_PER_MS + 1)
  #count = 0
  #most = 0

  add(ms: number): void {
    const bucket = Math.min(Math.trunc(ms * BUCKETS_PER_MS), this.#counts.length - 1)
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1
    this.#count += 1
    if (ms > this.#most) this.#most = ms
  }

  summary(): Gaps {
    return {
      count: this.#count,
      p50Ms: this.#percentile(50),
      p99Ms: this.#percentile(99),
      mostMs: this.#most,
    }
  }

  /** The upper end of the bucket in which the nearest rank lies; NaN of nothing. */
  #percentile(percent: number): number {
    const rank = Math.ceil((percent / 100) * this.#count)
    let seen = 0
    for (const [bucket, count] of this.#counts.entries()) {
      seen += count
      if (count > 0 && seen >= rank) return (bucket + 1) / BUCKETS_PER_MS
    }
    return Number.NaN
  }
}
