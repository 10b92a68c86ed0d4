import type { TokenLogprob } from '../../core/events.ts'
import {
  asArray,
  asNumber,
  asObject,
  asString,
  isObject,
  type JsonObject,
  type JsonValue,
} from '../../core/json.ts'

/** `choices[].logprobs`, of chats or of completions. Spec: https://platform.openai.com/docs/api-reference/chat/object */
export function readLogprobs(logprobs: unknown): TokenLogprob[] {
  if (!isObject(logprobs)) return []
  if (Array.isArray(logprobs['tokens'])) return readTextLogprobs(logprobs)
  return [...asArray(logprobs['content']), ...asArray(logprobs['refusal'])].flatMap((entry) => {
    const token = readToken(asObject(entry))
    if (!token) return []
    const alternatives = asArray(asObject(entry)['top_logprobs'])
    return [{ ...token, alternatives: alternatives.flatMap((other) => readToken(asObject(other)) ?? []) }]
  })
}

type Token = Omit<TokenLogprob, 'alternatives'>

function readToken({ token, logprob, bytes }: JsonObject): Token | undefined {
  const text = asString(token)
  const value = asNumber(logprob)
  if (text === undefined || value === undefined) return undefined
  const isBytes = Array.isArray(bytes) && bytes.every((byte) => typeof byte === 'number')
  return { token: text, logprob: value, ...(isBytes && { bytes }) }
}

/** Completions have a list for each member. */
function readTextLogprobs(logprobs: JsonObject): TokenLogprob[] {
  const values = asArray(logprobs['token_logprobs'])
  const alternatives = asArray(logprobs['top_logprobs'])
  return asArray(logprobs['tokens']).flatMap((token, index) => {
    const read = readToken({ token: asString(token) ?? null, logprob: asNumber(values[index]) ?? null })
    if (!read) return []
    const others = Object.entries(asObject(alternatives[index]))
    return [
      {
        ...read,
        alternatives: others.map(([token, logprob]) => ({ token, logprob: asNumber(logprob) ?? 0 })),
      },
    ]
  })
}

/** The other way, for a chat. */
export function writeLogprobs(tokens: readonly TokenLogprob[]): JsonObject {
  const content = tokens.map(({ alternatives, ...token }): JsonObject => ({
    ...writeToken(token),
    top_logprobs: alternatives.map(writeToken),
  }))
  return { content, refusal: null }
}

function writeToken({ token, logprob, bytes }: Token): JsonObject {
  return { token, logprob, bytes: bytes ?? null }
}

/** For a completion. `offset` counts the characters before the first token. */
export function writeTextLogprobs(tokens: readonly TokenLogprob[], offset = 0): JsonObject {
  let at = offset
  const offsets: JsonValue[] = []
  for (const { token } of tokens) {
    offsets.push(at)
    at += token.length
  }
  return {
    tokens: tokens.map(({ token }) => token),
    token_logprobs: tokens.map(({ logprob }) => logprob),
    top_logprobs: tokens.map(({ alternatives }) =>
      Object.fromEntries(alternatives.map(({ token, logprob }) => [token, logprob])),
    ),
    text_offset: offsets,
  }
}
