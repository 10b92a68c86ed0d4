import type { BreakerNews } from '../core/breaker-news.ts'
import type { KeyNews } from '../auth/key-news.ts'
import type { TargetReport } from '../gateway/plan/report.ts'
import type { CountAnswer, CountQuestion } from './counters.ts'
import type { SpoolRoom, UsageBatch, UsageWriterSetup } from './usage-writer.ts'
import type { ConfigStatus } from '../http/health.ts'
import type { LedgerAnswers, LedgerBatch, LimitAlertMessage } from './ledger-messages.ts'
import type { MetricsReport } from './metrics-reporter.ts'

/** What the primary tells a worker. Snapshots hold credentials: they travel over the worker's own pipe only. */
export type ToWorker =
  | {
      type: 'start'
      host: string
      port: number
      generation: number
      snapshot: string
      config: ConfigStatus
      keys: KeyNews
      /** Names this gateway among those that share its limits. */
      gateway: string
      /** Absent: no records are kept. */
      usage?: UsageWriterSetup
    }
  | SpoolRoom
  /** First phase of a reload: build the runtime, do not use it yet. */
  | { type: 'prepare'; generation: number; snapshot: string }
  /** Second phase: every worker could build it, so use it. */
  | { type: 'commit'; generation: number }
  /** Some worker could not build it: forget it. */
  | { type: 'discard'; generation: number }
  | { type: 'config'; config: ConfigStatus }
  | { type: 'drain'; timeoutMs: number }
  /** Another worker's breaker has changed. */
  | BreakerChange
  /** Asks what is known of the targets; the answer has the same `id`. */
  | { type: 'ask-targets'; id: number }
  /** Asks what was counted; the answer has the same `id`. */
  | { type: 'ask-metrics'; id: number }
  | { type: 'keys'; news: KeyNews }
  | CountAnswer
  | LedgerAnswers

/** What a worker tells the primary. */
export type ToPrimary =
  /** The worker hears now; what was sent to it before is lost. */
  | { type: 'hello' }
  | { type: 'listening'; generation: number }
  /** The worker cannot listen or cannot build its first runtime. `code` is Node's, such as EADDRINUSE. */
  | { type: 'failed'; code: string; message: string }
  /** The worker was to use a runtime that it never built; it runs an older one. */
  | { type: 'behind'; generation: number }
  | { type: 'prepared'; generation: number }
  | { type: 'refused'; generation: number; message: string }
  | BreakerChange
  | CountQuestion
  | LedgerBatch
  | LimitAlertMessage
  | { type: 'targets'; id: number; targets: TargetReport[] }
  | UsageBatch
  | MetricsReport

/** What a worker has found of a breaker. */
export interface BreakerChange extends BreakerNews {
  readonly type: 'breaker'
}
