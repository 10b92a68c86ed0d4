import { GatewayError, type ErrorKind } from '../core/error.ts'
import { asArray, asObject, asString, isObject, type JsonObject } from '../core/json.ts'

/**
 * A refusal of a server without a dialect of its own: a text in `message`, `error`, `error.message` or `detail`, with a
 * word for it in `error_code`, `error_type` or `code`; or plain text. Never throws.
 */
export function readPlainError(status: number, contentType: string, body: string): GatewayError {
  const parsed = parseObject(body)
  if (parsed) return readPlainErrorObject(status, parsed)
  const isText = contentType.startsWith('text/plain') && body.trim() !== ''
  return failure(status, isText ? body.trim() : undefined)
}

/** The same for a body that is parsed already; also the shape of an error inside a stream. */
export function readPlainErrorObject(status: number, body: JsonObject): GatewayError {
  const texts = [body['message'], body['error'], asObject(body['error'])['message'], body['detail']]
  const code = body['error_code'] ?? body['error_type'] ?? body['code']
  const message = texts.map(textOf).find((text) => text !== '')
  return failure(status, message, { code: asString(code), detail: message === undefined ? body : undefined })
}

/** A text, or the texts of FastAPI's list of field errors. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  const list = asArray(Array.isArray(value) ? value : asObject(value)['detail']).map(asObject)
  return list.map(({ loc, msg }) => describeField(asArray(loc), asString(msg) ?? '')).join('; ')
}

function describeField(place: readonly unknown[], problem: string): string {
  return place.length === 0 ? problem : `${place.join('.')}: ${problem}`
}

function failure(
  status: number,
  message = `The provider refused the request with status ${status}.`,
  { code, detail }: { code?: string | undefined; detail?: unknown } = {},
): GatewayError {
  // A redirect is an answer that nobody understands, not a mistake of the caller.
  if (status < 400) return new GatewayError(message, { kind: 'bad_response', status: 502, detail })
  const options = { kind: kindOf(status), status, detail }
  return new GatewayError(message, code === undefined ? options : { ...options, code })
}

function kindOf(status: number): ErrorKind {
  if (status === 401 || status === 403) return 'auth'
  if (status === 404) return 'not_found'
  if (status === 413) return 'too_large'
  if (status === 429) return 'rate_limit'
  if (status === 503 || status === 529) return 'overloaded'
  return status >= 500 ? 'server_error' : 'bad_request'
}

function parseObject(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}
