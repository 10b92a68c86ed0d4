/** One request, sent again and again. */
export interface Shot {
  /** Port on loopback. */
  readonly port: number
  readonly path: string
  /** JSON body. */
  readonly body: string
  /** Events that a stream must at least have; 0 when a whole answer is expected. */
  readonly minEvents: number
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
export interface OpenJob {
  readonly kind: 'open'
  readonly shot: Shot
  readonly ratePerSecond: number
  readonly seconds: number
}

/** What the load generator is asked to do. */
export type LoadJob = ClosedJob | OpenJob

/** What came of a job. Times per request are kept only for open jobs. */
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
}
