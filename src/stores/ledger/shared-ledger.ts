import type { BucketTable, HeldBuckets } from '../../core/database.ts'
import { pieceAt } from '../../core/limit-window.ts'
import type { Claim, Ledger, LimitAlert, Standing, Verdict } from '../../core/limits.ts'
import type { Bucket } from './bucket.ts'
import { type Hold, holdAll, measureOf, settleAll } from './hold-all.ts'
import { KeptBucket } from './kept-bucket.ts'

export interface SharedLedgerSetup {
  readonly buckets: BucketTable
  /** Which gateway it is. What it has reserved is free when it shows no sign of life. */
  readonly holder: string
  /** Decides while the database cannot. */
  readonly fallback: Ledger
  readonly tell: (alert: LimitAlert) => void
  readonly report: (message: string) => void
  /** How many gateways use this database, whenever that has been heard. */
  readonly heard?: (gateways: number) => void
  /** The database decides again. */
  readonly back?: () => void
  /** The most that a request waits for it; 500. */
  readonly timeoutMs?: number
}

/** How often it shows that it lives. */
const BEAT_MS = 5_000
/** While it is away it is looked for so often. */
const SEEK_MS = 1_000
/** Steps in one transaction. */
const MOST_AT_ONCE = 500
const LAST_MS = 2_000
const MOST_WAITING = 10_000

type Step =
  | {
      readonly what: 'reserve'
      readonly id: string
      readonly claims: readonly Claim[]
      /** Undefined: it could not be done. */
      readonly resolve: (verdict: Verdict | undefined) => void
      /** Nobody waits for it any more. */
      isGivenUp: boolean
    }
  | { readonly what: 'settle'; readonly holds: readonly Hold[]; readonly amounts: readonly number[] }
  | {
      readonly what: 'look'
      readonly claims: readonly Claim[]
      readonly resolve: (standings: readonly Standing[] | undefined) => void
    }

/**
 * Sums in a database that several gateways share: what is asked at one moment is done in one transaction, and while that is
 * under way the next one fills. While the database is away the fallback decides, and what was used is told to it later.
 */
export class SharedLedger implements Ledger {
  readonly #setup: SharedLedgerSetup
  /** By request; of one that the fallback let through its claims. */
  readonly #open = new Map<string, readonly Hold[] | { readonly local: readonly Claim[] }>()
  #steps: Step[] = []
  #isBusy = false
  #running: Promise<void> = Promise.resolve()
  #isUp = true
  #isClosed = false
  #beat: NodeJS.Timeout | undefined

  constructor(setup: SharedLedgerSetup) {
    this.#setup = setup
    void this.#live()
  }

