import type { KeySource } from '../../auth/gate.ts'
import { KeySets } from '../../auth/jwt/key-set.ts'
import { MemoryCounters, type Counters } from '../../core/counters.ts'
import { RetryBudget } from '../../gateway/plan/retry-budget.ts'
import { TargetStates } from '../../gateway/plan/target-state.ts'
import type { Recorder } from '../../gateway/record.ts'
import type { ServerConfig } from '../schema.ts'
import type { Ledger } from '../../core/limits.ts'
import { MemoryLedger, Stores } from '../../stores/index.ts'

/** What a worker keeps while configurations come and go. */
export interface WorkerState {
  readonly states: TargetStates
  readonly budget: RetryBudget
  readonly counters: Counters
  /** Sums of limits as such a configuration wants them; they hold across the workers of a gateway at least. */
  readonly ledgerOf: (server: LedgerPlace) => Ledger
  readonly record: Recorder
  readonly stores: Stores
  /** The keys of the database; absent where there is none. */
  readonly keys?: KeySource
  /** Keys of identity providers. */
  readonly keySets: KeySets
  /** Which of the workers this is, from 0. */
  readonly index: number
}

/** What says where the sums of limits are. */
export type LedgerPlace = Pick<ServerConfig, 'redisUrl' | 'limits'>

/** Of a process that has no others beside it, unless told. */
export function newWorkerState(given: Partial<WorkerState> = {}): WorkerState {
  const ledger = new MemoryLedger()
  return {
    states: new TargetStates(),
    budget: new RetryBudget(),
    counters: new MemoryCounters(),
    ledgerOf: () => ledger,
    record: () => undefined,
    stores: new Stores(() => undefined),
    keySets: new KeySets(),
    index: 0,
    ...given,
  }
}
