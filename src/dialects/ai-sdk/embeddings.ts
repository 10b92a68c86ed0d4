import type { WrittenRequest } from '../../core/dialect.ts'
import type { EmbeddingsReply } from '../../core/events.ts'
import { asNumber, asObject } from '../../core/json.ts'
import type { EmbeddingsRequest } from '../../core/request.ts'
import { badAnswer, parseAnswerObject } from '../answer-json.ts'

/** Values, and options of the providers that have some. */
export function writeEmbeddings(request: EmbeddingsRequest): WrittenRequest {
  const { input, dimensions, purpose, extras } = request
  const values = typeof input === 'string' ? [input] : input
  const body =
    dimensions === undefined
      ? { values }
      : {
          values,
          providerOptions: { openai: { dimensions }, google: { outputDimensionality: dimensions } },
        }
  return {
    body: JSON.stringify(body),
    dropped: [...(purpose === undefined ? [] : ['purpose']), ...Object.keys(extras)],
  }
}

export function readEmbeddings(body: string): EmbeddingsReply {
  const { embeddings, usage } = parseAnswerObject(body)
  if (!Array.isArray(embeddings)) throw badAnswer("The provider's answer holds no embeddings.")
  const vectors = embeddings.map((vector) => {
    if (isVector(vector)) return vector
    throw badAnswer("The provider's answer holds a vector that is no list of numbers.")
  })
  const inputTokens = asNumber(asObject(usage)['tokens'])
  return { vectors, usage: inputTokens === undefined ? {} : { inputTokens } }
}

function isVector(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((number) => typeof number === 'number')
}
