import type { FinishReason, PartHead, ReplyEvent } from './events.ts'
import type { Usage } from './usage.ts'

/** A whole reply, put together from its events. */
export interface CollectedReply {
  id?: string
  model?: string
  /** Unix time in seconds. */
  createdAt?: number
  usage: Usage
  candidates: CollectedCandidate[]
}

export interface CollectedCandidate {
  text: string
  thinking: string
  refusal: string
  toolCalls: CollectedToolCall[]
  reason: FinishReason | null
}

export interface CollectedToolCall {
  id: string
  name: string
  /** JSON text. */
  arguments: string
}

/** Put a reply's events together. Throws the error of an `error` event. */
export function collectReply(events: readonly ReplyEvent[]): CollectedReply {
  const reply: CollectedReply = { usage: {}, candidates: [] }
  /** Where the deltas of each part go. */
  const parts = new Map<string, 'text' | 'thinking' | 'refusal' | CollectedToolCall>()
  for (const event of events) {
    switch (event.type) {
      case 'reply-start':
        if (event.id !== undefined) reply.id = event.id
        if (event.model !== undefined) reply.model = event.model
        if (event.createdAt !== undefined) reply.createdAt = event.createdAt
        break
      case 'part-start':
        parts.set(`${event.candidate}/${event.part}`, startPart(candidateAt(reply, event.candidate), event))
        break
      case 'part-delta': {
        const part = parts.get(`${event.candidate}/${event.part}`) ?? 'text'
        if (typeof part === 'object') part.arguments += event.text
        else candidateAt(reply, event.candidate)[part] += event.text
        break
      }
      case 'candidate-end':
        candidateAt(reply, event.candidate).reason = event.reason
        break
      case 'usage':
        reply.usage = { ...reply.usage, ...event.usage }
        break
      case 'error':
        throw event.error
      case 'part-end':
      case 'reply-end':
        break
    }
  }
  return reply
}

function candidateAt(reply: CollectedReply, index: number): CollectedCandidate {
  for (let i = reply.candidates.length; i <= index; i++) {
    reply.candidates.push({ text: '', thinking: '', refusal: '', toolCalls: [], reason: null })
  }
  const candidate = reply.candidates[index]
  if (!candidate) throw new RangeError(`candidate ${index} is out of range`)
  return candidate
}

function startPart(
  candidate: CollectedCandidate,
  head: PartHead,
): 'text' | 'thinking' | 'refusal' | CollectedToolCall {
  if (head.kind !== 'tool-call') return head.kind
  const call = { id: head.id, name: head.name, arguments: '' }
  candidate.toolCalls.push(call)
  return call
}
