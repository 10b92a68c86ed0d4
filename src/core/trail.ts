import type { ErrorKind } from './error.ts'
import type { LimitRule, Meter, Standing } from './limits.ts'
import type { Price } from './prices.ts'
import type { RouteInfo } from './route.ts'
import type { TraceContext } from './trace.ts'

/** Why a request was sent to a provider. */
export type AttemptReason =
  | 'first'
  /** The same target once more. */
  | 'retry'
  /** Another target or key of the same route. */
  | 'failover'
  /** A target of a fallback route. */
  | 'fallback'
  /** A second target, because the first one's first content is late. */
  | 'hedge'
  /** The same bytes on a fresh connection, because a kept one was dead. */
  | 'resend'
  /** A stream that broke off is continued. */
  | 'resume'

/** One request to one provider. Times in milliseconds. */
export interface AttemptRecord {
  /** The route whose target it is, and the target's name in it. */
  readonly route: string
  readonly target: string
  readonly model: RouteInfo['model']
  /** What the target costs; absent when nobody knows. */
  readonly price?: Price
  reason: AttemptReason
  /** From the request's beginning. */
  readonly startedMs: number
  /** How long was waited before it, on purpose. */
  readonly waitedMs: number
  /** Until the first content, the whole answer, or the failure; undefined while it is under way. */
  tookMs?: number
  /** Undefined while it is under way. */
  outcome?: 'ok' | ErrorKind
  /** Its span, where the request is traced. */
  readonly spanId?: string
  /** Of a failed one: what its error says. */
  message?: string
  /** Of one that lost a race: what was sent for nothing, estimated, and what that costs when a price is known. */
  lostInputTokens?: number
  lostUsd?: number
}

/** Something that was decided on the way, other than an attempt. */
export interface Decision {
  /** The policy that acted, such as `circuit_breaker`. */
  readonly by: string
  readonly target?: string
  /** In a few words: `open for another 12 s`. */
  readonly what: string
}

/** The attempt that answered, or the last one. */
export function answering({ attempts }: Pick<Trail, 'attempts'>): AttemptRecord | undefined {
  return attempts.findLast(({ outcome }) => outcome === 'ok') ?? attempts.at(-1)
}

export type CacheOutcome = 'hit' | 'miss' | 'bypass'

/**
 * What happened to one request on its way, for the response's headers, the log and those who ask why. It is the only
 * thing about a call that changes.
 */
export class Trail {
  readonly startedAt: number = performance.now()
  readonly attempts: AttemptRecord[] = []
  readonly decisions: Decision[] = []
  /** Where it stands in a trace; undefined while nobody traces. */
  trace: TraceContext | undefined
  /** Whether the client sent its own key for the provider: then nobody here pays. */
  hasClientKey = false
  /** How many fallback routes were entered. */
  fallbacks = 0
  /** What the cache said; undefined when the route has none. */
  cache: CacheOutcome | undefined
  /** How the limits that apply to it stood when it was let in or refused. */
  standings: readonly { readonly rule: LimitRule; readonly standing: Standing }[] = []
  /** What the limit counts that had no room for it. */
  refusedFor: Meter | undefined
  /** Spent in queues and in waits between attempts. */
  waitedMs = 0

  note(by: string, what: string, target?: string): void {
    this.decisions.push(target === undefined ? { by, what } : { by, what, target })
  }

  /** What of the time until `now` was the gateway's own: not a provider's, and no wait on purpose. */
  overheadMs(now: number): number {
    let elsewhere = this.waitedMs
    // Two that raced were under way at the same time: the second's is within the first's.
    for (const { reason, startedMs, tookMs = now - this.startedAt - startedMs } of this.attempts) {
      if (reason !== 'hedge') elsewhere += tookMs
    }
    return Math.max(now - this.startedAt - elsewhere, 0)
  }
}
