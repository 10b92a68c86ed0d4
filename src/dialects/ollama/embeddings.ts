import type { TargetModel, WrittenRequest } from '../../core/dialect.ts'
import type { EmbeddingsReply } from '../../core/events.ts'
import { asObject, asString, type JsonObject, type JsonValue } from '../../core/json.ts'
import type { EmbeddingsRequest } from '../../core/request.ts'
import type { Usage } from '../../core/usage.ts'
import { badAnswer, parseAnswer, parseAnswerObject } from '../answer-json.ts'
import { readUsage } from './usage.ts'

/** Ollama's further fields. */
const OPTIONS: ReadonlySet<string> = new Set(['truncate', 'keep_alive', 'options'])

/**
 * A canonical request as the body of `POST /api/embed`. Its vectors are always lists of numbers: an encoding is left to
 * the client's dialect.
 */
export function writeEmbeddings(
  { input, dimensions, purpose, extras }: EmbeddingsRequest,
  { model }: TargetModel,
): WrittenRequest {
  const body: JsonObject = { ...(model === null ? {} : { model }), input }
  if (dimensions !== undefined) body['dimensions'] = dimensions
  const dropped: string[] = []
  if (purpose !== undefined) dropped.push('purpose')
  for (const [name, value] of Object.entries(extras)) {
    if (OPTIONS.has(name)) body[name] = value
    else dropped.push(name)
  }
  return { body: JSON.stringify(body), dropped }
}

export function readEmbeddings(text: string): EmbeddingsReply {
  const answer = parseAnswerObject(text)
  const { embeddings } = answer
  if (!Array.isArray(embeddings)) throw badAnswer('The provider\'s answer has no "embeddings".')
  const reply: EmbeddingsReply = { vectors: embeddings.map(readVector), usage: readUsage(answer) ?? {} }
  const model = asString(answer['model'])
  if (model !== undefined) reply.model = model
  return reply
}

function readVector(vector: JsonValue): number[] {
  if (!Array.isArray(vector)) throw badAnswer("The provider's answer has an embedding that is no vector.")
  // Copying millions of numbers to prove what the provider promises would cost more than the call itself.
  return vector as number[]
}

/** Only the token count of a whole body. */
export function readEmbeddingsUsage(body: Buffer): Usage | undefined {
  try {
    return readUsage(asObject(parseAnswer(body.toString('utf8'))))
  } catch {
    return undefined
  }
}
