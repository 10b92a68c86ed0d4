import type { EmbeddingsReply, RerankReply } from '../../core/events.ts'
import { asNumber, asObject, asString } from '../../core/json.ts'
import { badAnswer, parseAnswer } from '../answer-json.ts'

/** A list of vectors, and nothing else. */
export function readEmbeddings(body: string): EmbeddingsReply {
  const vectors = readList(body).map((vector) => {
    if (Array.isArray(vector) && vector.every((number) => typeof number === 'number')) return vector
    throw badAnswer("The provider's answer holds a vector that is no list of numbers.")
  })
  return { vectors, usage: {} }
}

/** A list of scores, best first. */
export function readRanks(body: string): RerankReply {
  const results = readList(body).map(readRank)
  return { results: results.toSorted((one, other) => other.score - one.score), usage: {} }
}

function readRank(rank: unknown): RerankReply['results'][number] {
  const { index, score, text } = asObject(rank)
  const place = asNumber(index)
  const value = asNumber(score)
  if (place === undefined || value === undefined) {
    throw badAnswer("The provider's answer holds a rank without index or score.")
  }
  const document = asString(text)
  return { index: place, score: value, ...(document === undefined ? {} : { document }) }
}

function readList(body: string): unknown[] {
  const value = parseAnswer(body)
  if (!Array.isArray(value)) throw badAnswer("The provider's answer is not a JSON list.")
  return value
}
