import { isSameRule, type Claim, type Ledger, type LimitRule, type Standing } from '../core/limits.ts'
import type { Verdict } from '../core/limits.ts'
import { Leases } from './leases.ts'
import { toStandings, type BareStanding, type BucketInfo } from './ledger-messages.ts'
import type { LedgerAnswers, LedgerBatch, LedgerStep } from './ledger-messages.ts'

export interface PrimaryLedgerSetup {
  /** Sends a batch; false says that the pipe is full or closed. */
  send(batch: LedgerBatch): boolean
  /** Decides while the primary is silent. */
  readonly fallback: Ledger
  /** A primary that says nothing for so long is silent; 1000. */
  readonly timeoutMs?: number
}

/** A primary that has said nothing for so long is stuck, and requests cannot wait for it. */
const ANSWER_TIMEOUT_MS = 1000
/** A timer that comes so late was kept by this process itself. */
const LAG_MS = 100
/** Buckets that have a number; beyond it the numbers begin anew. */
const MAX_KNOWN = 50_000

interface Waiting {
  readonly since: number
  answer(refused: number, standings: readonly BareStanding[]): void
  giveUp(): void
}

/**
 * A worker's way to sums that hold across all workers: what it has leased it lets through itself, for all else it asks the
 * primary, for all that came up in one turn of its loop in one message. While the primary is silent the fallback decides, so a limit is looser then but never gone.
 */
export class PrimaryLedger implements Ledger {
  readonly #setup: PrimaryLedgerSetup
  readonly #leases = new Leases({
    say: (lease, claim, rest) => this.#push(['lease', lease, this.#numberOf(claim), ...rest]),
  })
  readonly #numbers = new Map<string, number>()
  readonly #waiting = new Map<number, Waiting>()
  /** By name of the bucket; with the rule as the primary knows it. */
  readonly #known = new Map<string, { number: number; rule: LimitRule }>()
  #news: [number, BucketInfo][] = []
  #isFresh = false
  #steps: LedgerStep[] = []
  #lastNumber = 0
  #isSilent = false
  #isPipeFull = false
  #isWatched = false
  #heardAt = 0

  constructor(setup: PrimaryLedgerSetup) {
    this.#setup = setup
  }

  reserve(id: string, claims: readonly Claim[]): Verdict | Promise<Verdict> {
    const { fallback } = this.#setup
    if (this.#numbers.has(id) || this.#leases.has(id))
      throw new Error(`the request ${id} has reserved already`)
    const verdict = this.#leases.take(id, claims)
    if (verdict) return verdict
    // Not said to the primary either: what it cannot read now it would read as news later.
    if (this.#isPipeFull) return fallback.reserve(id, claims)
    const n = ++this.#lastNumber
    this.#numbers.set(id, n)
    this.#push(['reserve', n, claims.map((claim) => [this.#numberOf(claim), claim.amount] as const)])
    if (this.#isSilent) return fallback.reserve(id, claims)
    return new Promise((resolve) => {
      this.#wait(n, {
        since: performance.now(),
        answer: (refused, bares) => resolve(this.#verdict(id, { claims, refused, bares })),
        giveUp: () => resolve(fallback.reserve(id, claims)),
      })
    })
  }

  settle(id: string, amounts: readonly number[]): void {
    if (this.#leases.settle(id, amounts)) return
    this.#setup.fallback.settle(id, amounts)
    const n = this.#numbers.get(id)
    if (n === undefined) return
    this.#numbers.delete(id)
    this.#push(['settle', n, amounts])
  }

  standings(claims: readonly Claim[]): readonly Standing[] | Promise<readonly Standing[]> {
    const { fallback } = this.#setup
    if (this.#isSilent || this.#isPipeFull) return fallback.standings(claims)
    this.#leases.report(claims)
    const n = ++this.#lastNumber
    this.#push(['look', n, claims.map((claim) => this.#numberOf(claim))])
    return new Promise((resolve) => {
      this.#wait(n, {
        since: performance.now(),
        answer: (_refused, bares) => resolve(toStandings(claims, bares)),
        giveUp: () => resolve(fallback.standings(claims)),
      })
    })
  }

  /** The primary answered. One that does is no longer silent, and reads its pipe. */
  receive({ answers, leases = [], recalled = [] }: LedgerAnswers): void {
    this.#isSilent = false
    this.#isPipeFull = false
    this.#heardAt = performance.now()
    for (const [n, refused, standings] of answers) {
      const waiting = this.#waiting.get(n)
      this.#waiting.delete(n)
      waiting?.answer(refused, standings)
    }
    for (const answer of leases) this.#leases.receive(answer)
    this.#leases.recall(recalled)
  }

  #verdict(
    id: string,
    { claims, refused, bares }: { claims: readonly Claim[]; refused: number; bares: readonly BareStanding[] },
  ): Verdict {
    const standings = toStandings(claims, bares)
    const standing = standings[refused]
    if (!standing) return { ok: true, standings }
    this.#numbers.delete(id)
    return { ok: false, refused: standing, standings }
  }

  #numberOf({ bucket, rule, of }: Claim): number {
    const known = this.#known.get(bucket)
    if (known && isSameRule(known.rule, rule)) return known.number
    const number = known?.number ?? this.#known.size
    this.#known.set(bucket, { number, rule })
    this.#news.push([number, { bucket, rule, of }])
    return number
  }

  /** Nothing more will be reserved here: what is leased goes back. */
  close(): void {
    this.#leases.close()
    this.#flush()
  }

  #push(step: LedgerStep): void {
    this.#steps.push(step)
    if (this.#steps.length === 1) setImmediate(() => this.#flush())
  }

  #flush(): void {
    if (this.#steps.length === 0) return
    const batch: LedgerBatch = {
      type: 'ledger',
      ...(this.#isFresh && { isFresh: true }),
      ...(this.#news.length > 0 && { known: this.#news }),
      steps: this.#steps,
    }
    this.#steps = []
    this.#news = []
    this.#isFresh = false
    if (this.#known.size > MAX_KNOWN) this.#forget()
    this.#isPipeFull = !this.#setup.send(batch)
  }

  #forget(): void {
    this.#known.clear()
    this.#isFresh = true
  }

  #wait(n: number, waiting: Waiting): void {
    this.#waiting.set(n, waiting)
    if (!this.#isWatched) this.#look(this.#timeoutMs)
  }

  get #timeoutMs(): number {
    return this.#setup.timeoutMs ?? ANSWER_TIMEOUT_MS
  }

  /** One timer for all: it looks at the one that has waited longest. */
  #look(ms: number): void {
    this.#isWatched = true
    const dueAt = performance.now() + ms
    setTimeout(() => {
      this.#isWatched = false
      // A worker that was busy itself has not read yet what the primary said.
      if (performance.now() - dueAt > LAG_MS) this.#heardAt = performance.now()
      const [oldest] = this.#waiting.values()
      if (!oldest) return
      const left = Math.max(oldest.since, this.#heardAt) + this.#timeoutMs - performance.now()
      if (left <= 0) this.#giveUp()
      else this.#look(left)
    }, ms)
  }

  #giveUp(): void {
    this.#isSilent = true
    const given = [...this.#waiting.values()]
    this.#waiting.clear()
    for (const waiting of given) waiting.giveUp()
  }
}
