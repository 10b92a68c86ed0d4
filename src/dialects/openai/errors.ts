import type { ErrorReply } from '../../core/dialect.ts'
import { GatewayError, type ErrorKind } from '../../core/error.ts'
import { asArray, asNumber, asObject, asString, isObject, type JsonObject } from '../../core/json.ts'
import { classifyRefusal } from '../classify-refusal.ts'
import { readRetryInfo } from '../retry-info.ts'
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

/** The same for a body that is parsed already. `whole` is what is handed on when it has no message. */
export function readErrorObject(status: number, body: JsonObject, whole: unknown = body): GatewayError {
  const inner = isObject(body['error']) ? body['error'] : body
  const message = messageOf(body)
  if (message === '') return failure({ status, message: REFUSED, detail: whole })
  const code = codeOf(inner, status)
  const parameter = canonicalName(asString(inner['param']))
  const retryAfter = readRetryInfo(inner['details'])
  return failure({
    status,
    message,
    words: wordsOf(inner),
    quoted: asString(asObject(inner['metadata'])['raw']),
    ...(code !== undefined && { code }),
    ...(parameter !== undefined && { parameter }),
    ...(retryAfter !== undefined && { retryAfter }),
  })
}

/** The shape of an error inside a stream, or in a body of status 200: the status stands in it, if anywhere. */
export function readStreamError(body: JsonObject): GatewayError {
  const inner = isObject(body['error']) ? body['error'] : body
  const numbers = ['status_code', 'status', 'code'].map((name) => asNumber(inner[name]))
  const status = numbers.find((number) => number !== undefined && number >= 400 && number < 600)
  return readErrorObject(status ?? STATUSES[asString(inner['type']) ?? ''] ?? 502, body)
}

const REFUSED = 'The provider refused the request.'

/** Types of errors that say a status. */
const STATUSES: Readonly<Record<string, number>> = {
  rate_limit_error: 429,
  insufficient_quota: 429,
  overloaded_error: 503,
  invalid_request_error: 400,
}

function messageOf({ error, message, detail, errors }: JsonObject): string {
  const first = asObject(asArray(errors)[0])['message']
  const texts = [asObject(error)['message'], error, message, detail, first].map(textOf)
  return texts.find((text) => text !== '') ?? ''
}

/** A text, a list of texts, or FastAPI's list of what is wrong where. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  const list = asArray(Array.isArray(value) ? value : asObject(value)['detail'])
  return list
    .map((item) => (typeof item === 'string' ? item : describeField(asObject(item))))
    .filter((text) => text !== '')
    .join('; ')
}

function describeField({ loc, msg }: JsonObject): string {
  const problem = asString(msg) ?? ''
  return problem === '' || !Array.isArray(loc) ? problem : `${loc.map(String).join('.')}: ${problem}`
}

/** The provider's own word. A number that repeats the status is none. */
function codeOf(
  { code, error_type: type, error_code: errorCode }: JsonObject,
  status: number,
): string | undefined {
  const word = [code, type, errorCode].find((given) => typeof given === 'string' || typeof given === 'number')
  return word === undefined || String(word) === String(status) || word === '' ? undefined : String(word)
}

/** All that may name the failure. Azure has the filter that blocked a prompt in an error inside. */
function wordsOf({
  code,
  type,
  error_type: errorType,
  error_code: errorCode,
  ...more
}: JsonObject): unknown[] {
  return [code, type, errorType, errorCode, asObject(more['innererror'])['code']]
}

function notJson(status: number, contentType: string, body: string): GatewayError {
  const type = contentType.split(';')[0]?.trim() ?? ''
  if (type === 'text/plain' && body.trim() !== '') return failure({ status, message: body.trim() })
  return new GatewayError(
    `The returned data type from the route service is not supported. Received content type: ${type || 'none'}`,
    { kind: classifyRefusal({ status }).kind, status: status >= 500 ? status : 502 },
  )
}

interface Failure {
  status: number
  message: string
  words?: readonly unknown[]
  /** The words of who is behind a provider that only says that it failed (OpenRouter). */
  quoted?: string | undefined
  code?: string
  parameter?: string
  retryAfter?: string
  detail?: unknown
}

function failure({ status, message, words = [], quoted = '', ...more }: Failure): GatewayError {
  const refusal = { status, words, message: `${message}\n${quoted}` }
  return new GatewayError(message, { ...classifyRefusal(refusal), ...more })
}

/**
 * An error in OpenAI's shape, so that its SDKs raise their typed exceptions.
 * Spec: https://platform.openai.com/docs/guides/error-codes
 */
export function writeError(error: GatewayError): ErrorReply {
  return { status: error.status, body: writeErrorObject(error) }
}

/** The same inside a stream. The provider's own code says more than ours. */
export function writeErrorObject(error: GatewayError): JsonObject {
  const { message, status, detail, code, parameter } = error
  // Too many requests are the same to a client, whoever counted them.
  const kind = error.kind === 'busy' && status === 429 ? 'rate_limit' : error.kind
  const param =
    asString(asObject(detail)['param']) ?? (parameter === undefined ? null : parameterName(parameter))
  const word = kind === 'context_window' ? TOO_LONG : (code ?? CODES[kind] ?? null)
  return { error: { message, type: TYPES[kind] ?? 'server_error', param, code: word } }
}

/** Agents shorten their conversation when they are told this, whatever the provider calls it. */
const TOO_LONG = 'context_length_exceeded'

const TYPES: Partial<Record<ErrorKind, string>> = {
  bad_request: 'invalid_request_error',
  unauthorized: 'invalid_request_error',
  forbidden: 'invalid_request_error',
  not_found: 'invalid_request_error',
  method_not_allowed: 'invalid_request_error',
  too_large: 'invalid_request_error',
  context_window: 'invalid_request_error',
  content_policy: 'invalid_request_error',
  model_not_found: 'invalid_request_error',
  rate_limit: 'rate_limit_error',
}

const CODES: Partial<Record<ErrorKind, string>> = {
  not_found: 'model_not_found',
  model_not_found: 'model_not_found',
  content_policy: 'content_policy_violation',
  rate_limit: 'rate_limit_exceeded',
  auth: 'upstream_auth_error',
  timeout: 'timeout',
  truncated: 'stream_incomplete',
}
