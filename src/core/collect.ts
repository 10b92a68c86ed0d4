import type { FinishReason, ReplyEvent } from './events.ts'
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
  toolCalls: { id: string; name: string; arguments: string }[]
  reason: FinishReason | null
}

/** Put a reply's events together. Throws the error of an `error` event. */
export function collectReply(events: readonly ReplyEvent[]): CollectedReply {
  const reply: CollectedReply = { usage: {}, candidates: [] }
  const kinds = new Map<string, 'text' | 'thinking' | 'refusal' | 'tool-call'>()
  for (const event of events) {
    switch (event.type) {
      case 'reply-start':
        if (event.id !== undefined) reply.id = event.id
        if (event.model !== undefined) reply.model = event.model
        if (event.createdAt !== undefined) reply.createdAt = event.createdAt
        break
      case 'part-start':
        kinds.set(`${event.candidate}/${event.part}`, event.kind)
        if (event.kind === 'tool-call') {
          candidateAt(reply, event.candidate).toolCalls.push({
            id: event.id,
            name: event.name,
            arguments: '',
          })
        }
        break
      case 'part-delta': {
        const candidate = candidateAt(reply, event.candidate)
        const kind = kinds.get(`${event.candidate}/${event.part}`) ?? 'text'
        if (kind !== 'tool-call') candidate[kind] += event.text
        else appendArguments(candidate, event.text)
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

function appendArguments(candidate: CollectedCandidate, text: string): void {
  const call = candidate.toolCalls.at(-1)
  if (call) call.arguments += text
}
