import { GatewayError } from '../../core/error.ts'

/** Why a request gets no place. */
export type Refused = 'full' | 'evicted' | 'late'

export const REASONS: Readonly<Record<Refused, string>> = {
  full: 'the queue is full',
  evicted: 'the queue is full, and this tenant has most in it',
  late: 'its turn did not come in time',
}

/** Nobody is sent away for longer: what is measured now says little about later. */
const MAX_RETRY_SECONDS = 60

export interface RefusalSetup {
  readonly route: string
  /** Whether all that holds or waits for a place is the caller's own. */
  readonly isAlone: boolean
  /** After how long the queue would be empty, at the speed of late. */
  readonly clearMs: number
}

/** 429 for a tenant that is in nobody's way but its own, else 503; both say when to come again. */
export function refuse({ route, isAlone, clearMs }: RefusalSetup): GatewayError {
  const seconds = Math.min(Math.max(Math.ceil(clearMs / 1000), 1), MAX_RETRY_SECONDS)
  const what = isAlone
    ? `Route "${route}" is busy with your own requests. Send fewer at a time, and try`
    : `Route "${route}" has as many requests as it can serve. Try`
  return new GatewayError(`${what} again in ${seconds} ${seconds === 1 ? 'second' : 'seconds'}.`, {
    kind: 'busy',
    status: isAlone ? 429 : 503,
    retryAfter: String(seconds),
  })
}
