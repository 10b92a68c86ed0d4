import type { UsageTable, UsageTotals } from '../core/database.ts'
import { countedSpan, pieceAt } from '../core/limit-window.ts'
import { toNanoUsd, type Claim, type Ledger, type Standing, type Verdict } from '../core/limits.ts'
import type { MemoryLedger } from '../stores/index.ts'

export interface RestoredLedgerSetup {
  readonly ledger: MemoryLedger
  readonly usage: Pick<UsageTable, 'totals'>
  /** The process's own clock: what is later than a bucket's first request is counted by the ledger itself. */
  readonly now: () => number
  /** How many gateways write into the table, each of which counts its share. */
  readonly gateways: () => number
  /** Resolves when what was used before is in the table. */
  readonly complete: () => Promise<void>
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
  /** By bucket, while its past is looked for. */
  readonly #coming = new Map<string, Promise<void>>()

  constructor(setup: RestoredLedgerSetup) {
    this.#setup = setup
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

  /** Somebody else has counted meanwhile: the table is asked again. */
  forget(): void {
    this.#setup.ledger.forget()
  }

  async #look(claim: Claim): Promise<void> {
    const { ledger, usage, gateways, complete, now, warn } = this.#setup
    const { window } = claim.rule
    const firstAt = now()
    const since = countedSpan(window, firstAt).start
    try {
      const isLong = window !== undefined && (window.kind === 'calendar' || window.ms >= SHORTEST_MS)
      const query = { ...claim.of, since, until: Math.ceil(firstAt) }
      if (isLong) await complete()
      const totals = isLong ? await usage.totals(query, { dimensions: ['target', 'error'] }) : []
      const used = totals.filter(wasLetIn).reduce((sum, row) => sum + amountOf(claim, row), 0)
      const amount = Math.ceil(used / gateways())
      // Where in a rolling window it was used is not asked: it counts as if it were the latest.
      ledger.seed(claim, [{ piece: pieceAt(window, firstAt), amount }])
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

/** Requests that failed before a provider was asked are in the table too: no limit had let them in. */
function wasLetIn({ group: [target, error] }: UsageTotals): boolean {
  return target !== null || error === null
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
