import type { ErrorReply } from '../../core/dialect.ts'
import { GatewayError, type ErrorKind } from '../../core/error.ts'
import { asArray, asNumber, asObject, asString, isObject, type JsonObject } from '../../core/json.ts'
import { canonicalName, parameterName } from './parameter-names.ts'

/**
 * A refusal in OpenAI's shape `{"error": {"message", "type", "code"}}`, or in one of the shapes that compatible servers
 * use instead: `{"error": "text", "code"}`, `{"message", "type"}`, FastAPI's `{"detail": ...}`, Cloudflare's `errors`,
 * any of them in a list; other JSON (handed on as a whole); plain text.
 */
export function readError(status: number, contentType: string, body: string): GatewayError {
  let parsed: unknown
  try {
    parsed = JSON.parse(body)
  } catch {
    return notJson(status, contentType, body)
  }
  const refusal = Array.isArray(parsed) ? asArray(parsed)[0] : parsed
  return isObject(refusal)
    ? readErrorObject(status, refusal, parsed)
    : failure({ status, message: REFUSED, detail: parsed })
}

/** The same for a body that is parsed already; also the shape of an error inside a stream. */
export function readErrorObject(status: number, body: JsonObject): GatewayError {
  const { error } = body
  const inner = isObject(error) ? error : body
  const message = asString(error) ?? asString(inner['message']) ?? asString(body['detail'])
  const code = readCode(inner['code']) ?? readCode(body['code']) ?? asString(body['error_type'])
  if (message === undefined)
    return failure(status, { message: 'The provider refused the request.', detail: body })
  return failure(status, { message, ...(code === undefined ? {} : { code }) })
}

/** A word of the provider's own; numbers only repeat the status. */
function readCode(code: unknown): string | undefined {
  return typeof code === 'string' && /^[A-Za-z][\w. -]{0,99}$/.test(code) ? code : undefined
}

function notJson(status: number, contentType: string, body: string): GatewayError {
  const type = contentType.split(';')[0]?.trim() ?? ''
  if (type === 'text/plain' && body.trim() !== '') return failure({ status, message: body.trim() })
  return new GatewayError(
    `The returned data type from the route service is not supported. Received content type: ${type || 'none'}`,
    { kind: kindOf(status, ''), status: status >= 500 ? status : 502 },
  )
}

interface Failure {
  status: number
  message: string
  code?: string
  parameter?: string
  detail?: unknown
}

interface Failure {
  message: string
  code?: string
  detail?: unknown
}

function failure(status: number, { message, ...rest }: Failure): GatewayError {
  return new GatewayError(message, { kind: kindOf(status), status, ...rest })
}

function kindOf(status: number, message: string): ErrorKind {
  if (status === 401 || status === 403) return 'auth'
  // xAI and Google say so with a 400.
  if (status === 400 && /(?:incorrect|invalid|not valid).{0,20}api key|api key not valid/i.test(message))
    return 'auth'
  if (status === 404) return 'not_found'
  if (status === 408) return 'timeout'
  if (status === 413) return 'too_large'
  if (status === 429) return 'rate_limit'
  if (status === 498 || status === 503 || status === 529) return 'overloaded'
  return status >= 500 ? 'server_error' : 'bad_request'
}

/**
 * An error in OpenAI's shape, so that its SDKs raise their typed exceptions.
 * Spec: https://platform.openai.com/docs/guides/error-codes
 */
export function writeError(error: GatewayError): ErrorReply {
  return { status: error.status, body: writeErrorObject(error) }
}

/** The same inside a stream. The provider's own code says more than ours. */
export function writeErrorObject({ message, kind, detail, code, parameter }: GatewayError): JsonObject {
  const param = asString(asObject(detail)['param']) ?? parameter ?? null
  return {
    error: { message, type: TYPES[kind] ?? 'server_error', param, code: code ?? CODES[kind] ?? null },
  }
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
