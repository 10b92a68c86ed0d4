import type { TokenLogprob } from '../../core/events.ts'
import { asArray, asNumber, asObject, asString, type JsonObject } from '../../core/json.ts'

/**
 * Cohere's log-probabilities of a piece of text. It counts tokens by number and does not cut the text between them, so
 * that the text stands with the first of them.
 */
export function readLogprobs(item: unknown): TokenLogprob[] {
  const { text, logprobs } = asObject(item)
  return asArray(logprobs).map((logprob, index) => ({
    token: index === 0 ? (asString(text) ?? '') : '',
    logprob: asNumber(logprob) ?? 0,
    alternatives: [],
  }))
}

/** The other way: other providers do not tell the numbers of tokens. */
export function writeLogprobs({ token, logprob }: TokenLogprob): JsonObject {
  return { text: token, token_ids: [], logprobs: [logprob] }
}
