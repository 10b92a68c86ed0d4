import { countedSpan } from '../../core/limit-window.ts'
import type { HeldBuckets } from '../../core/database.ts'
import type { Claim } from '../../core/limits.ts'
import { Bucket } from './bucket.ts'
import { type Hold, measureOf } from './hold-all.ts'

/** What is kept of a bucket that nobody touches, after its window. */
const GRACE_MS = 60_000
const DAY_MS = 86_400_000

/** A bucket in a database: its sums, and who has reserved how much of it. */
export class KeptBucket {
  readonly bucket: Bucket
  readonly #claim: Claim
  readonly #reservedBy: Map<string, number>

  constructor(held: HeldBuckets, claim: Claim) {
    const text = held.get(claim.bucket)
    const kept = text === undefined ? undefined : parse(text)
    this.bucket = new Bucket(kept?.state)
    this.#claim = claim
    this.#reservedBy = new Map(kept?.reservedBy)
    this.bucket.moveTo(held.now, measureOf(claim.rule))
    if (this.bucket.reserved === 0) this.#reservedBy.clear()
    for (const [holder, amount] of this.#reservedBy) if (!held.isAlive(holder)) this.#give(holder, amount)
  }

  reserved(holder: string, amount: number): void {
    this.#reservedBy.set(holder, (this.#reservedBy.get(holder) ?? 0) + amount)
  }

  /** What this holder has there still: it may have been taken for dead. */
  holdOf(holder: string, hold: Hold): Hold {
    return { ...hold, reserved: Math.min(hold.reserved, this.#reservedBy.get(holder) ?? 0) }
  }

  released(holder: string, amount: number): void {
    const left = (this.#reservedBy.get(holder) ?? 0) - amount
    if (left > 0) this.#reservedBy.set(holder, left)
    else this.#reservedBy.delete(holder)
  }

  write(held: HeldBuckets): void {
    const { window } = this.#claim.rule
    const state = { state: this.bucket.state(), reservedBy: [...this.#reservedBy] }
    const end =
      window?.kind === 'calendar' ? countedSpan(window, held.now).end : held.now + (window?.ms ?? DAY_MS) * 2
    held.set(this.#claim.bucket, JSON.stringify(state), end + GRACE_MS)
  }

  #give(holder: string, amount: number): void {
    this.bucket.giveBack(amount)
    this.#reservedBy.delete(holder)
  }
}

interface Kept {
  readonly state: ReturnType<Bucket['state']>
  readonly reservedBy: readonly (readonly [string, number])[]
}

function parse(text: string): Kept {
  const kept: Kept = JSON.parse(text)
  return kept
}
