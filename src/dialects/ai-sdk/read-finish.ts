import type { CandidateEnd } from '../../core/events.ts'
import { asNumber, asObject, asString, isObject, type JsonValue } from '../../core/json.ts'
import type { Usage } from '../../core/usage.ts'

/** Why a model stopped: a word in version 2, a word beside the provider's own since version 3. */
export function readEnd(finishReason: JsonValue | undefined, hasCalls: boolean): CandidateEnd {
  const word = asString(finishReason) ?? asString(asObject(finishReason)['unified']) ?? 'other'
  const raw = asString(asObject(finishReason)['raw'])
  // Some packages say `stop` after calls as well.
  const reason = hasCalls && word === 'stop' ? 'tool_calls' : (REASONS.get(word) ?? 'stop')
  return raw === undefined || raw === reason
    ? { reason }
    : { reason, native: { dialect: 'ai-sdk', reason: raw } }
}

const REASONS: ReadonlyMap<string, string> = new Map([
  ['stop', 'stop'],
  ['length', 'length'],
  ['content-filter', 'content_filter'],
  ['tool-calls', 'tool_calls'],
])

/** Token counts: flat in version 2, by class since version 3. */
export function readUsage(usage: unknown): Usage | undefined {
  if (!isObject(usage)) return undefined
  const { inputTokens: input, outputTokens: output } = usage
  const counts: Readonly<Record<(typeof NAMES)[number], unknown>> = {
    inputTokens: isObject(input) ? input['total'] : input,
    outputTokens: isObject(output) ? output['total'] : output,
    totalTokens: usage['totalTokens'],
    cacheReadTokens: isObject(input) ? input['cacheRead'] : usage['cachedInputTokens'],
    cacheWriteTokens: isObject(input) ? input['cacheWrite'] : undefined,
    reasoningTokens: isObject(output) ? output['reasoning'] : usage['reasoningTokens'],
  }
  const read: Usage = {}
  for (const name of NAMES) {
    const count = asNumber(counts[name])
    if (count !== undefined && count >= 0) read[name] = count
  }
  return read
}

const NAMES = [
  'inputTokens',
  'outputTokens',
  'totalTokens',
  'cacheReadTokens',
  'cacheWriteTokens',
  'reasoningTokens',
] as const satisfies readonly (keyof Usage)[]
