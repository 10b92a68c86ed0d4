import { clock } from '../core/counters.ts'
import type { UsageTable } from '../core/database.ts'
import type { Ledger } from '../core/limits.ts'
import { MemoryLedger } from '../stores/index.ts'
import { warnOfLimit } from './limit-warnings.ts'
import type { Logger } from './log.ts'
import { RestoredLedger } from './restored-ledger.ts'

/** The ledger of a primary. With a usage table it knows what was used before a restart. */
export function openLedger(log: Logger, usage: UsageTable | undefined): Ledger {
  const ledger = new MemoryLedger({ tell: (alert) => warnOfLimit(log, alert) })
  if (!usage) return ledger
  return new RestoredLedger({ ledger, usage, now: clock, warn: (message) => log.warn(message) })
}
