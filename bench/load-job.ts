import type { Gaps } from './gap-histogram.ts'

/** One request, sent again and again. */
export interface Shot {
  /** Port on loopback. */
  readonly port: number
  readonly path: string
  /** JSON body. */
  readonly body: string
  /** A virtual key of the gateway's. */
  readonly key?: string
  /** Events that a stream must at least have; 0 when a whole answer is expected. */
  readonly minEvents: number
  /** Whether a 429 or 503 with Retry-After is right too. */
  readonly mayBeRefused?: boolean
}

/** Each connection sends its next request when the answer to the last is there, for some seconds or some requests. */
export interface ClosedJob {
  readonly kind: 'closed'
  readonly shot: Shot
  readonly connections: number
  /** Ends by time when given, else after `requests`. */
  readonly seconds?: number
  readonly requests?: number
}

/** Requests leave at a fixed rate whether or not earlier ones were answered. */
export interface OpenJob extends Stage {
  readonly kind: 'open'
  readonly shot: Shot
}

/** Open load whose rate changes: each stage begins when the one before has sent its last, answered or not. */
export interface StagedJob {
  readonly kind: 'staged'
  readonly shot: Shot
  readonly stages: readonly Stage[]
}

/** A rate, and for how long. */
export interface Stage {
  readonly ratePerSecond: number
  readonly seconds: number
}

/** So many streams at once, begun over some seconds and each read to its end; gaps between their parts are counted. */
export interface StreamsJob {
  readonly kind: 'streams'
  readonly shot: Shot
  readonly streams: number
  readonly rampSeconds: number
  /** How long one stream takes, for the wait. */
  readonly seconds: number
}

/** What the load generator is asked to do. */
export type LoadJob = ClosedJob | OpenJob | StagedJob | StreamsJob

/** What came of a job, or of a stage. Times per request are not kept for closed jobs. */
export interface LoadResult {
  /** Answers that were complete and right. */
  readonly requests: number
  readonly seconds: number
  readonly errors: number
  /** What went wrong first, if anything did. */
  readonly firstError?: string
  /** SSE events over all streams. */
  readonly events: number
  /** Milliseconds from when a request was due to the first byte of its body. */
  readonly firstByteMs: readonly number[]
  /** Milliseconds from when a request was due to its last byte. */
  readonly totalMs: readonly number[]
  /** Requests that were refused, and were told when to come back. */
  readonly refusals: readonly Refusal[]
  readonly streams?: StreamsSeen
}

/** What a `StreamsJob` saw beside its requests. */
export interface StreamsSeen {
  /** Between the parts of each stream. */
  readonly gaps: Gaps
  /** The most that were under way at one time: their first part was there, and their end was not. */
  readonly mostAtOnce: number
}

/** One request that was refused. */
export interface Refusal {
  /** Milliseconds from the start of the job or stage to when the request was due. */
  readonly atMs: number
  /** Milliseconds from when it was due to its last byte. */
  readonly tookMs: number
}
