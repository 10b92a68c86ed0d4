import type { TargetModel, WrittenRequest } from '../../core/dialect.ts'
import type { EmbeddingsReply } from '../../core/events.ts'
import { asObject, type JsonObject, type JsonValue } from '../../core/json.ts'
import type { EmbeddingsRequest } from '../../core/request.ts'
import type { Usage } from '../../core/usage.ts'
import { badAnswer, parseAnswerObject } from '../answer-json.ts'
import { foreignExtras, freeExtras } from '../single-prompt.ts'
import { asCount } from './usage.ts'

/**
 * Titan's embeddings. A model takes one text a call: of a list, the provider makes one call for each text of `inputText`,
 * and gives their answers as the list `embeddings`.
 * Spec: https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-titan-embed-text.html
 */
export function writeTitanEmbeddings(request: EmbeddingsRequest, { model }: TargetModel): WrittenRequest {
  const { input, dimensions, purpose } = request
  const dropped = foreignExtras({ ...request, extrasDialect: request.extrasDialect ?? 'mlflow' })
  const size = dimensions === undefined ? undefined : SIZE_MEMBERS.find(([name]) => model?.includes(name))
  if (purpose !== undefined) dropped.push('purpose')
  const isFixed = size && !size[1]
  if (isFixed) dropped.push('dimensions')
  const body: JsonObject = {
    inputText: input,
    ...(dimensions === undefined || isFixed ? {} : (size?.[1]?.(dimensions) ?? { dimensions })),
    ...freeExtras(request),
  }
  return { body: JSON.stringify(body), dropped }
}

/** How a model is told the size of its vectors; the first one has only one size. */
const SIZE_MEMBERS: readonly (readonly [name: string, member?: (size: number) => JsonObject])[] = [
  ['titan-embed-text-v1'],
  ['titan-embed-g1-text'],
  ['titan-embed-image', (size) => ({ embeddingConfig: { outputEmbeddingLength: size } })],
]

export function readTitanEmbeddings(text: string): EmbeddingsReply {
  const answer = parseAnswerObject(text)
  const { embeddings } = answer
  const answers = Array.isArray(embeddings) ? embeddings.map(asObject) : [answer]
  const counts = answers.map(({ inputTextTokenCount }) => asCount(inputTextTokenCount))
  const inputTokens = counts.reduce<number>((sum, count) => sum + (count ?? 0), 0)
  return {
    vectors: answers.map(({ embedding }) => readVector(embedding)),
    usage: counts.every((count) => count === undefined) ? {} : { inputTokens },
  }
}

function readVector(vector: JsonValue | undefined): number[] {
  if (!Array.isArray(vector)) throw badAnswer('The provider\'s answer has no list "embedding".')
  // Copying thousands of numbers to prove what the provider promises would cost more than the call itself.
  return vector as number[]
}

/** Answers are never passed through unread. */
export function readTitanUsage(): Usage | undefined {
  return undefined
}
