import { GatewayError } from '../core/error.ts'
import { asArray, asObject, asString, isObject, type JsonObject } from '../core/json.ts'
import { classifyRefusal } from './classify-refusal.ts'

/**
 * A refusal of a server without a dialect of its own: a text in `message`, `error`, `error.message` or `detail`, with a
 * word for it in `error_code`, `error_type` or `code`; or plain text. Never throws.
 */
export function readPlainError(status: number, contentType: string, body: string): GatewayError {
  const parsed = parseObject(body)
  if (parsed) return readPlainErrorObject(status, parsed)
  const isText = contentType.startsWith('text/plain') && body.trim() !== ''
  return failure({ status, message: isText ? body.trim() : undefined })
}

/** The same for a body that is parsed already; also the shape of an error inside a stream. */
export function readPlainErrorObject(status: number, body: JsonObject): GatewayError {
  const texts = [body['message'], body['error'], asObject(body['error'])['message'], body['detail']]
  const code = body['error_code'] ?? body['error_type'] ?? body['code']
  const inner = asObject(body['error'])
  const message = texts.map(textOf).find((text) => text !== '')
  return failure({
    status,
    message,
    words: [code, body['type'], inner['code'], inner['type']],
    code: asString(code),
    detail: message === undefined ? body : undefined,
  })
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

interface Failure {
  status: number
  message: string | undefined
  words?: readonly unknown[]
  code?: string | undefined
  detail?: unknown
}

function failure({ status, message, words = [], code, detail }: Failure): GatewayError {
  const options = { ...classifyRefusal({ status, words, message }), detail }
  return new GatewayError(
    message ?? `The provider refused the request with status ${status}.`,
    code === undefined ? options : { ...options, code },
  )
}

function parseObject(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}
