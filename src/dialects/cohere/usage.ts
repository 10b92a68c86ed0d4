import { asNumber, asObject, isObject, type JsonObject } from '../../core/json.ts'
import type { Usage } from '../../core/usage.ts'

/**
 * Cohere's `usage` of a chat, or the `meta` of its other answers; undefined when it counts nothing. `tokens` are what the
 * model saw, `billed_units` leave out Cohere's own instructions, so they only stand in where there are no tokens.
 * Pictures are counted beside the input, not in it.
 */
export function readUsage(usage: unknown): Usage | undefined {
  if (!isObject(usage)) return undefined
  const billed = asObject(usage['billed_units'])
  const tokens = isObject(usage['tokens']) ? usage['tokens'] : billed
  const read: Usage = {}
  const input = asCount(tokens['input_tokens'])
  const images = asCount(tokens['image_tokens'])
  const output = asCount(tokens['output_tokens'])
  const reasoning = asCount(tokens['reasoning_tokens'])
  const cached = asCount(usage['cached_tokens'])
  const searches = asCount(billed['search_units'])
  if (input !== undefined) read.inputTokens = input + (images ?? 0)
  if (images) read.inputImageTokens = images
  if (output !== undefined) read.outputTokens = output
  if (reasoning !== undefined) read.reasoningTokens = reasoning
  if (cached !== undefined) read.cacheReadTokens = cached
  if (searches !== undefined) read.searchUnits = searches
  return Object.keys(read).length > 0 ? read : undefined
}

/** The other way. What another provider counts is what it bills. */
export function writeUsage(usage: Usage): JsonObject {
  const { inputTokens, inputImageTokens, outputTokens, reasoningTokens, cacheReadTokens, searchUnits } = usage
  const tokens: JsonObject = {}
  const billed: JsonObject = {}
  if (inputTokens !== undefined) {
    billed['input_tokens'] = inputTokens
    tokens['input_tokens'] = Math.max(inputTokens - (inputImageTokens ?? 0), 0)
  }
  if (inputImageTokens !== undefined) tokens['image_tokens'] = inputImageTokens
  if (outputTokens !== undefined) billed['output_tokens'] = tokens['output_tokens'] = outputTokens
  if (reasoningTokens !== undefined) tokens['reasoning_tokens'] = reasoningTokens
  if (searchUnits !== undefined) billed['search_units'] = searchUnits
  const written: JsonObject = {}
  if (Object.keys(billed).length > 0) written['billed_units'] = billed
  if (Object.keys(tokens).length > 0) written['tokens'] = tokens
  if (cacheReadTokens !== undefined) written['cached_tokens'] = cacheReadTokens
  return written
}

/** A count of tokens; anything but a number from 0 on is none. */
function asCount(value: unknown): number | undefined {
  const count = asNumber(value)
  return count !== undefined && count >= 0 ? count : undefined
}
