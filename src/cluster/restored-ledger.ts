import type { UsageTable } from '../core/database.ts'
import { countedSpan, pieceAt } from '../core/limit-window.ts'
import { toNanoUsd, type Claim, type Ledger, type Standing, type Verdict } from '../core/limits.ts'
import type { MemoryLedger } from '../stores/index.ts'

export interface RestoredLedgerSetup {
  readonly ledger: MemoryLedger
  readonly usage: Pick<UsageTable, 'totals'>
  /** The process's own clock: what is later is counted by the ledger itself. */
  readonly now: () => number
  readonly warn: (message: string) => void
}

/** A window that is over before a gateway has started again needs no memory. */
const SHORTEST_MS = 60_000

/**
 * Sums in memory that a restart does not forget: the first request of each bucket brings back what the usage table has
 * of its present window.
 */
export class RestoredLedger implements Ledger {
  readonly #setup: RestoredLedgerSetup
  readonly #startedAt: number
  /** By bucket, while its past is looked for. */
  readonly #coming = new Map<string, Promise<void>>()

  constructor(setup: RestoredLedgerSetup) {
    this.#setup = setup
    this.#startedAt = setup.now()
  }

  reserve(id: string, claims: readonly Claim[]): Verdict | Promise<Verdict> {
    const { ledger } = this.#setup
    const coming = this.#restore(claims)
    return coming ? coming.then(() => ledger.reserve(id, claims)) : ledger.reserve(id, claims)
  }

  settle(id: string, amounts: readonly number[]): void {
    this.#setup.ledger.settle(id, amounts)
  }

  standings(claims: readonly Claim[]): readonly Standing[] | Promise<readonly Standing[]> {
    const { ledger } = this.#setup
    const coming = this.#restore(claims)
    return coming ? coming.then(() => ledger.standings(claims)) : ledger.standings(claims)
  }

  /** Undefined: nothing has to be waited for. */
  #restore(claims: readonly Claim[]): Promise<unknown> | undefined {
    const unknown = claims.filter(({ bucket }) => !this.#setup.ledger.has(bucket))
    return unknown.length > 0 ? Promise.all(unknown.map((claim) => this.#restoreOne(claim))) : undefined
  }

  #restoreOne(claim: Claim): Promise<void> {
    const coming = this.#coming.get(claim.bucket) ?? this.#look(claim)
    this.#coming.set(claim.bucket, coming)
    return coming
  }

  async #look(claim: Claim): Promise<void> {
    const { ledger, usage, warn } = this.#setup
    const { window } = claim.rule
    const since = countedSpan(window, this.#startedAt).start
    try {
      const isLong = window !== undefined && (window.kind === 'calendar' || window.ms >= SHORTEST_MS)
      const query = { ...claim.of, since, until: Math.ceil(this.#startedAt) }
      const [totals] = isLong ? await usage.totals(query, { dimensions: [] }) : []
      const amount = totals ? amountOf(claim, totals) : 0
      // Where in a rolling window it was used is not asked: it counts as if it were the latest.
      ledger.seed(claim, [{ piece: pieceAt(window, this.#startedAt), amount }])
    } catch {
      warn(
        `What was used of the limit ${claim.bucket} before the start is not known: it begins with nothing.`,
      )
      ledger.seed(claim, [])
    } finally {
      this.#coming.delete(claim.bucket)
    }
  }
}

interface Used {
  readonly requests: number
  readonly inputTokens: number
  readonly cacheReadTokens: number
  readonly outputTokens: number
  readonly costUsd: number
}

function amountOf(
  { rule }: Claim,
  { requests, inputTokens, cacheReadTokens, outputTokens, costUsd }: Used,
): number {
  switch (rule.meter) {
    case 'requests':
      return requests
    case 'tokens':
      return inputTokens + cacheReadTokens + outputTokens
    case 'cost':
      return toNanoUsd(costUsd)
    case 'concurrent':
      return 0
  }
}
