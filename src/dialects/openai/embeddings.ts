import type { TargetModel, WrittenRequest } from '../../core/dialect.ts'
import type { EmbeddingsReply } from '../../core/events.ts'
import { asObject, asString, type JsonObject, type JsonValue } from '../../core/json.ts'
import type { EmbeddingsRequest } from '../../core/request.ts'
import { totalTokens } from '../../core/usage.ts'
import { badResponse, parseAnswer, withoutAnswer } from './answer.ts'
import { readUsage } from './usage.ts'
import { modelMember } from './write-request.ts'

/** A canonical embeddings request as the body of `POST /v1/embeddings`. */
export function writeEmbeddingsRequest(request: EmbeddingsRequest, target: TargetModel): WrittenRequest {
  const { input, dimensions, encoding, purpose, extras, extrasDialect = 'openai' } = request
  const isOwn = extrasDialect === 'openai'
  const dropped = isOwn ? [] : Object.keys(extras)
  if (purpose !== undefined) dropped.push('purpose')
  const body = {
    ...(isOwn ? extras : {}),
    ...modelMember(target),
    input,
    ...(dimensions === undefined ? {} : { dimensions }),
    ...(encoding === undefined ? {} : { encoding_format: encoding }),
  }
  return { body: JSON.stringify(body), dropped }
}

/** The options of such a request, read from its members but the input. What cannot be read stays among the extras. */
export function readEmbeddingsOptions(members: JsonObject): Omit<EmbeddingsRequest, 'input'> {
  const { dimensions, encoding_format: word, ...extras } = members
  const encoding = readEncoding(word)
  return {
    ...(typeof dimensions === 'number' && { dimensions }),
    ...(encoding !== undefined && { encoding }),
    extras: {
      ...(dimensions !== undefined && typeof dimensions !== 'number' && { dimensions }),
      ...(word !== undefined && encoding === undefined && { encoding_format: word }),
      ...extras,
    },
  }
}

export function readEncoding(word: unknown): EmbeddingsRequest['encoding'] {
  return word === 'float' || word === 'base64' ? word : undefined
}

/** The answer to it. Throws a `bad_response` for what it cannot read. */
export function readEmbeddingsReply(body: string): EmbeddingsReply {
  const reply = parseAnswer(body)
  const { data } = reply
  if (!Array.isArray(data)) throw withoutAnswer(reply, 'data')
  const result: EmbeddingsReply = {
    vectors: data.map((entry) => readVector(asObject(entry)['embedding'])),
    usage: readUsage(reply['usage']) ?? {},
  }
  const model = asString(reply['model'])
  if (model !== undefined) result.model = model
  return result
}

/** A canonical reply in OpenAI's shape, its vectors in the encoding that the client asked for. */
export function writeEmbeddingsReply(reply: EmbeddingsReply, encoding: 'float' | 'base64' = 'float'): string {
  const { inputTokens = null } = reply.usage
  const write = encoding === 'base64' ? toBase64 : toNumbers
  return JSON.stringify({
    object: 'list',
    data: reply.vectors.map((vector, index) => ({ object: 'embedding', embedding: write(vector), index })),
    model: reply.model ?? null,
    usage: { prompt_tokens: inputTokens, total_tokens: totalTokens(reply.usage) ?? inputTokens },
  })
}

function readVector(embedding: JsonValue | undefined): number[] | string {
  if (typeof embedding === 'string') return embedding
  if (!Array.isArray(embedding)) throw badResponse('has an entry without an "embedding"')
  // Copying millions of numbers to prove what the provider promises would cost more than the call itself.
  return embedding as number[]
}

/** Little-endian float32, as OpenAI's SDKs ask for it unless they are told otherwise. */
function toBase64(vector: number[] | string): string {
  if (typeof vector === 'string') return vector
  const bytes = Buffer.alloc(vector.length * FLOAT_BYTES)
  for (const [index, value] of vector.entries()) bytes.writeFloatLE(value, index * FLOAT_BYTES)
  return bytes.toString('base64')
}

function toNumbers(vector: number[] | string): number[] {
  if (typeof vector !== 'string') return vector
  const bytes = Buffer.from(vector, 'base64')
  return Array.from({ length: Math.floor(bytes.length / FLOAT_BYTES) }, (_, index) =>
    bytes.readFloatLE(index * FLOAT_BYTES),
  )
}

const FLOAT_BYTES = 4
