import { asNumber, asObject, isObject, type JsonObject } from '../../core/json.ts'
import { totalTokens, type Usage } from '../../core/usage.ts'

/**
 * A response's `usage`; undefined when there is none. A part of 0 tokens is not told from one that was not reported:
 * the API requires the parts, and writes 0 for those it does not count.
 */
export function readUsage(usage: unknown): Usage | undefined {
  if (!isObject(usage)) return undefined
  const input = asObject(usage['input_tokens_details'])
  const output = asObject(usage['output_tokens_details'])
  const hosted = asObject(usage['server_side_tool_usage_details'])
  const counts: [keyof Usage, number | undefined][] = [
    ['inputTokens', asCount(usage['input_tokens'])],
    ['outputTokens', asCount(usage['output_tokens'])],
    ['totalTokens', asCount(usage['total_tokens'])],
    ['cacheReadTokens', asPart(input['cached_tokens'])],
    ['cacheWriteTokens', asPart(input['cache_write_tokens'])],
    ['reasoningTokens', asPart(output['reasoning_tokens'])],
    ['webSearches', asPart(hosted['web_search_calls'])],
  ]
  const read: Usage = {}
  for (const [name, count] of counts) if (count !== undefined) read[name] = count
  return Object.keys(read).length > 0 ? read : undefined
}

/** The other way, with every count that clients rely on. */
export function writeUsage(usage: Usage): JsonObject {
  const { inputTokens = 0, outputTokens = 0, cacheReadTokens = 0, reasoningTokens = 0 } = usage
  const written = (usage.cacheWriteTokens ?? 0) + (usage.cacheWrite1hTokens ?? 0)
  return {
    input_tokens: inputTokens,
    input_tokens_details: { cached_tokens: cacheReadTokens, cache_write_tokens: written },
    output_tokens: outputTokens,
    output_tokens_details: { reasoning_tokens: reasoningTokens },
    total_tokens: totalTokens(usage) ?? inputTokens + outputTokens,
  }
}

function asCount(value: unknown): number | undefined {
  const count = asNumber(value)
  return count !== undefined && count >= 0 ? count : undefined
}

function asPart(value: unknown): number | undefined {
  return asCount(value) || undefined
}