  async reserve(id: string, claims: readonly Claim[]): Promise<Verdict> {
    if (this.#open.has(id)) throw new Error(`the request ${id} has reserved already`)
    this.#open.set(id, [])
    const verdict = this.#isUp ? await this.#ask(id, claims) : undefined
    if (verdict) return verdict
    try {
      const local = await this.#setup.fallback.reserve(id, claims)
      if (local.ok) this.#open.set(id, { local: claims })
      else this.#open.delete(id)
      return local
    } catch (error) {
      this.#open.delete(id)
      throw error
    }
  }

  settle(id: string, amounts: readonly number[]): void {
    const open = this.#open.get(id)
    if (!open) return
    this.#open.delete(id)
    if (!('local' in open)) {
      this.#push({ what: 'settle', holds: open, amounts })
      return
    }
    this.#setup.fallback.settle(id, amounts)
    if (amounts.every((amount) => amount === 0)) return
    const now = Date.now()
    const holds = open.local.map((claim): Hold => {
      return { bucket: claim.bucket, claim, reserved: 0, piece: pieceAt(claim.rule.window, now) }
    })
    this.#push({ what: 'settle', holds, amounts })
  }

  async standings(claims: readonly Claim[]): Promise<readonly Standing[]> {
    const found = this.#isUp
      ? await new Promise<readonly Standing[] | undefined>((resolve) => {
          this.#push({ what: 'look', claims, resolve })
        })
      : undefined
    return found ?? this.#setup.fallback.standings(claims)
  }

  /** What has ended is kept, if that does not take long; what is under way here is free at once. */
  async close(): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#beat)
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, LAST_MS)
    })
    await Promise.race([this.#running, late])
    clearTimeout(timer)
    await this.#setup.buckets.leave(this.#setup.holder).catch(() => undefined)
  }

  #ask(id: string, claims: readonly Claim[]): Promise<Verdict | undefined> {
    return new Promise((resolve) => {
      const { timeoutMs = 500 } = this.#setup
      const timer = setTimeout(() => {
        step.isGivenUp = true
        this.#away('it does not answer')
        resolve(undefined)
      }, timeoutMs)
      const step: Step & { what: 'reserve' } = {
        what: 'reserve',
        id,
        claims,
        isGivenUp: false,
        resolve: (verdict) => {
          clearTimeout(timer)
          resolve(verdict)
        },
      }
      this.#push(step)
    })
  }

  #push(step: Step): void {
    if (this.#steps.length >= MOST_WAITING && step.what === 'settle') return
    this.#steps.push(step)
    if (this.#isBusy || !this.#isUp) return
    this.#isBusy = true
    // All that comes up in this turn of the loop goes together.
    this.#running = new Promise((resolve) => {
      setImmediate(() => resolve(this.#run()))
    })
  }

  async #run(): Promise<void> {
    while (this.#steps.length > 0 && this.#isUp) {
      const steps = this.#steps.splice(0, MOST_AT_ONCE)
      try {
        const { buckets, holder } = this.#setup
        const done = await buckets.change(holder, steps.flatMap(namesOf), (held) => this.#take(held, steps))
        for (const tell of done) tell()
      } catch (error) {
        this.#away(error instanceof Error ? error.message : String(error))
        this.#fail(steps)
      }
    }
    this.#isBusy = false
  }

  /** What is to be told once it is kept. */
  #take(held: HeldBuckets, steps: readonly Step[]): (() => void)[] {
    const { holder, tell } = this.#setup
    const kept = new Map<string, KeptBucket>()
    const keptOf = (claim: Claim): KeptBucket => {
      const known = kept.get(claim.bucket) ?? new KeptBucket(held, claim)
      kept.set(claim.bucket, known)
      return known
    }
    const done: (() => void)[] = []
    const { now } = held
    const later = (alert: LimitAlert): void => void done.push(() => tell(alert))
    for (const step of steps) {
      if (step.what === 'settle') {
        this.#settle(step, { keptOf, now, holder, later })
        continue
      }
      if (step.what === 'look') {
        const standings = step.claims.map((claim) =>
          keptOf(claim).bucket.standing(claim.bucket, { now, measure: measureOf(claim.rule) }),
        )
        done.push(() => step.resolve(standings))
        continue
      }
      if (step.isGivenUp) continue
      const bucketOf = (claim: Claim): Bucket => keptOf(claim).bucket
      const { verdict, holds } = holdAll({ claims: step.claims, now, bucketOf, tell: later })
      for (const hold of holds) keptOf(hold.claim).reserved(holder, hold.reserved)
      done.push(() => this.#answer(step, verdict, holds))
    }
    for (const one of kept.values()) one.write(held)
    return done
  }

  #settle(
    { holds: given, amounts }: Step & { what: 'settle' },
    { keptOf, now, holder, later }: Settling,
  ): void {
    const holds = given.map((hold) => keptOf(hold.claim).holdOf(holder, hold))
    const buckets = new Map(holds.map((hold) => [hold.bucket, keptOf(hold.claim)]))
    const before = new Map([...buckets].map(([name, { bucket }]) => [name, bucket.reserved]))
    settleAll({ holds, amounts, now, bucketOf: (name) => buckets.get(name)?.bucket, tell: later })
    for (const [name, one] of buckets) one.released(holder, (before.get(name) ?? 0) - one.bucket.reserved)
  }

  #answer(step: Step & { what: 'reserve' }, verdict: Verdict, holds: readonly Hold[]): void {
    if (step.isGivenUp) {
      // The fallback has decided meanwhile.
      if (verdict.ok) this.#push({ what: 'settle', holds, amounts: [] })
      return
    }
    if (verdict.ok) this.#open.set(step.id, holds)
    else this.#open.delete(step.id)
    step.resolve(verdict)
  }

  /** Those who wait are told; what was used is kept for later. */
  #fail(steps: readonly Step[]): void {
    const waiting = [...steps, ...this.#steps]
    this.#steps = waiting.filter(({ what }) => what === 'settle')
    for (const step of waiting) if (step.what !== 'settle') step.resolve(undefined)
  }

  #away(reason: string): void {
    if (!this.#isUp || this.#isClosed) return
    this.#isUp = false
    this.#setup.report(
      `The database does not keep limits at present: they go by "on_store_failure". ${reason}`,
    )
    this.#next(SEEK_MS)
  }

  async #live(): Promise<void> {
    const { buckets, holder, heard, report, back } = this.#setup
    try {
      const gateways = await buckets.stayAlive(holder)
      heard?.(Math.max(gateways, 1))
      if (!this.#isUp) {
        this.#isUp = true
        report('The database keeps limits again.')
        back?.()
        if (!this.#isBusy) {
          this.#isBusy = true
          this.#running = this.#run()
        }
      }
    } catch (error) {
      this.#away(error instanceof Error ? error.message : String(error))
    }
    this.#next(this.#isUp ? BEAT_MS : SEEK_MS)
  }

  #next(ms: number): void {
    clearTimeout(this.#beat)
    if (!this.#isClosed) this.#beat = setTimeout(() => void this.#live(), ms).unref()
  }
}

interface Settling {
  readonly keptOf: (claim: Claim) => KeptBucket
  readonly now: number
  readonly holder: string
  readonly later: (alert: LimitAlert) => void
}

function namesOf(step: Step): string[] {
  return step.what === 'settle'
    ? step.holds.map(({ bucket }) => bucket)
    : step.claims.map(({ bucket }) => bucket)
}
