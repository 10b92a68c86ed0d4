import type { TargetModel, WrittenRequest } from '../../core/dialect.ts'
import type { EmbeddingsReply } from '../../core/events.ts'
import { asObject, asString, type JsonValue } from '../../core/json.ts'
import type { EmbeddingsRequest } from '../../core/request.ts'
import { totalTokens } from '../../core/usage.ts'
import { badResponse, parseAnswer, withoutAnswer } from './answer.ts'
import { readUsage } from './usage.ts'
import { modelMember } from './write-request.ts'

/** A canonical embeddings request as the body of `POST /v1/embeddings`. */
export function writeEmbeddingsRequest(request: EmbeddingsRequest, target: TargetModel): WrittenRequest {
  const head = modelMember(target)
  return { body: JSON.stringify({ ...request.extras, ...head, input: request.input }), dropped: [] }
}

/** The answer to it. Throws a `bad_response` for what it cannot read. */
export function readEmbeddingsReply(body: string): EmbeddingsReply {
  const reply = parseAnswer(body)
  const data = reply['data']
  if (!Array.isArray(data)) throw withoutAnswer(reply, 'data')
  const result: EmbeddingsReply = {
    vectors: data.map((entry) => readVector(asObject(entry)['embedding'])),
    usage: readUsage(reply['usage']) ?? {},
  }
  const model = asString(reply['model'])
  if (model !== undefined) result.model = model
  return result
}

/** A canonical reply in OpenAI's shape. */
export function writeEmbeddingsReply(reply: EmbeddingsReply): string {
  const { inputTokens = null } = reply.usage
  return JSON.stringify({
    object: 'list',
    data: reply.vectors.map((embedding, index) => ({ object: 'embedding', embedding, index })),
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
