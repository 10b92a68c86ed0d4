import type { TokenLogprob } from '../../core/events.ts'
import { asArray, asNumber, asObject, asString, type JsonObject, type JsonValue } from '../../core/json.ts'

/** Spec: https://ai.google.dev/api/generate-content#LogprobsResult */
export function readLogprobs(result: JsonValue | undefined): TokenLogprob[] {
  const { chosenCandidates, topCandidates } = asObject(result)
  const top = asArray(topCandidates).map((step) => asArray(asObject(step)['candidates']))
  return asArray(chosenCandidates).map((chosen, step) => ({
    ...readToken(chosen),
    alternatives: (top[step] ?? []).map(readToken),
  }))
}

function readToken(candidate: unknown): { token: string; logprob: number } {
  const { token, logProbability } = asObject(candidate)
  return { token: asString(token) ?? '', logprob: asNumber(logProbability) ?? 0 }
}

export function writeLogprobs(tokens: readonly TokenLogprob[]): JsonObject {
  return {
    chosenCandidates: tokens.map(writeToken),
    topCandidates: tokens.map(({ alternatives }) => ({ candidates: alternatives.map(writeToken) })),
  }
}

function writeToken({ token, logprob }: { token: string; logprob: number }): JsonObject {
  return { token, logProbability: logprob }
}
