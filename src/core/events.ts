import type { GatewayError } from './error.ts'
import type { JsonObject } from './json.ts'
import type { Annotation } from './request.ts'
import type { ModelState } from './state.ts'
import type { Usage } from './usage.ts'

/**
 * The canonical reply: the same events for a whole answer and for a stream, so that each dialect maps them once.
 *
 *   reply-start (part-start (part-delta | annotation)* part-end)* candidate-end usage reply-end
 *
 * Parts of different candidates may interleave; `part` counts up within its candidate. Tool calls of one candidate may
 * interleave too. `usage` may come more than once: the last figure of a count holds.
 */
export type ReplyEvent =
  | { type: 'reply-start'; id?: string; model?: string; createdAt?: number }
  | ({ type: 'part-start'; candidate: number; part: number } & PartHead)
  | { type: 'part-delta'; candidate: number; part: number; text: string }
  | { type: 'annotation'; candidate: number; part: number; annotation: Annotation }
  /** `state` signs the part that ends here. */
  | { type: 'part-end'; candidate: number; part: number; state?: ModelState }
  | { type: 'logprobs'; candidate: number; tokens: TokenLogprob[] }
  | ({ type: 'candidate-end'; candidate: number } & CandidateEnd)
  | { type: 'usage'; usage: Usage }
  | { type: 'reply-end' }
  | { type: 'error'; error: GatewayError }

/**
 * What a part is. The deltas of a `tool-call` are pieces of the JSON text of its arguments; those of `text`, `thinking`
 * and `refusal` are text; the others have none.
 */
export type PartHead =
  | { kind: 'text' }
  | { kind: 'thinking' }
  | { kind: 'refusal' }
  | { kind: 'redacted-thinking'; state: ModelState }
  | { kind: 'tool-call'; id: string; name: string; state?: ModelState }
  /** An image, sound or file that the model made; `data` is base64. */
  | { kind: 'media'; mediaType: string; data: string }
  /** Something only one dialect knows, such as a hosted tool's call or result, whole. */
  | { kind: 'opaque'; dialect: string; value: JsonObject }

export interface CandidateEnd {
  reason: FinishReason
  /** The stop sequence that ended the answer. */
  stopSequence?: string
  /** The provider's own word, where it says more than `reason`. */
  native?: { dialect: string; reason: string }
}

/** OpenAI's words; a provider's own reason that has no such word is passed on as it is. */
export type FinishReason = 'stop' | 'length' | 'tool_calls' | 'content_filter' | (string & {})

/** One token of the answer; `logprob` is a natural logarithm. */
export interface TokenLogprob {
  token: string
  logprob: number
  bytes?: number[]
  alternatives: { token: string; logprob: number; bytes?: number[] }[]
}

/** Whether an event carries something the user asked for: from then on another provider can no longer take over. */
export function isContent(event: ReplyEvent): boolean {
  if (event.type === 'part-delta') return event.text !== ''
  if (event.type === 'part-start') return !TEXTUAL.has(event.kind)
  return event.type === 'candidate-end'
}

const TEXTUAL: ReadonlySet<PartHead['kind']> = new Set<PartHead['kind']>(['text', 'thinking', 'refusal'])

/** The canonical answer to an embeddings request: one vector per input, in order; a string is base64 of float32. */
export interface EmbeddingsReply {
  id?: string
  model?: string
  vectors: (number[] | string)[]
  usage: Usage
}

/** The canonical answer to a rerank request, best first. */
export interface RerankReply {
  id?: string
  model?: string
  results: { index: number; score: number; document?: string }[]
  usage: Usage
}
