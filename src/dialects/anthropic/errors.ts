import type { ErrorReply } from '../../core/dialect.ts'
import { GatewayError, type ErrorKind } from '../../core/error.ts'
import { asObject, asString, isObject, type JsonObject } from '../../core/json.ts'
import { classifyRefusal } from '../classify-refusal.ts'

/**
 * A refusal in Anthropic's shape `{"type": "error", "error": {"type", "message"}}`; the outer `type` may be missing.
 * Anything else (an HTML page of a proxy, say) is told by its status alone. Never throws.
 * Spec: https://docs.anthropic.com/en/api/errors
 */
export function readError(status: number, _contentType: string, body: string): GatewayError {
  const error = asObject(parseObject(body)['error'])
  return failure(error, status, `The provider refused the request with status ${status} and no message.`)
}

/** The error inside a reply that began with status 200: its status is the one its type has elsewhere. */
export function readErrorObject(body: JsonObject): GatewayError {
  const error = asObject(body['error'])
  const status = STATUSES.get(asString(error['type']) ?? '') ?? 502
  return failure(error, status, 'The provider failed while answering.')
}

function failure(error: JsonObject, status: number, unsaid: string): GatewayError {
  const message = asString(error['message']) || unsaid
  const code = asString(asObject(error['details'])['error_code'])
  const refusal = classifyRefusal({ status, words: [code, error['type']], message })
  const word = code ?? (refusal.kind === 'context_window' ? TOO_LONG_CODE : undefined)
  return new GatewayError(message, word === undefined ? refusal : { ...refusal, code: word })
}

/** Agents shorten their conversation when they are told this: Anthropic's by the words, others by the code. */
const TOO_LONG = 'prompt is too long'
const TOO_LONG_CODE = 'context_length_exceeded'

/** The status that an error of a type has where it is not inside a stream. */
const STATUSES: ReadonlyMap<string, number> = new Map([
  ['invalid_request_error', 400],
  ['authentication_error', 401],
  ['billing_error', 402],
  ['permission_error', 403],
  ['not_found_error', 404],
  ['request_too_large', 413],
  ['rate_limit_error', 429],
  ['api_error', 500],
  ['timeout_error', 504],
  ['overloaded_error', 529],
])

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
  if (kind === 'busy') return status === 429 ? 'rate_limit_error' : 'overloaded_error'
  if (ABOUT_THE_REQUEST.has(kind)) return REQUEST_TYPES.get(status) ?? 'invalid_request_error'
  return TYPES[kind] ?? 'api_error'
}

/** The kinds that Anthropic tells apart by their words only. */
const ABOUT_THE_REQUEST: ReadonlySet<ErrorKind> = new Set<ErrorKind>([
  'context_window',
  'content_policy',
  'model_not_found',
])

const REQUEST_TYPES: ReadonlyMap<number, string> = new Map([
  [404, 'not_found_error'],
  [413, 'request_too_large'],
])

const TYPES: Partial<Record<ErrorKind, string>> = {
  bad_request: 'invalid_request_error',
  unauthorized: 'authentication_error',
  forbidden: 'permission_error',
  method_not_allowed: 'invalid_request_error',
  not_found: 'not_found_error',
  too_large: 'request_too_large',
  rate_limit: 'rate_limit_error',
  overloaded: 'overloaded_error',
  draining: 'overloaded_error',
  timeout: 'timeout_error',
}

function messageOf({ message, kind, code }: GatewayError): string {
  const isTooLong = kind === 'context_window' || code === TOO_LONG_CODE
  return isTooLong && !message.startsWith(TOO_LONG) ? `${TOO_LONG}: ${message}` : message
}
