import type { TokenLogprob } from '../../core/events.ts'
import { asArray, asNumber, asObject, asString, type JsonObject } from '../../core/json.ts'

/** The log-probabilities of an `output_text`, or of one delta of it. */
export function readLogprobs(list: unknown): TokenLogprob[] {
  return asArray(list).map(asObject).map(readEntry)
}

function readEntry(entry: JsonObject): TokenLogprob {
  return { ...readToken(entry), alternatives: asArray(entry['top_logprobs']).map(asObject).map(readToken) }
}

function readToken(json: JsonObject): Omit<TokenLogprob, 'alternatives'> {
  const bytes = json['bytes']
  return {
    token: asString(json['token']) ?? '',
    logprob: asNumber(json['logprob']) ?? 0,
    ...(Array.isArray(bytes) && { bytes: bytes.filter((byte) => typeof byte === 'number') }),
  }
}

export function writeLogprobs(tokens: readonly TokenLogprob[]): JsonObject[] {
  return tokens.map(({ alternatives, ...token }) => ({
    ...writeToken(token),
    top_logprobs: alternatives.map(writeToken),
  }))
}

function writeToken({ token, logprob, bytes }: Omit<TokenLogprob, 'alternatives'>): JsonObject {
  return { token, bytes: bytes ?? [...Buffer.from(token)], logprob }
}
