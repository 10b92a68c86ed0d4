import { GatewayError, type ErrorKind } from '../../core/error.ts'
import { asObject, asString, type JsonObject } from '../../core/json.ts'
import { classifyRefusal } from '../classify-refusal.ts'
import { readPlainErrorObject } from '../plain-error.ts'

/**
 * A refusal of Bedrock or of the services before it, `{"message"}` or `{"Message"}`. Its type stands in the body at times
 * (`__type`), else only in a header; the status tells enough. Never throws.
 * Spec: https://docs.aws.amazon.com/bedrock/latest/APIReference/CommonErrors.html
 */
export function readError(status: number, _contentType: string, body: string): GatewayError {
  const given = parseObject(body)
  const type = asString(given['__type'])?.split('#').at(-1)
  const error = { ...given, message: messageOf(given) ?? null, ...(type ? { code: type } : {}) }
  const read = readPlainErrorObject(MODEL_FAILURES.get(status) ?? status, error)
  const known = EXCEPTIONS.get(bareName(type ?? ''))
  return known && !UNTOLD.has(known.kind) ? withKind(read, known.kind) : read
}

/** What the message may say more of than the exception does. */
const UNTOLD: ReadonlySet<ErrorKind> = new Set<ErrorKind>(['bad_request', 'not_found', 'server_error'])

/** That a model was too slow or broke is no mistake of the caller, whatever class the status is of. */
const MODEL_FAILURES: ReadonlyMap<number, number> = new Map([
  [408, 504],
  [424, 502],
])

/** A failure inside a stream, by the name of its exception: its status is the one that it has elsewhere. */
export function readException(type: string, body: string): GatewayError {
  const known = EXCEPTIONS.get(bareName(type)) ?? UNKNOWN
  const message = messageOf(parseObject(body)) ?? 'The provider failed while answering.'
  const told = UNTOLD.has(known.kind)
    ? classifyRefusal({ status: known.status, words: [type], message })
    : known
  return new GatewayError(message, { ...told, ...(type === '' ? {} : { code: type }) })
}

function withKind({ message, status, code }: GatewayError, kind: ErrorKind): GatewayError {
  return new GatewayError(message, { kind, status, ...(code === undefined ? {} : { code }) })
}

/** The same exception is `throttlingException` in a stream and `ThrottlingException` elsewhere. */
function bareName(type: string): string {
  return type.toLowerCase().replace(/exception$/, '')
}

function messageOf(body: JsonObject): string | undefined {
  return asString(body['message']) || asString(body['Message']) || undefined
}

function parseObject(text: string): JsonObject {
  try {
    return asObject(JSON.parse(text))
  } catch {
    return {}
  }
}

const UNKNOWN = { kind: 'server_error', status: 502 } as const

const EXCEPTIONS: ReadonlyMap<string, { kind: ErrorKind; status: number }> = new Map([
  ['validation', { kind: 'bad_request', status: 400 }],
  ['servicequotaexceeded', { kind: 'rate_limit', status: 400 }],
  ['accessdenied', { kind: 'auth', status: 403 }],
  ['expiredtoken', { kind: 'auth', status: 403 }],
  ['unrecognizedclient', { kind: 'auth', status: 403 }],
  ['invalidsignature', { kind: 'auth', status: 403 }],
  ['incompletesignature', { kind: 'auth', status: 403 }],
  ['resourcenotfound', { kind: 'not_found', status: 404 }],
  ['modeltimeout', { kind: 'timeout', status: 504 }],
  ['modelerror', { kind: 'server_error', status: 502 }],
  ['modelstreamerror', { kind: 'server_error', status: 502 }],
  ['throttling', { kind: 'rate_limit', status: 429 }],
  ['modelnotready', { kind: 'overloaded', status: 429 }],
  ['internalserver', { kind: 'server_error', status: 500 }],
  ['serviceunavailable', { kind: 'overloaded', status: 503 }],
])
