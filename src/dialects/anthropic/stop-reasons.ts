import type { CandidateEnd, FinishReason } from '../../core/events.ts'
import { asString, type JsonObject } from '../../core/json.ts'

/** Why a message ends; `delta` is a whole message or what a stream says at its end. */
export function readEnd(delta: JsonObject): CandidateEnd {
  const native = asString(delta['stop_reason'])
  const stopSequence = asString(delta['stop_sequence'])
  const reason = FINISH_REASONS.get(native ?? '') ?? native ?? 'stop'
  return {
    reason,
    ...(stopSequence === undefined ? {} : { stopSequence }),
    ...(native === undefined || STOP_REASONS.get(reason) === native
      ? {}
      : { native: { dialect: 'anthropic', reason: native } }),
  }
}

/** The other way, for an answer with a refusal in it, or that ends with a call. */
export function writeStopReason(
  { reason, stopSequence, native }: CandidateEnd,
  { isRefused, endsWithCall }: { isRefused: boolean; endsWithCall: boolean },
): string {
  if (native?.dialect === 'anthropic') return native.reason
  if (isRefused) return 'refusal'
  if (reason === 'stop' && endsWithCall) return 'tool_use'
  if (stopSequence !== undefined) return 'stop_sequence'
  return STOP_REASONS.get(reason) ?? 'end_turn'
}

const FINISH_REASONS: ReadonlyMap<string, FinishReason> = new Map([
  ['end_turn', 'stop'],
  ['stop_sequence', 'stop'],
  ['max_tokens', 'length'],
  ['model_context_window_exceeded', 'length'],
  ['tool_use', 'tool_calls'],
  ['refusal', 'content_filter'],
])

const STOP_REASONS: ReadonlyMap<FinishReason, string> = new Map([
  ['stop', 'end_turn'],
  ['length', 'max_tokens'],
  ['tool_calls', 'tool_use'],
  ['content_filter', 'refusal'],
])
