import { asArray, asObject, type JsonObject, type JsonValue } from '../../core/json.ts'
import { totalTokens, type Usage } from '../../core/usage.ts'
import { asCount } from './fields.ts'

/**
 * Gemini's `usageMetadata`. Its answer's count leaves out the thoughts, and results of hosted tools are counted beside
 * the prompt. Counts of 0 are left out of the JSON, so an answer without any is told by the total.
 * Spec: https://ai.google.dev/api/generate-content#UsageMetadata
 */
export function readUsage(metadata: JsonValue | undefined): Usage | undefined {
  const counts = asObject(metadata)
  const prompt = asCount(counts['promptTokenCount'])
  const cached = asCount(counts['cachedContentTokenCount'])
  const answer = asCount(counts['candidatesTokenCount'])
  const thoughts = asCount(counts['thoughtsTokenCount'])
  const total = asCount(counts['totalTokenCount'])
  const usage: Usage = {}
  if (prompt !== undefined) {
    usage.inputTokens = prompt + (asCount(counts['toolUsePromptTokenCount']) ?? 0)
    if (total !== undefined) usage.outputTokens = Math.max(total - usage.inputTokens, 0)
  }
  if (answer !== undefined || thoughts !== undefined) usage.outputTokens = (answer ?? 0) + (thoughts ?? 0)
  if (total !== undefined) usage.totalTokens = total
  if (cached !== undefined) usage.cacheReadTokens = cached
  if (thoughts !== undefined) usage.reasoningTokens = thoughts
  readMedia(counts, usage)
  return Object.keys(usage).length > 0 ? usage : undefined
}

/** What is cached is counted as cached, not also as sound or as a picture. */
function readMedia(counts: JsonObject, usage: Usage): void {
  const fresh = (modality: string): number =>
    tokensOf(counts['promptTokensDetails'], modality) - tokensOf(counts['cacheTokensDetails'], modality)
  const set = (name: keyof Usage, count: number): void => {
    if (count > 0) usage[name] = count
  }
  set('inputAudioTokens', fresh('AUDIO'))
  set('inputImageTokens', fresh('IMAGE'))
  set('outputAudioTokens', tokensOf(counts['candidatesTokensDetails'], 'AUDIO'))
  set('outputImageTokens', tokensOf(counts['candidatesTokensDetails'], 'IMAGE'))
}

function tokensOf(details: JsonValue | undefined, modality: string): number {
  return asArray(details)
    .map(asObject)
    .filter((detail) => detail['modality'] === modality)
    .reduce((sum, { tokenCount }) => sum + (asCount(tokenCount) ?? 0), 0)
}

/** The other way. Gemini has no place for what was written to a cache. */
export function writeUsage(usage: Usage): JsonObject {
  const { inputTokens, outputTokens, cacheReadTokens, reasoningTokens } = usage
  const total = totalTokens(usage)
  const written: JsonObject = {}
  if (inputTokens !== undefined) written['promptTokenCount'] = inputTokens
  if (cacheReadTokens !== undefined) written['cachedContentTokenCount'] = cacheReadTokens
  if (outputTokens !== undefined) {
    written['candidatesTokenCount'] = Math.max(outputTokens - (reasoningTokens ?? 0), 0)
  }
  if (reasoningTokens !== undefined) written['thoughtsTokenCount'] = reasoningTokens
  if (total !== undefined) written['totalTokenCount'] = total
  const prompt = writeDetails({ AUDIO: usage.inputAudioTokens, IMAGE: usage.inputImageTokens })
  const answer = writeDetails({ AUDIO: usage.outputAudioTokens, IMAGE: usage.outputImageTokens })
  if (prompt.length > 0) written['promptTokensDetails'] = prompt
  if (answer.length > 0) written['candidatesTokensDetails'] = answer
  return written
}

function writeDetails(counts: Readonly<Record<string, number | undefined>>): JsonObject[] {
  return Object.entries(counts).flatMap(([modality, tokenCount]) =>
    tokenCount ? [{ modality, tokenCount }] : [],
  )
}
