import type { CandidateEnd, FinishReason } from '../../core/events.ts'
import { asString } from '../../core/json.ts'

/** Why an answer ends. Which stop sequence ended it is not said. */
export function readEnd(stopReason: unknown): CandidateEnd {
  const native = asString(stopReason)
  const reason = FINISH_REASONS.get(native ?? '') ?? native ?? 'stop'
  if (native === undefined || PLAIN.has(native)) return { reason }
  return { reason, native: { dialect: 'bedrock', reason: native } }
}

const FINISH_REASONS: ReadonlyMap<string, FinishReason> = new Map([
  ['end_turn', 'stop'],
  ['stop_sequence', 'stop'],
  ['max_tokens', 'length'],
  ['model_context_window_exceeded', 'length'],
  ['tool_use', 'tool_calls'],
  ['guardrail_intervened', 'content_filter'],
  ['content_filtered', 'content_filter'],
  ['refusal', 'content_filter'],
])

/** What says no more than its canonical word. */
const PLAIN: ReadonlySet<string> = new Set(['end_turn', 'max_tokens', 'tool_use', 'content_filtered'])
