import { asArray, asNumber, asObject, isObject } from '../../../src/core/json.ts'
import type { Recording } from '../recordings.ts'
import { bodyOf, numberOf } from './reply.ts'

/** The vectors of an answer, however its API lays them out; numbers as float32 has them. */
export function readVectors({ bytes, provider }: Recording): number[][] {
  const body: unknown = JSON.parse(bytes.toString('utf8'))
  if (Array.isArray(body)) return body.map(toVector)
  const { data, embeddings, predictions, embedding } = asObject(body)
  const read = provider === 'perplexity' ? toSignedBytes : toVector
  if (Array.isArray(data)) return data.map((entry) => read(asObject(entry)['embedding']))
  if (Array.isArray(embeddings)) return embeddings.map((entry) => toVector(asObject(entry)['values']))
  if (isObject(embeddings)) return asArray(embeddings['float']).map(toVector)
  if (Array.isArray(predictions)) return predictions.map(toVector)
  return [toVector(embedding)]
}

/** A list of numbers, or base64 of little-endian float32. */
export function toVector(value: unknown): number[] {
  if (typeof value !== 'string')
    return asArray(value).map((number) => Math.fround(asNumber(number) ?? Number.NaN))
  const bytes = Buffer.from(value, 'base64')
  return Array.from({ length: Math.floor(bytes.length / 4) }, (_, index) => bytes.readFloatLE(index * 4))
}

function toSignedBytes(value: unknown): number[] {
  const bytes = Buffer.from(typeof value === 'string' ? value : '', 'base64')
  return Array.from(bytes, (_, index) => bytes.readInt8(index))
}

/** Positions and scores of a ranking, best first. */
export function readRanking(recording: Recording): { index: number; score: number }[] {
  return asArray(bodyOf(recording)['results'])
    .map(asObject)
    .map(({ index, relevance_score: score }) => ({ index: numberOf(index), score: numberOf(score) }))
}

/** The number of tokens that an answer counts. */
export function readCount(recording: Recording): number {
  const { input_tokens: anthropic, totalTokens: gemini } = bodyOf(recording)
  return numberOf(anthropic ?? gemini)
}
