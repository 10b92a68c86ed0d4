import type { TokenLogprob } from '../../core/events.ts'
import { asArray, asNumber, asObject, asString, type JsonObject, type JsonValue } from '../../core/json.ts'

/** Spec: https://ai.google.dev/api/generate-content#LogprobsResult */
export function readLogprobs(result: JsonValue | undefined): TokenLogprob[] {
  const { chosenCandidates, topCandidates } = asObject(result)
  const top = asArray(topCandidates).map((step) => asArray(asObject(step)['candidates']))
  return asArray(chosenCandidates).map((chosen, step) => {
    const { token, logprob } = readToken(chosen)
    return { token, logprob, alternatives: (top[step] ?? []).map(readToken) }
  })
}

function readToken(candidate: unknown): Pick<TokenLogprob, 'token' | 'logprob'> {
  const { token, logProbability } = asObject(candidate)
  return { token: asString(token) ?? '', logprob: asNumber(logProbability) ?? 0 }
}

export function writeLogprobs(tokens: readonly TokenLogprob[]): JsonObject {
  return {
    chosenCandidates: tokens.map(writeToken),
    topCandidates: tokens.map(({ alternatives }) => ({ candidates: alternatives.map(writeToken) })),
  }
}

function writeToken({ token, logprob }: Pick<TokenLogprob, 'token' | 'logprob'>): JsonObject {
  return { token, logProbability: logprob }
}
