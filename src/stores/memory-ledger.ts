import { clock } from '../core/counters.ts'
import type { Claim, Ledger, LimitAlert, Standing, Verdict } from '../core/limits.ts'
import { Bucket } from './ledger/bucket.ts'
import { type Hold, holdAll, measureOf, settleAll } from './ledger/hold-all.ts'

export interface MemoryLedgerSetup {
  /** Milliseconds since 1970; one that never goes back by default. */
  readonly now?: () => number
  readonly tell?: (alert: LimitAlert) => void
}

/** Buckets that are kept before it is looked for those whose window is over. */
const FIRST_SWEEP = 10_000

/** Sums in the memory of one process: exact, because nothing happens between two steps of one call. */
export class MemoryLedger implements Ledger {
  readonly #now: () => number
  readonly #tell: (alert: LimitAlert) => void
  readonly #buckets = new Map<string, { bucket: Bucket; claim: Claim }>()
  readonly #open = new Map<string, readonly Hold[]>()
  #sweepAt = FIRST_SWEEP

  constructor({ now = clock, tell = (): void => undefined }: MemoryLedgerSetup = {}) {
    this.#now = now
    this.#tell = tell
  }

  /** Requests that are not settled yet. */
  get openCount(): number {
    return this.#open.size
  }

  has(bucket: string): boolean {
    return this.#buckets.has(bucket)
  }

  /** As if nobody had used anything: somebody else has counted meanwhile. */
  forget(): void {
    this.#buckets.clear()
  }

  /** What was used before this process began: amounts by when. Only for a bucket that is not there yet. */
  seed(claim: Claim, used: readonly { readonly piece: number; readonly amount: number }[]): void {
    if (this.#buckets.has(claim.bucket)) return
    const bucket = this.#bucketOf(claim)
    const measure = measureOf(claim.rule)
    bucket.moveTo(this.#now(), measure)
    for (const { piece, amount } of used) bucket.seed(piece, amount, measure)
    // Whoever counted that has told of it.
    bucket.crossed(this.#now(), measure)
  }

  reserve(id: string, claims: readonly Claim[]): Verdict {
    const now = this.#now()
    if (this.#open.has(id)) return this.#refuse(claims)
    if (this.#buckets.size >= this.#sweepAt) this.#sweep(now)
    const { verdict, holds } = holdAll({
      claims,
      now,
      bucketOf: (claim) => this.#bucketOf(claim),
      tell: this.#tell,
    })
    if (verdict.ok) this.#open.set(id, holds)
    return verdict
  }

  settle(id: string, amounts: readonly number[]): void {
    const holds = this.#open.get(id)
    if (!holds) return
    this.#open.delete(id)
    settleAll({
      holds,
      amounts,
      now: this.#now(),
      bucketOf: (name) => this.#buckets.get(name)?.bucket,
      tell: this.#tell,
    })
  }

  standings(claims: readonly Claim[]): readonly Standing[] {
    const now = this.#now()
    return claims.map(({ rule, bucket: name }) => {
      const bucket = this.#buckets.get(name)?.bucket ?? new Bucket()
      const measure = measureOf(rule)
      bucket.moveTo(now, measure)
      return bucket.standing(name, { now, measure })
    })
  }

  #refuse(claims: readonly Claim[]): Verdict {
    const standings = this.standings(claims)
    const [refused = NOTHING] = standings
    return { ok: false, refused, standings }
  }

  #bucketOf(claim: Claim): Bucket {
    const known = this.#buckets.get(claim.bucket)
    if (known) return known.bucket
    const bucket = new Bucket()
    this.#buckets.set(claim.bucket, { bucket, claim })
    return bucket
  }

  /** An empty bucket is as good as none. Doing this only when they have doubled costs next to nothing for each. */
  #sweep(now: number): void {
    for (const [name, { bucket, claim }] of this.#buckets) {
      bucket.moveTo(now, measureOf(claim.rule))
      if (bucket.isIdle) this.#buckets.delete(name)
    }
    this.#sweepAt = Math.max(this.#buckets.size * 2, FIRST_SWEEP)
  }
}

const NOTHING: Standing = { bucket: '', most: 0, used: 0, reserved: 0, resetMs: 1000 }
