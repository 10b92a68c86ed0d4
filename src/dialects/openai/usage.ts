import { asNumber, asObject, isObject, type JsonObject } from '../../core/json.ts'
import { totalTokens, type Usage } from '../../core/usage.ts'

/** OpenAI's `usage`; undefined when there is none. */
export function readUsage(usage: unknown): Usage | undefined {
  if (!isObject(usage)) return undefined
  const read: Usage = {}
  const input = asNumber(usage['prompt_tokens'])
  const output = asNumber(usage['completion_tokens'])
  const total = asNumber(usage['total_tokens'])
  const cached = asNumber(asObject(usage['prompt_tokens_details'])['cached_tokens'])
  const reasoning = asNumber(asObject(usage['completion_tokens_details'])['reasoning_tokens'])
  if (input !== undefined) read.inputTokens = input
  if (output !== undefined) read.outputTokens = output
  if (total !== undefined) read.totalTokens = total
  if (cached !== undefined) read.cacheReadTokens = cached
  if (reasoning !== undefined) read.reasoningTokens = reasoning
  return read
}

/** The other way. Counts that are not known are null, or left out where OpenAI has them in the details. */
export function writeUsage(usage: Usage): JsonObject {
  const written: JsonObject = {
    prompt_tokens: usage.inputTokens ?? null,
    completion_tokens: usage.outputTokens ?? null,
    total_tokens: totalTokens(usage) ?? null,
  }
  if (usage.cacheReadTokens !== undefined) {
    written['prompt_tokens_details'] = { cached_tokens: usage.cacheReadTokens }
  }
  if (usage.reasoningTokens !== undefined) {
    written['completion_tokens_details'] = { reasoning_tokens: usage.reasoningTokens }
  }
  return written
}
