import type { ErrorKind } from '../core/error.ts'
import { asArray, asNumber, asObject, asString, isObject, type JsonObject } from '../core/json.ts'
import type { Usage } from '../core/usage.ts'
import {
  CASSETTE_VERSION,
  type Cassette,
  type RecordedChunk,
  type RecordedEnd,
  type RecordedReply,
  type RecordedRequest,
} from './cassette.ts'

/** A cassette from the text of its file. Throws a `TypeError` that says what is wrong, and quotes nothing of it. */
export function readCassette(text: string): Cassette {
  const file = parse(text)
  if (file['version'] !== CASSETTE_VERSION) throw new TypeError(`its "version" is not ${CASSETTE_VERSION}`)
  const reply = file['reply']
  const usage = file['usage']
  const model = file['model']
  return {
    version: CASSETTE_VERSION,
    recordedAt: textOf(file, 'recordedAt'),
    route: textOf(file, 'route'),
    target: textOf(file, 'target'),
    provider: textOf(file, 'provider'),
    model: asString(model) ?? null,
    format: textOf(file, 'format'),
    operation: textOf(file, 'operation'),
    stream: file['stream'] === true,
    request: readRequest(asObject(file['request'])),
    ...(isObject(reply) && { reply: readReply(reply) }),
    ended: readEnd(asObject(file['ended'])),
    ...(file['truncated'] === true && { truncated: true }),
    ...(isObject(usage) && { usage: readUsage(usage) }),
    ms: readTimes(asObject(file['ms'])),
  }
}

function parse(text: string): JsonObject {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new TypeError('it is not JSON')
  }
  if (isObject(value)) return value
  throw new TypeError('it is not a JSON object')
}

function readRequest({ headers, contentType, body }: JsonObject): RecordedRequest {
  return {
    headers: readTexts(asObject(headers)),
    ...(typeof contentType === 'string' && { contentType }),
    ...(isObject(body) && { body: readBody(body) }),
  }
}

function readBody(body: JsonObject): NonNullable<RecordedRequest['body']> {
  const { json } = body
  if (json !== undefined) return { json }
  return { base64: textOf(body, 'base64', 'request.body') }
}

function readReply(reply: JsonObject): RecordedReply {
  const status = asNumber(reply['status'])
  if (status === undefined) throw new TypeError('its "reply.status" is not a number')
  return {
    status,
    headers: readTexts(asObject(reply['headers'])),
    chunks: asArray(reply['chunks']).map((chunk) => readChunk(asObject(chunk))),
  }
}

function readChunk(chunk: JsonObject): RecordedChunk {
  const ms = asNumber(chunk['ms']) ?? 0
  const text = asString(chunk['text'])
  return text === undefined ? { ms, base64: textOf(chunk, 'base64', 'reply.chunks') } : { ms, text }
}

function readEnd({ how, kind, status, message }: JsonObject): RecordedEnd {
  if (how === 'complete' || how === 'canceled') return { how }
  if (how !== 'failed') throw new TypeError('its "ended.how" is not complete, canceled or failed')
  return {
    how,
    // A kind of another version of the gateway is a failure all the same.
    kind: KINDS.find((known) => known === kind) ?? 'server_error',
    status: asNumber(status) ?? 502,
    message: asString(message) ?? 'The provider failed.',
  }
}

/** What exchanges with providers end with. */
const KINDS: readonly ErrorKind[] = [
  'auth',
  'bad_request',
  'bad_response',
  'canceled',
  'connect',
  'draining',
  'internal',
  'not_found',
  'overloaded',
  'rate_limit',
  'server_error',
  'timeout',
  'too_large',
  'truncated',
]

function readTimes({ head, firstByte, total }: JsonObject): Cassette['ms'] {
  return {
    ...(typeof head === 'number' && { head }),
    ...(typeof firstByte === 'number' && { firstByte }),
    total: asNumber(total) ?? 0,
  }
}

const COUNTS = [
  'inputTokens',
  'outputTokens',
  'totalTokens',
  'cacheReadTokens',
  'cacheWriteTokens',
  'cacheWrite1hTokens',
  'inputAudioTokens',
  'inputImageTokens',
  'reasoningTokens',
  'outputAudioTokens',
  'outputImageTokens',
  'webSearches',
  'searchUnits',
] as const satisfies readonly (keyof Usage)[]

function readUsage(usage: JsonObject): Usage {
  const read: Usage = {}
  for (const name of COUNTS) {
    const count = asNumber(usage[name])
    if (count !== undefined) read[name] = count
  }
  return read
}

function readTexts(object: JsonObject): Record<string, string> {
  const texts: Record<string, string> = {}
  for (const [name, value] of Object.entries(object)) if (typeof value === 'string') texts[name] = value
  return texts
}

function textOf(object: JsonObject, key: string, place?: string): string {
  const text = asString(object[key])
  if (text !== undefined) return text
  throw new TypeError(`its "${place === undefined ? key : `${place}.${key}`}" is not a text`)
}
