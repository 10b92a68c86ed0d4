import { asNumber, asObject, isObject, type JsonObject, type JsonValue } from '../../core/json.ts'
import { totalTokens, type Usage } from '../../core/usage.ts'

/**
 * OpenAI's `usage`, with what compatible servers add to it: DeepSeek's cache hits, and the cache counts of Anthropic's
 * models behind OpenRouter, Databricks and others. Undefined when there is none.
 */
export function readUsage(usage: unknown): Usage | undefined {
  if (!isObject(usage)) return undefined
  const input = asObject(usage['prompt_tokens_details'])
  const output = asObject(usage['completion_tokens_details'])
  return withThinking(
    pick({
      inputTokens: usage['prompt_tokens'],
      outputTokens: usage['completion_tokens'],
      totalTokens: usage['total_tokens'],
      cacheReadTokens:
        input['cached_tokens'] ?? usage['prompt_cache_hit_tokens'] ?? usage['cache_read_input_tokens'],
      cacheWriteTokens: input['cache_write_tokens'] ?? usage['cache_creation_input_tokens'],
      inputAudioTokens: input['audio_tokens'],
      inputImageTokens: input['image_tokens'],
      reasoningTokens: output['reasoning_tokens'],
      outputAudioTokens: output['audio_tokens'],
      outputImageTokens: output['image_tokens'],
    }),
  )
}

/** xAI counts thinking beside the answer, and OpenAI within it; the total tells which. */
function withThinking(usage: Usage): Usage {
  const { inputTokens, outputTokens, reasoningTokens, totalTokens: total } = usage
  if (inputTokens === undefined || outputTokens === undefined || !reasoningTokens) return usage
  if (total !== inputTokens + outputTokens + reasoningTokens) return usage
  return { ...usage, outputTokens: outputTokens + reasoningTokens }
}

function pick(counts: Partial<Record<keyof Usage, JsonValue | undefined>>): Usage {
  const usage: Usage = {}
  for (const name of COUNTS) {
    const count = asNumber(counts[name])
    if (count !== undefined && count >= 0) usage[name] = count
  }
  return usage
}

const COUNTS: readonly (keyof Usage)[] = [
  'inputTokens',
  'outputTokens',
  'totalTokens',
  'cacheReadTokens',
  'cacheWriteTokens',
  'inputAudioTokens',
  'inputImageTokens',
  'reasoningTokens',
  'outputAudioTokens',
  'outputImageTokens',
]

/** The other way. Counts that are not known are null, or left out where OpenAI has them in the details. */
export function writeUsage(usage: Usage): JsonObject {
  const { cacheWriteTokens, cacheWrite1hTokens } = usage
  const written =
    cacheWriteTokens === undefined && cacheWrite1hTokens === undefined
      ? undefined
      : (cacheWriteTokens ?? 0) + (cacheWrite1hTokens ?? 0)
  return {
    prompt_tokens: usage.inputTokens ?? null,
    completion_tokens: usage.outputTokens ?? null,
    total_tokens: totalTokens(usage) ?? null,
    ...details('prompt_tokens_details', {
      cached_tokens: usage.cacheReadTokens,
      cache_write_tokens: written,
      audio_tokens: usage.inputAudioTokens,
      image_tokens: usage.inputImageTokens,
    }),
    ...details('completion_tokens_details', {
      reasoning_tokens: usage.reasoningTokens,
      audio_tokens: usage.outputAudioTokens,
      image_tokens: usage.outputImageTokens,
    }),
  }
}

function details(name: string, counts: Readonly<Record<string, number | undefined>>): JsonObject {
  const known: JsonObject = {}
  for (const [count, value] of Object.entries(counts)) if (value !== undefined) known[count] = value
  return Object.keys(known).length === 0 ? {} : { [name]: known }
}
