import type { ErrorReply } from '../../core/dialect.ts'
import { GatewayError } from '../../core/error.ts'
import { asArray, asNumber, asObject, asString, type JsonObject } from '../../core/json.ts'
import { classifyRefusal } from '../classify-refusal.ts'
import { readRetryInfo } from '../retry-info.ts'

/**
 * A refusal in Google's shape `{"error": {"code", "message", "status", "details"}}`, alone or in a list; anything else is
 * told by its status alone. Never throws.
 * Spec: https://cloud.google.com/apis/design/errors
 */
export function readError(status: number, _contentType: string, body: string): GatewayError {
  return readErrorObject(parse(body), status)
}

/** The error inside a reply that began with status 200: its `code` is the status it has elsewhere. */
export function readErrorInReply(answer: JsonObject): GatewayError {
  const code = asNumber(asObject(answer['error'])['code'])
  return readErrorObject(answer, code !== undefined && code >= 400 && code < 600 ? code : 502)
}

function readErrorObject(answer: JsonObject, status: number): GatewayError {
  const error = asObject(answer['error'])
  const details = asArray(error['details']).map(asObject)
  const reason = details.map(({ reason }) => asString(reason)).find((word) => word !== undefined)
  const code = reason ?? asString(error['status'])
  const retryAfter = readRetryInfo(details)
  const message = asString(error['message'])
  return new GatewayError(
    message || `The provider refused the request with status ${status} and no message.`,
    {
      // Google says 400 for a wrong key; the caller's request is not at fault.
      ...(reason === 'API_KEY_INVALID'
        ? WRONG_KEY
        : classifyRefusal({ status, words: [reason, error['status']], message })),
      ...(code === undefined ? {} : { code }),
      ...(retryAfter === undefined ? {} : { retryAfter }),
    },
  )
}

const WRONG_KEY = { kind: 'auth', status: 401 } as const

function parse(text: string): JsonObject {
  try {
    const value: unknown = JSON.parse(text)
    return asObject(Array.isArray(value) ? value[0] : value)
  } catch {
    return {}
  }
}

/** An error in Google's shape, so that its SDKs raise their `ApiError`. */
export function writeError(error: GatewayError): ErrorReply {
  return { status: error.status, body: writeErrorObject(error) }
}

/** The same inside a stream. */
export function writeErrorObject({
  message,
  status: code,
  code: reason,
  retryAfter,
}: GatewayError): JsonObject {
  const status = STATUS_WORDS.get(code) ?? (code < 500 ? 'INVALID_ARGUMENT' : 'UNAVAILABLE')
  const details: JsonObject[] = []
  if (reason !== undefined && reason !== status) {
    details.push({ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason })
  }
  if (retryAfter !== undefined && /^\d+$/.test(retryAfter)) {
    details.push({ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: `${retryAfter}s` })
  }
  return { error: { code, message, status, ...(details.length > 0 ? { details } : {}) } }
}

/** Source: https://cloud.google.com/apis/design/errors#handling_errors */
const STATUS_WORDS: ReadonlyMap<number, string> = new Map([
  [401, 'UNAUTHENTICATED'],
  [403, 'PERMISSION_DENIED'],
  [404, 'NOT_FOUND'],
  [405, 'UNIMPLEMENTED'],
  [409, 'ABORTED'],
  [429, 'RESOURCE_EXHAUSTED'],
  [499, 'CANCELLED'],
  [500, 'INTERNAL'],
  [501, 'UNIMPLEMENTED'],
  [504, 'DEADLINE_EXCEEDED'],
])
