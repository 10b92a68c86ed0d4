import { GatewayError } from '../../core/error.ts'
import type { Digest } from './random.ts'
import { invalid, Refusal } from './refusal.ts'

/** The ways in which the mock can fail, as written in `error_kind`. */
export const ERROR_KINDS = [
  'rate_limit',
  'server_error',
  'overloaded',
  'timeout',
  'auth',
  'bad_request',
  'disconnect',
  'truncated',
  'malformed',
  'stream_error',
] as const

/** One way to fail. */
export type ErrorKind = (typeof ERROR_KINDS)[number]

/** What goes wrong in a stream: an event that is sent, empty for none, and whether the stream ends there. */
export interface StreamFault {
  broken: string
  ends: boolean
}

/** Whether this request fails: the same request and seed always meet the same fate. */
export function isUnlucky(request: Digest, rate: number): boolean {
  return rate > 0 && request.random('fault').next() < rate
}

/** The refusal that a kind of fault gives instead of an answer; undefined for those that break a good answer. */
export function refusalFor(kind: ErrorKind, { stream }: { stream: boolean }): Refusal | undefined {
  if (kind === 'bad_request') return invalid(undefined, 'The request was refused (simulated).')
  if (kind === 'stream_error') return stream ? undefined : serverError()
  if (kind === 'server_error') return serverError()
  if (kind === 'rate_limit')
    return new Refusal('Rate limit reached for requests (simulated). Please try again in 1s.', {
      status: 429,
      type: 'requests',
      code: 'rate_limit_exceeded',
      retryAfter: '1',
    })
  if (kind === 'overloaded')
    return new Refusal('The engine is currently overloaded (simulated). Please try again later.', {
      status: 503,
      type: 'server_error',
      code: 'overloaded',
    })
  if (kind === 'auth')
    return new Refusal('Incorrect API key provided (simulated).', {
      status: 401,
      type: 'invalid_request_error',
      code: 'invalid_api_key',
    })
  return undefined
}

/** How a kind of fault breaks a stream; undefined for those that leave it whole. */
export function streamFaultFor(kind: ErrorKind): StreamFault | undefined {
  if (kind === 'truncated') return { broken: '', ends: true }
  if (kind === 'malformed')
    return { broken: 'data: {"choices":[{"index":0,"delta":{"content":\n\n', ends: false }
  if (kind === 'stream_error') return { broken: `data: ${serverError().toBody()}\n\n`, ends: true }
  return undefined
}

/** A whole JSON body as a kind of fault leaves it. */
export function breakBody(kind: ErrorKind | undefined, body: string): string {
  if (kind === 'truncated') return body.slice(0, Math.floor(body.length / 2))
  // An unquoted key and a missing bracket: no parser takes it for JSON.
  if (kind === 'malformed') return `{error${body.slice(1, -1)}`
  return body
}

/** The connection that dies before an answer. */
export function disconnected(): GatewayError {
  return new GatewayError('The connection to the provider was lost (simulated).', {
    kind: 'connect',
    status: 502,
  })
}

function serverError(): Refusal {
  return new Refusal('The server had an error while processing your request (simulated).', {
    status: 500,
    type: 'server_error',
  })
}
