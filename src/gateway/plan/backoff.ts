import type { GatewayError } from '../../core/error.ts'
import type { RetrySettings } from '../../core/plan-settings.ts'

/** A provider that wants a longer pause than this is left alone: the client is not kept waiting for it. */
export const LONGEST_RETRY_AFTER_MS = 10_000

/** Those whom a provider turns away at one moment, all for the same time, come back spread over this share of it. */
const MOST_LATER = 0.25

/**
 * How long to wait before the `repetition`-th repetition (from 1), or undefined when the provider asks for more time than
 * is worth waiting. Full jitter: any time up to a limit that doubles is equally likely, so that clients do not come back
 * in waves. `random` is from 0 to 1.
 */
export function backoffMs(
  { initialMs, maxMs, respectRetryAfter }: RetrySettings,
  error: GatewayError,
  { repetition, random }: { repetition: number; random: number },
): number | undefined {
  const asked = respectRetryAfter ? retryAfterMs(error.retryAfter, Date.now()) : undefined
  if (asked !== undefined) {
    return asked <= LONGEST_RETRY_AFTER_MS ? asked * (1 + MOST_LATER * random) : undefined
  }
  return random * Math.min(initialMs * 2 ** (repetition - 1), maxMs)
}

const HTTP_DATE = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? .*\b\d\d:\d\d:\d\d\b/

/**
 * Milliseconds of a `Retry-After`: seconds, which may have a fraction, or an HTTP date. Undefined for none, and for what
 * makes no sense.
 * Spec: https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3
 */
export function retryAfterMs(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined
  if (/^\d+(?:\.\d+)?$/.test(value)) return Number(value) * 1000
  // `Date.parse` finds a date in almost any text with a number. Of the three forms one leaves out that it is in GMT.
  const at = HTTP_DATE.test(value) ? Date.parse(value.endsWith('GMT') ? value : `${value} GMT`) : Number.NaN
  return Number.isNaN(at) ? undefined : Math.max(at - now, 0)
}
