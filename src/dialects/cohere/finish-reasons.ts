import type { CandidateEnd } from '../../core/events.ts'

/** Cohere's reason in canonical words. The failures among them are read before. */
export function readFinishReason(reason: string | undefined): CandidateEnd {
  const native = reason === undefined ? {} : { native: { dialect: 'cohere', reason } }
  return { reason: REASONS.get(reason ?? 'COMPLETE') ?? reason ?? 'stop', ...native }
}

/**
 * The other way; what Cohere has no word for is passed on as it is, unless the answer has calls: then it ends for them,
 * though some servers say so in a word of their own, or not at all.
 */
export function writeFinishReason({ reason, stopSequence, native }: CandidateEnd, hasCalls: boolean): string {
  if (native?.dialect === 'cohere') return native.reason
  if (reason === 'stop' && stopSequence !== undefined) return 'STOP_SEQUENCE'
  return WORDS.get(reason) ?? (hasCalls ? 'TOOL_CALL' : reason)
}

/** Reasons that are no end of an answer. */
export const FAILURES: ReadonlySet<string> = new Set(['ERROR', 'TIMEOUT'])

const REASONS: ReadonlyMap<string, string> = new Map([
  ['COMPLETE', 'stop'],
  ['STOP_SEQUENCE', 'stop'],
  ['MAX_TOKENS', 'length'],
  ['ERROR_LIMIT', 'length'],
  ['TOOL_CALL', 'tool_calls'],
  ['ERROR_TOXIC', 'content_filter'],
])

/** `ERROR_TOXIC` is of the first version of the API; the second has no word for it. */
const WORDS: ReadonlyMap<string, string> = new Map([
  ['stop', 'COMPLETE'],
  ['length', 'MAX_TOKENS'],
  ['tool_calls', 'TOOL_CALL'],
  ['content_filter', 'ERROR_TOXIC'],
])
