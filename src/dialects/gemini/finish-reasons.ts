import type { CandidateEnd, FinishReason } from '../../core/events.ts'

/** Reasons that mean the model's output could not be used at all. */
export const FAILED: ReadonlySet<string> = new Set([
  'MALFORMED_FUNCTION_CALL',
  'MALFORMED_RESPONSE',
  'MISSING_THOUGHT_SIGNATURE',
  'TOO_MANY_TOOL_CALLS',
  'UNEXPECTED_TOOL_CALL',
])

const FILTERED: ReadonlySet<string> = new Set([
  'BLOCKLIST',
  'IMAGE_PROHIBITED_CONTENT',
  'IMAGE_RECITATION',
  'IMAGE_SAFETY',
  'JAILBREAK',
  'LANGUAGE',
  'MODEL_ARMOR',
  'PROHIBITED_CONTENT',
  'RECITATION',
  'SAFETY',
  'SPII',
])

/** Gemini stops in the same way for an answer and for calls, so that `hasCalls` tells them apart. */
export function readFinishReason(reason: string, hasCalls: boolean): CandidateEnd {
  // Not a word of Gemini's, but of servers that imitate it; agents go on only where calls end as calls.
  if (reason === 'FUNCTION_CALL' && hasCalls) {
    return { reason: 'tool_calls', native: { dialect: 'gemini', reason } }
  }
  if (reason === 'STOP') return { reason: hasCalls ? 'tool_calls' : 'stop' }
  if (reason === 'MAX_TOKENS') return { reason: 'length' }
  return { reason: FILTERED.has(reason) ? 'content_filter' : reason, native: { dialect: 'gemini', reason } }
}

export function writeFinishReason({ reason, native }: CandidateEnd): string {
  if (native?.dialect === 'gemini') return native.reason
  return FINISH_REASONS.get(reason) ?? 'OTHER'
}

const FINISH_REASONS: ReadonlyMap<FinishReason, string> = new Map<FinishReason, string>([
  ['stop', 'STOP'],
  ['tool_calls', 'STOP'],
  ['length', 'MAX_TOKENS'],
  ['content_filter', 'SAFETY'],
])
