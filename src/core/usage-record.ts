import type { ErrorKind } from './error.ts'
import type { Tags } from './identity.ts'
import type { AttemptReason, CacheOutcome } from './trail.ts'
import type { UsageClasses } from './usage.ts'

/** How a request ended: `canceled` by its client, `cut` after its first content, `aborted` with the process it was in. */
export type UsageOutcome = 'ok' | 'error' | 'canceled' | 'cut' | 'aborted'

/** What is kept of one request for good: no body, no header, no credential. JSON as it stands. */
export interface UsageRecord {
  /** The request's; unique. */
  readonly id: string
  /** When it began, milliseconds since 1970. */
  readonly at: number
  /** Null in all of these: nobody was asked who they are. */
  readonly keyId: string | null
  readonly keyName: string | null
  readonly user: string | null
  readonly team: string | null
  readonly tags: Tags
  /** The route that was asked for; null when there is none of that name. */
  readonly route: string | null
  /** The target that answered, or was tried last. */
  readonly target: string | null
  readonly provider: string | null
  /** The target's model; `modelServed` is what the provider says it was. */
  readonly model: string | null
  readonly modelServed: string | null
  readonly dialect: string
  /** The endpoint's path. */
  readonly endpoint: string
  readonly stream: boolean
  /** Of the answer. */
  readonly status: number
  readonly outcome: UsageOutcome
  readonly error: ErrorKind | null
  /** Null when the provider told none, or there was no provider. */
  readonly tokens: UsageClasses | null
  /** Counted by us, because the provider did not, or not to the end. */
  readonly isEstimated: boolean
  readonly webSearches: number
  readonly searchUnits: number
  /** In USD, whole billionths of it; null when no price is known. What a cache of ours answered costs 0. */
  readonly costUsd: number | null
  /** The price table that the cost comes from; null without one. */
  readonly priceVersion: string | null
  readonly durationMs: number
  /** Until the first byte of the answer. */
  readonly firstByteMs: number
  /** Output tokens per second after the first byte; null when it cannot be said. */
  readonly tokensPerSecond: number | null
  readonly cache: CacheOutcome | null
  /** Of the bodies, in bytes. */
  readonly requestBytes: number
  readonly responseBytes: number
  readonly attempts: readonly AttemptUsage[]
}

/** One request to one provider. */
export interface AttemptUsage {
  readonly route: string
  readonly target: string
  readonly provider: string
  readonly model: string | null
  readonly reason: AttemptReason
  readonly outcome: 'ok' | ErrorKind
  /** From the request's beginning, and how long it took. */
  readonly startedMs: number
  readonly tookMs: number
  readonly waitedMs: number
  /** Of one that lost a race: what was spent for nothing. */
  readonly lostUsd: number | null
}
