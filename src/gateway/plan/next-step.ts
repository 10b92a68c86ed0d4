import type { ErrorKind, GatewayError } from '../../core/error.ts'
import type { RetrySettings } from '../../core/plan-settings.ts'
import type { AttemptReason } from '../../core/trail.ts'
import { backoffMs } from './backoff.ts'
import type { PlanTarget } from './plan.ts'

/** What is known when an attempt has failed. */
export interface Situation {
  readonly error: GatewayError
  readonly failed: PlanTarget
  readonly settings: RetrySettings
  /** Attempts on the plan's own targets so far, the failed one included. */
  readonly attempts: number
  /** How many of them repeated a target. */
  readonly repetitions: number
  readonly remainingMs: number
  /** From 0 to 1. */
  readonly random: number
  /** A healthy target that was not tried. */
  other(): PlanTarget | undefined
  /** Whether the failed one may be tried once more: not when its breaker has just opened. */
  readonly mayRepeat: boolean
  /** Whether the fleet may repeat at all now; it is counted when it may. */
  takeRetry(): boolean
}

export interface Step {
  readonly target: PlanTarget
  readonly reason: AttemptReason
  readonly waitMs: number
}

/** Failures of this target or key alone, for good: others of the route may do. */
const WORTH_ANOTHER: ReadonlySet<ErrorKind> = new Set<ErrorKind>(['auth', 'model_not_found'])

/**
 * What to try next on a plan's own targets, or undefined when it is time for a fallback or the end. Never anything after a
 * mistake of the caller's. Another healthy target comes first, at once; then the same one, after a wait that fits into
 * the deadline.
 */
export function nextStep(situation: Situation): Step | undefined {
  const { error, failed, settings, attempts, repetitions, remainingMs } = situation
  if (attempts > settings.max || remainingMs <= 0) return undefined
  if (!error.retryable && !WORTH_ANOTHER.has(error.kind)) return undefined
  const other = situation.other()
  if (other) return { target: other, reason: 'failover', waitMs: 0 }
  if (!error.retryable || !situation.mayRepeat) return undefined
  const waitMs = backoffMs(settings, error, { repetition: repetitions + 1, random: situation.random })
  if (waitMs === undefined || waitMs >= remainingMs || !situation.takeRetry()) return undefined
  return { target: failed, reason: 'retry', waitMs }
}

/** The classes of failures that a fallback may be for. */
export const FALLBACK_KINDS: readonly ErrorKind[] = [
  'connect',
  'timeout',
  'rate_limit',
  'overloaded',
  'server_error',
  'auth',
  'model_not_found',
  'bad_response',
  'truncated',
  'context_window',
  'content_policy',
]

/** Those for which it is used when the file does not say: the last two are the request's own, and must be asked for. */
export const DEFAULT_FALLBACK_KINDS: readonly ErrorKind[] = FALLBACK_KINDS.slice(0, -2)
