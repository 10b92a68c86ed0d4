import type { EmbeddingsReply, RerankReply } from '../../core/events.ts'
import type { Usage } from '../../core/usage.ts'
import { findLastObject } from '../../wire/json-splice.ts'
import { badAnswer, parseAnswerObject } from '../answer-json.ts'
import { readRanks, readTotal } from '../cohere/rerank.ts'
import { readEmbeddingsReply } from '../openai/embeddings.ts'

/** OpenAI's answer, in which only the total of the tokens may be told. */
export function readEmbeddings(text: string): EmbeddingsReply {
  const reply = readEmbeddingsReply(text)
  const { totalTokens } = reply.usage
  return totalTokens === undefined ? reply : { ...reply, usage: { inputTokens: totalTokens, ...reply.usage } }
}

/** Voyage's ranks are in `data`. */
export function readVoyageRanks(text: string): RerankReply {
  const reply = parseAnswerObject(text)
  const { data } = reply
  if (!Array.isArray(data)) throw badAnswer('The provider\'s answer has no "data".')
  return readRanks(reply, data, readTotal(reply['usage']))
}

/** Only the count of a whole body: all of it is input. */
export function readTotalUsage(body: Buffer): Usage | undefined {
  const usage = readTotal(findLastObject(body, 'usage'))
  return usage.inputTokens === undefined ? undefined : usage
}
