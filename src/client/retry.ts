/** How often and how patiently a failed call is repeated. */
export interface RetryPolicy {
  maxRetries: number
  /** The upper bound of the first delay; it doubles with each retry. */
  initialDelayMs: number
  /** 0 to 1. */
  random: () => number
}

/** What a failed attempt says about another one; no status when there was no answer at all. */
export interface FailedAttempt {
  status?: number
  headers?: Headers
}

/** The longest wait that a gateway's `Retry-After` can ask of us. */
const LONGEST_RETRY_AFTER_MS = 60_000

/** The statuses that MLflow's own client repeats, for every method. */
const RETRYABLE_STATUSES: ReadonlySet<number> = new Set([429, 500, 502, 503])

/**
 * How long to wait before the next attempt, or undefined when there should be none: all retries used, a failure that
 * would only happen again, the gateway saying no (`x-should-retry: false`), or a `Retry-After` beyond 60 s.
 */
export function retryDelayMs(
  policy: RetryPolicy,
  retriesDone: number,
  failed: FailedAttempt,
): number | undefined {
  if (retriesDone >= policy.maxRetries) return undefined
  if (failed.status !== undefined && !RETRYABLE_STATUSES.has(failed.status)) return undefined
  if (failed.headers?.get('x-should-retry')?.toLowerCase() === 'false') return undefined
  const seconds = failed.headers ? retryAfterSeconds(failed.headers) : undefined
  if (seconds !== undefined) return seconds * 1000 <= LONGEST_RETRY_AFTER_MS ? seconds * 1000 : undefined
  return policy.random() * Math.min(policy.initialDelayMs * 2 ** retriesDone, LONGEST_RETRY_AFTER_MS)
}

/** `Retry-After` in seconds from now, from either of its forms (RFC 9110, 10.2.3); undefined when unreadable. */
export function retryAfterSeconds(headers: Headers): number | undefined {
  const value = headers.get('retry-after')?.trim()
  if (!value) return undefined
  if (/^\d+(\.\d+)?$/.test(value)) return Number(value)
  // A date begins with the name of its day; `Date.parse` alone would read a year out of "-1".
  const time = /^[a-z]/i.test(value) ? Date.parse(value) : Number.NaN
  return Number.isNaN(time) ? undefined : Math.max(0, (time - Date.now()) / 1000)
}
