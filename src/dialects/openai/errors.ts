import type { ErrorReply } from '../../core/dialect.ts'
import { GatewayError, type ErrorKind } from '../../core/error.ts'
import { asObject, asString, isObject, type JsonObject } from '../../core/json.ts'

/**
 * A refusal in OpenAI's shape `{"error": {"message", "type", "code"}}`, or in one of the shapes that compatible servers
 * use instead: `{"error": "text"}`, `{"detail": ...}`, any other JSON (handed on as a whole), plain text.
 */
export function readError(status: number, contentType: string, body: string): GatewayError {
  let parsed: unknown
  try {
    parsed = JSON.parse(body)
  } catch {
    return notJson(status, contentType, body)
  }
  return isObject(parsed)
    ? readErrorObject(status, parsed)
    : failure(status, 'The provider refused the request.', parsed)
}

/** The same for a body that is parsed already; also the shape of an error inside a stream. */
export function readErrorObject(status: number, body: JsonObject): GatewayError {
  const { error } = body
  if (typeof error === 'string') return failure(status, error)
  const message = asString(asObject(error)['message'])
  return message === undefined
    ? failure(status, 'The provider refused the request.', body)
    : failure(status, message)
}

function notJson(status: number, contentType: string, body: string): GatewayError {
  const type = contentType.split(';')[0]?.trim() ?? ''
  if (type === 'text/plain' && body.trim() !== '') return failure(status, body.trim())
  return new GatewayError(
    `The returned data type from the route service is not supported. Received content type: ${type || 'none'}`,
    { kind: kindOf(status), status: status >= 500 ? status : 502 },
  )
}

function failure(status: number, message: string, detail?: unknown): GatewayError {
  return new GatewayError(message, { kind: kindOf(status), status, detail })
}

function kindOf(status: number): ErrorKind {
  if (status === 401 || status === 403) return 'auth'
  if (status === 404) return 'not_found'
  if (status === 413) return 'too_large'
  if (status === 429) return 'rate_limit'
  if (status === 503 || status === 529) return 'overloaded'
  return status >= 500 ? 'server_error' : 'bad_request'
}

/**
 * An error in OpenAI's shape, so that its SDKs raise their typed exceptions.
 * Spec: https://platform.openai.com/docs/guides/error-codes
 */
export function writeError(error: GatewayError): ErrorReply {
  return { status: error.status, body: writeErrorObject(error) }
}

/** The same inside a stream. */
export function writeErrorObject({ message, kind, detail }: GatewayError): JsonObject {
  const param = asString(asObject(detail)['param']) ?? null
  return { error: { message, type: TYPES[kind] ?? 'server_error', param, code: CODES[kind] ?? null } }
}

const TYPES: Partial<Record<ErrorKind, string>> = {
  bad_request: 'invalid_request_error',
  not_found: 'invalid_request_error',
  method_not_allowed: 'invalid_request_error',
  too_large: 'invalid_request_error',
  rate_limit: 'rate_limit_error',
}

const CODES: Partial<Record<ErrorKind, string>> = {
  not_found: 'model_not_found',
  rate_limit: 'rate_limit_exceeded',
  auth: 'upstream_auth_error',
  timeout: 'timeout',
  truncated: 'stream_incomplete',
}
