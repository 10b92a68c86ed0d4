import type { TargetModel, WrittenRequest } from '../../core/dialect.ts'
import type { EmbeddingsReply } from '../../core/events.ts'
import {
  asArray,
  asNumber,
  asObject,
  asString,
  isObject,
  omit,
  type JsonObject,
  type JsonValue,
} from '../../core/json.ts'
import type { EmbeddingsRequest } from '../../core/request.ts'
import type { Usage } from '../../core/usage.ts'
import { findLastObject } from '../../wire/json-splice.ts'
import { invalidRequest } from '../../wire/open-body.ts'
import { badAnswer, parseAnswerObject } from '../answer-json.ts'
import { refuse } from '../single-prompt.ts'
import { readUsage, writeUsage } from './usage.ts'

const FIELDS: ReadonlySet<string> = new Set([
  'model',
  'texts',
  'inputs',
  'images',
  'input_type',
  'embedding_types',
  'output_dimension',
])

/**
 * The body of `POST /v2/embed`. Throws a 422 for what only Cohere's own models serve: pictures, and vectors that are not of
 * 32-bit floats.
 * Spec: https://docs.cohere.com/reference/embed
 */
export function readEmbeddingsRequest(body: JsonObject): EmbeddingsRequest {
  const request: EmbeddingsRequest = {
    input: readTexts(body),
    extras: omit(body, FIELDS),
    extrasDialect: 'cohere',
  }
  const dimensions = asNumber(body['output_dimension'])
  const purpose = asString(body['input_type'])
  const types = readTypes(body)
  if (dimensions !== undefined) request.dimensions = dimensions
  if (purpose !== undefined) request.purpose = purpose
  if (types.length > 0) request.encoding = types.includes('float') ? 'float' : 'base64'
  return request
}

function readTexts({ texts, inputs, images }: JsonObject): string[] {
  if (Array.isArray(images) && images.length > 0) throw textsOnly()
  const given = texts ?? (Array.isArray(inputs) ? inputs.map(readInput) : inputs)
  if (!Array.isArray(given)) throw invalidRequest("'texts' must be a list of strings.", 'texts')
  const read = given.filter((text) => typeof text === 'string')
  if (read.length === given.length) return read
  throw invalidRequest("'texts' must be a list of strings.", 'texts')
}

function readInput(input: JsonValue): string {
  const blocks = asArray(asObject(input)['content']).map(asObject)
  const texts = blocks.map(({ type, text }) => (type === 'text' ? asString(text) : undefined))
  if (texts.every((text) => text !== undefined)) return texts.join('\n')
  throw textsOnly()
}

function textsOnly(): Error {
  return refuse("This route's provider embeds texts only; send '{parameter}'.", 'input')
}

/** `float` and `base64`; none when the client leaves the choice to the API. */
function readTypes(body: JsonObject): ('float' | 'base64')[] {
  return asArray(body['embedding_types']).map((type) => {
    if (type === 'float' || type === 'base64') return type
    throw refuse(`This route's provider gives no vectors of the type '${String(type)}'.`, 'encoding')
  })
}

/** The answer to that request: its texts, and each type of vectors that it asked for. */
export function writeEmbeddingsReply(reply: EmbeddingsReply, body: JsonObject): string {
  const asked = readTypes(body)
  const embeddings: JsonObject = {}
  for (const type of asked.length > 0 ? asked : (['float'] as const)) {
    embeddings[type] = type === 'float' ? reply.vectors.map(toFloats) : reply.vectors.map(toBase64)
  }
  return JSON.stringify({
    id: reply.id ?? '',
    embeddings,
    texts: readTexts(body),
    meta: { api_version: { version: '2' }, ...writeUsage(reply.usage) },
    response_type: 'embeddings_by_type',
  })
}

/** Base64 is of 32-bit floats, little-endian as all our platforms are. */
function toFloats(vector: number[] | string): number[] {
  if (typeof vector !== 'string') return vector
  // Copied, because floats must stand at a multiple of four.
  const bytes = Uint8Array.from(Buffer.from(vector, 'base64'))
  return [...new Float32Array(bytes.buffer, 0, Math.floor(bytes.length / 4))]
}

function toBase64(vector: number[] | string): string {
  return typeof vector === 'string'
    ? vector
    : Buffer.from(Float32Array.from(vector).buffer).toString('base64')
}

/** A canonical request for Cohere, which insists on knowing what the vectors are for. */
export function writeEmbeddingsRequest(
  {
    input,
    dimensions,
    encoding = 'float',
    purpose = DEFAULT_PURPOSE,
    extras,
    extrasDialect = 'cohere',
  }: EmbeddingsRequest,
  { model }: TargetModel,
): WrittenRequest {
  const isOwn = extrasDialect === 'cohere' || extrasDialect === 'mlflow'
  // OpenAI's clients may say it in Cohere's own words too.
  const free = isOwn ? omit(extras, OWN_FIELDS) : pick(extras, KNOWN_EXTRAS)
  const body = {
    ...(model === null ? {} : { model }),
    texts: typeof input === 'string' ? [input] : input,
    input_type: purpose,
    embedding_types: [encoding],
    ...(dimensions === undefined ? {} : { output_dimension: dimensions }),
    ...free,
  }
  const dropped = Object.keys(extras).filter((name) => !(name in free))
  return { body: JSON.stringify(body), dropped }
}

const DEFAULT_PURPOSE = 'search_document'
const OWN_FIELDS: ReadonlySet<string> = new Set(['model', 'texts', 'inputs', 'images'])
const KNOWN_EXTRAS: ReadonlySet<string> = new Set(['input_type', 'truncate'])

function pick(object: JsonObject, names: ReadonlySet<string>): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([name]) => names.has(name)))
}

/** Vectors of floats when there are any, else in base64. */
export function readEmbeddingsReply(text: string): EmbeddingsReply {
  const reply = parseAnswerObject(text)
  const { embeddings } = reply
  const vectors = Array.isArray(embeddings)
    ? embeddings
    : (asObject(embeddings)['float'] ?? asObject(embeddings)['base64'])
  if (!Array.isArray(vectors)) throw badAnswer('The provider\'s answer has no "embeddings" of a known type.')
  const read: EmbeddingsReply = {
    vectors: vectors.map(readVector),
    usage: readUsage(reply['meta']) ?? {},
  }
  const id = asString(reply['id'])
  if (id !== undefined) read.id = id
  return read
}

function readVector(vector: JsonValue): number[] | string {
  if (typeof vector === 'string') return vector
  if (!Array.isArray(vector)) throw badAnswer("The provider's answer has an embedding that is no vector.")
  // Copying millions of numbers to prove what the provider promises would cost more than the call itself.
  return vector as number[]
}

/** Only the token counts of a whole body. */
export function readEmbeddingsUsage(body: Buffer): Usage | undefined {
  const meta = findLastObject(body, 'meta')
  return isObject(meta) ? readUsage(meta) : undefined
}
