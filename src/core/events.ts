import type { GatewayError } from './error.ts'
import type { Usage } from './usage.ts'

/**
 * The canonical reply: the same events for a whole answer and for a stream, so that each dialect maps them once.
 *
 *   reply-start (part-start part-delta* part-end)* candidate-end usage reply-end
 *
 * Parts of different candidates may interleave; `part` counts up within its candidate.
 */
export type ReplyEvent =
  | { type: 'reply-start'; id?: string; model?: string; createdAt?: number }
  | ({ type: 'part-start'; candidate: number; part: number } & PartHead)
  | { type: 'part-delta'; candidate: number; part: number; text: string }
  | { type: 'part-end'; candidate: number; part: number }
  | { type: 'candidate-end'; candidate: number; reason: FinishReason }
  | { type: 'usage'; usage: Usage }
  | { type: 'reply-end' }
  | { type: 'error'; error: GatewayError }

/** What a part is. The deltas of a `tool-call` are pieces of the JSON text of its arguments. */
export type PartHead =
  | { kind: 'text' }
  | { kind: 'thinking' }
  | { kind: 'refusal' }
  | { kind: 'tool-call'; id: string; name: string }

/** OpenAI's words; a provider's own reason that has no such word is passed on as it is. */
export type FinishReason = 'stop' | 'length' | 'tool_calls' | 'content_filter' | (string & {})

/** Whether an event carries something the user asked for: from then on another provider can no longer take over. */
export function isContent(event: ReplyEvent): boolean {
  if (event.type === 'part-delta') return event.text !== ''
  return (event.type === 'part-start' && event.kind === 'tool-call') || event.type === 'candidate-end'
}

/** The canonical answer to an embeddings request: one vector per input, in order. */
export interface EmbeddingsReply {
  model?: string
  vectors: (number[] | string)[]
  usage: Usage
}
