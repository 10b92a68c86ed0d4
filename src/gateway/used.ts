import type { Call } from '../core/call.ts'
import type { GatewayError } from '../core/error.ts'
import type { ReplyEvent } from '../core/events.ts'
import type { Finish } from '../core/reply.ts'
import { answering } from '../core/trail.ts'
import type { Usage } from '../core/usage.ts'
import { BYTES_PER_TOKEN } from './estimate-tokens.ts'
import { estimateSize } from './limits/estimate.ts'

/** What can be said of a reply's tokens without its provider. */
export interface Seen {
  /** Whether the reply came to its end: what was told of it then holds. */
  readonly isWhole: boolean
  readonly promptTokens: () => number
  readonly answerTokens: () => number
}

/**
 * What a reply used: as the provider told it, and where it told nothing, or told it before the reply broke off, counted
 * in the text that passed.
 */
export function usedBy(told: Usage | undefined, seen: Seen): Pick<Finish, 'usage' | 'isEstimated'> {
  if (seen.isWhole && told?.inputTokens !== undefined && told.outputTokens !== undefined) {
    return { usage: told }
  }
  const { totalTokens: _totalTokens, ...counts } = told ?? {}
  const { inputTokens = seen.promptTokens(), outputTokens } = counts
  const isLast = seen.isWhole && outputTokens !== undefined
  const answered = isLast ? outputTokens : Math.max(outputTokens ?? 0, seen.answerTokens())
  return { usage: { ...counts, inputTokens, outputTokens: answered }, isEstimated: true }
}

/** What was used by a request whose client left before there was an answer: a provider that was asked has its prompt. */
export function usedWithoutAnswer(
  call: Pick<Call, 'request' | 'asked' | 'caller' | 'trail'>,
  error: GatewayError,
): Pick<Finish, 'usage' | 'isEstimated'> {
  const asked = answering(call.trail)
  if (error.kind !== 'canceled' || !asked || (asked.outcome ?? 'canceled') !== 'canceled') return {}
  return { usage: { inputTokens: promptTokens(call), outputTokens: 0 }, isEstimated: true }
}

/** About how many tokens a request has. */
export function promptTokens(call: Pick<Call, 'request' | 'asked' | 'caller'>): number {
  return estimateSize(call, NO_ANSWER).inputTokens
}

const NO_ANSWER = { assumedOutputTokens: 0, params: undefined }

/** The bytes of what a model wrote in these events. */
export function writtenBytes(events: readonly ReplyEvent[]): number {
  let bytes = 0
  for (const event of events) if (event.type === 'part-delta') bytes += Buffer.byteLength(event.text)
  return bytes
}

/** About how many tokens such a text has. */
export function tokensOfBytes(bytes: number): number {
  return Math.ceil(bytes / BYTES_PER_TOKEN)
}
