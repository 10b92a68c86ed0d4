import { asArray, asNumber, asObject, isObject, type JsonObject } from '../../core/json.ts'
import type { Usage } from '../../core/usage.ts'

/**
 * Converse's `usage`; undefined when it says nothing. What was written to and read from the cache is counted apart from
 * `inputTokens`; `cacheDetails` splits what was written by how long it is kept.
 * Spec: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_TokenUsage.html
 */
export function readUsage(counts: unknown): Usage | undefined {
  if (!isObject(counts)) return undefined
  const usage: Usage = {}
  const fresh = asCount(counts['inputTokens'])
  const output = asCount(counts['outputTokens'])
  // Nova's own API has the longer names.
  const read = asCount(counts['cacheReadInputTokens'] ?? counts['cacheReadInputTokenCount'])
  const written = asCount(counts['cacheWriteInputTokens'] ?? counts['cacheWriteInputTokenCount'])
  const long = writtenFor1h(counts)
  const short = written === undefined ? undefined : Math.max(written - long, 0)
  if (fresh !== undefined) usage.inputTokens = fresh + (read ?? 0) + (written ?? 0)
  if (output !== undefined) usage.outputTokens = output
  if (read !== undefined) usage.cacheReadTokens = read
  // Most requests write only one of the two kinds, and the other one's 0 is no news.
  if (short !== undefined && (short > 0 || long === 0)) usage.cacheWriteTokens = short
  if (long > 0) usage.cacheWrite1hTokens = long
  return Object.keys(usage).length > 0 ? usage : undefined
}

function writtenFor1h(counts: JsonObject): number {
  const details = asArray(counts['cacheDetails']).map(asObject)
  return details.reduce(
    (sum, { ttl, inputTokens }) => sum + (ttl === '1h' ? (asCount(inputTokens) ?? 0) : 0),
    0,
  )
}

/** A token count; anything but a whole number from 0 on is none. */
export function asCount(value: unknown): number | undefined {
  const count = asNumber(value)
  return count !== undefined && Number.isInteger(count) && count >= 0 ? count : undefined
}
