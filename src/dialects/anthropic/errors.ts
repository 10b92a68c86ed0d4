import { GatewayError, type ErrorKind } from '../../core/error.ts'
import { asObject, asString, isObject, type JsonObject } from '../../core/json.ts'

/**
 * A refusal in Anthropic's shape `{"type": "error", "error": {"type", "message"}}`; the outer `type` may be missing.
 * Anything else (an HTML page of a proxy, say) is told by its status alone. Never throws.
 * Spec: https://docs.anthropic.com/en/api/errors
 */
export function readError(status: number, _contentType: string, body: string): GatewayError {
  const { type, message } = asObject(parseObject(body)['error'])
  const named = ERROR_TYPES.get(asString(type) ?? '')
  const text = asString(message) || `The provider refused the request with status ${status} and no message.`
  // A redirect is an answer that nobody understands, not a mistake of the caller.
  if (status < 400) return new GatewayError(text, { kind: 'bad_response', status: 502 })
  return new GatewayError(text, { kind: kindByStatus(status) ?? named?.kind ?? kindOfOther(status), status })
}

/** The error inside a reply that began with status 200: its status is the one its type has elsewhere. */
export function readErrorObject(body: JsonObject): GatewayError {
  const { type, message } = asObject(body['error'])
  const named = ERROR_TYPES.get(asString(type) ?? '') ?? { kind: 'server_error', status: 502 }
  return new GatewayError(asString(message) || 'The provider failed while answering.', named)
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
