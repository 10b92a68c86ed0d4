import type { ErrorReply } from '../../core/dialect.ts'
import { GatewayError, type ErrorKind } from '../../core/error.ts'
import { asObject, asString, isObject, type JsonObject } from '../../core/json.ts'

/**
 * A refusal in Anthropic's shape `{"type": "error", "error": {"type", "message"}}`; the outer `type` may be missing.
 * Anything else (an HTML page of a proxy, say) is told by its status alone. Never throws.
 * Spec: https://docs.anthropic.com/en/api/errors
 */
export function readError(status: number, _contentType: string, body: string): GatewayError {
  const error = asObject(parseObject(body)['error'])
  const named = ERROR_TYPES.get(asString(error['type']) ?? '')
  const message =
    asString(error['message']) || `The provider refused the request with status ${status} and no message.`
  // A redirect is an answer that nobody understands, not a mistake of the caller.
  if (status < 400) return new GatewayError(message, { kind: 'bad_response', status: 502 })
  const kind = kindByStatus(status) ?? named?.kind ?? kindOfOther(status)
  return new GatewayError(message, { kind, status, ...readCode(error) })
}

/** The error inside a reply that began with status 200: its status is the one its type has elsewhere. */
export function readErrorObject(body: JsonObject): GatewayError {
  const error = asObject(body['error'])
  const named = ERROR_TYPES.get(asString(error['type']) ?? '') ?? { kind: 'server_error', status: 502 }
  return new GatewayError(asString(error['message']) || 'The provider failed while answering.', {
    ...named,
    ...readCode(error),
  })
}

/** Agents shorten their conversation when they are told this: Anthropic's by the words, others by the code. */
const TOO_LONG = 'prompt is too long'
const TOO_LONG_CODE = 'context_length_exceeded'

function readCode({ message, details }: JsonObject): { code?: string } {
  const code = asString(asObject(details)['error_code'])
  if (code !== undefined) return { code }
  return asString(message)?.startsWith(TOO_LONG) ? { code: TOO_LONG_CODE } : {}
}

const ERROR_TYPES: ReadonlyMap<string, { kind: ErrorKind; status: number }> = new Map([
  ['invalid_request_error', { kind: 'bad_request', status: 400 }],
  ['authentication_error', { kind: 'auth', status: 401 }],
  ['billing_error', { kind: 'bad_request', status: 402 }],
  ['permission_error', { kind: 'auth', status: 403 }],
  ['not_found_error', { kind: 'not_found', status: 404 }],
  ['request_too_large', { kind: 'too_large', status: 413 }],
  ['rate_limit_error', { kind: 'rate_limit', status: 429 }],
  ['api_error', { kind: 'server_error', status: 500 }],
  ['timeout_error', { kind: 'server_error', status: 504 }],
  ['overloaded_error', { kind: 'overloaded', status: 529 }],
])

/** The statuses that say more than any type. */
function kindByStatus(status: number): ErrorKind | undefined {
  if (status === 401 || status === 403) return 'auth'
  if (status === 404) return 'not_found'
  if (status === 413) return 'too_large'
  if (status === 429) return 'rate_limit'
  if (status === 503 || status === 529) return 'overloaded'
  return undefined
}

function kindOfOther(status: number): ErrorKind {
  return status >= 500 ? 'server_error' : 'bad_request'
}

function parseObject(text: string): JsonObject {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : {}
  } catch {
    return {}
  }
}

/** An error in Anthropic's shape, so that its SDKs raise their typed exceptions. */
export function writeError(error: GatewayError): ErrorReply {
  return { status: statusOf(error), body: writeErrorObject(error) }
}

/** The same inside a stream. */
export function writeErrorObject(error: GatewayError): JsonObject {
  return { type: 'error', error: { type: typeOf(error), message: messageOf(error) } }
}

/** Anthropic has one status for all that is wrong with a request, and one of its own for having no room. */
function statusOf({ kind, status }: GatewayError): number {
  if (kind === 'overloaded') return 529
  return status === 422 ? 400 : status
}

function typeOf({ kind, status }: GatewayError): string {
  if (kind === 'auth') return status === 403 ? 'permission_error' : 'authentication_error'
  if (status === 402) return 'billing_error'
  return TYPES[kind] ?? 'api_error'
}

const TYPES: Partial<Record<ErrorKind, string>> = {
  bad_request: 'invalid_request_error',
  method_not_allowed: 'invalid_request_error',
  not_found: 'not_found_error',
  too_large: 'request_too_large',
  rate_limit: 'rate_limit_error',
  overloaded: 'overloaded_error',
  draining: 'overloaded_error',
  timeout: 'timeout_error',
}

function messageOf({ message, code }: GatewayError): string {
  return code === TOO_LONG_CODE && !message.startsWith(TOO_LONG) ? `${TOO_LONG}: ${message}` : message
}
