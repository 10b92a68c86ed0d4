import { asNumber, asObject, type JsonObject } from '../../core/json.ts'
import type { Usage } from '../../core/usage.ts'

/**
 * Anthropic's `usage`; undefined when it says nothing. What was written to and read from the cache is counted apart from
 * `input_tokens`. `cache_creation` splits what was written by how long it is kept.
 * Spec: https://docs.anthropic.com/en/api/messages#response-usage
 */
export function readUsage(counts: JsonObject): Usage | undefined {
  const usage: Usage = {}
  const fresh = asCount(counts['input_tokens'])
  const cached = asCount(counts['cache_read_input_tokens'])
  const written = readWritten(counts)
  const output = asCount(counts['output_tokens'])
  const thinking = asCount(asObject(counts['output_tokens_details'])['thinking_tokens'])
  const searches = asCount(asObject(counts['server_tool_use'])['web_search_requests'])
  if (fresh !== undefined) usage.inputTokens = fresh + written.total + (cached ?? 0)
  if (cached !== undefined) usage.cacheReadTokens = cached
  // Most requests write only one of the two kinds, and the other one's 0 is no news.
  if (written.short !== undefined && (written.short > 0 || !written.long))
    usage.cacheWriteTokens = written.short
  if (written.long) usage.cacheWrite1hTokens = written.long
  if (output !== undefined) usage.outputTokens = output
  if (thinking !== undefined) usage.reasoningTokens = thinking
  if (searches) usage.webSearches = searches
  return Object.keys(usage).length > 0 ? usage : undefined
}

function readWritten(counts: JsonObject): { total: number; short?: number; long?: number } {
  const { ephemeral_5m_input_tokens, ephemeral_1h_input_tokens } = asObject(counts['cache_creation'])
  const long = asCount(ephemeral_1h_input_tokens)
  const total = asCount(counts['cache_creation_input_tokens'])
  const short = total === undefined ? asCount(ephemeral_5m_input_tokens) : Math.max(total - (long ?? 0), 0)
  return {
    total: total ?? (short ?? 0) + (long ?? 0),
    ...(short === undefined ? {} : { short }),
    ...(long === undefined ? {} : { long }),
  }
}

/** The other way. The two totals are required; other counts that are not known are left out. */
export function writeUsage(usage: Usage): JsonObject {
  const { inputTokens = 0, outputTokens = 0, cacheReadTokens, cacheWriteTokens, cacheWrite1hTokens } = usage
  const { reasoningTokens, webSearches } = usage
  const written = sum(cacheWriteTokens, cacheWrite1hTokens)
  const counts: JsonObject = {
    input_tokens: Math.max(inputTokens - (written ?? 0) - (cacheReadTokens ?? 0), 0),
  }
  if (written !== undefined) counts['cache_creation_input_tokens'] = written
  if (cacheReadTokens !== undefined) counts['cache_read_input_tokens'] = cacheReadTokens
  if (cacheWrite1hTokens !== undefined) {
    counts['cache_creation'] = {
      ephemeral_5m_input_tokens: cacheWriteTokens ?? 0,
      ephemeral_1h_input_tokens: cacheWrite1hTokens,
    }
  }
  counts['output_tokens'] = outputTokens
  if (reasoningTokens !== undefined) counts['output_tokens_details'] = { thinking_tokens: reasoningTokens }
  if (webSearches !== undefined) counts['server_tool_use'] = { web_search_requests: webSearches }
  return counts
}

function sum(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined && other === undefined ? undefined : (one ?? 0) + (other ?? 0)
}

/** A token count; anything but a whole number from 0 on is none. */
function asCount(value: unknown): number | undefined {
  const count = asNumber(value)
  return count !== undefined && Number.isInteger(count) && count >= 0 ? count : undefined
}
