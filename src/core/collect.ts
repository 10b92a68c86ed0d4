import type { CandidateEnd, PartHead, ReplyEvent, TokenLogprob } from './events.ts'
import type { Annotation } from './request.ts'
import type { ModelState } from './state.ts'
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
  parts: CollectedPart[]
  /** Absent when the reply was cut before this candidate's end. */
  end?: CandidateEnd
  logprobs: TokenLogprob[]
}

/** One part: its head, with all that came for it. `text` is a tool call's arguments as JSON text. */
export type CollectedPart = PartHead & {
  text: string
  annotations: Annotation[]
  /** Of the part's start or end. */
  state?: ModelState
}

/** A part of one kind. */
export type CollectedPartOf<Kind extends PartHead['kind']> = Extract<CollectedPart, { kind: Kind }>

/** Put a reply's events together. Throws the error of an `error` event. */
export function collectReply(events: readonly ReplyEvent[]): CollectedReply {
  const reply: CollectedReply = { usage: {}, candidates: [] }
  for (const event of events) {
    switch (event.type) {
      case 'reply-start':
        if (event.id !== undefined) reply.id = event.id
        if (event.model !== undefined) reply.model = event.model
        if (event.createdAt !== undefined) reply.createdAt = event.createdAt
        break
      case 'part-start':
        candidateAt(reply, event.candidate).parts[event.part] = startPart(event)
        break
      case 'part-delta': {
        const part = partAt(reply, event)
        if (part) part.text += event.text
        break
      }
      case 'annotation':
        partAt(reply, event)?.annotations.push(event.annotation)
        break
      case 'part-end': {
        const part = partAt(reply, event)
        if (part && event.state) part.state = event.state
        break
      }
      case 'logprobs':
        candidateAt(reply, event.candidate).logprobs.push(...event.tokens)
        break
      case 'candidate-end':
        candidateAt(reply, event.candidate).end = endOf(event)
        break
      case 'usage':
        reply.usage = { ...reply.usage, ...event.usage }
        break
      case 'error':
        throw event.error
      case 'reply-end':
        break
    }
  }
  return reply
}

function endOf({ reason, stopSequence, native }: CandidateEnd): CandidateEnd {
  const end: CandidateEnd = { reason }
  if (stopSequence !== undefined) end.stopSequence = stopSequence
  if (native) end.native = native
  return end
}

/** Spelt out by kind: leaving members out of a copy costs more than the rest of a short reply. */
function startPart(event: Extract<ReplyEvent, { type: 'part-start' }>): CollectedPart {
  const empty = { text: '', annotations: [] }
  switch (event.kind) {
    case 'text':
    case 'thinking':
    case 'refusal':
      return { kind: event.kind, ...empty }
    case 'redacted-thinking':
      return { kind: event.kind, state: event.state, ...empty }
    case 'tool-call': {
      const { kind, id, name, state } = event
      return state ? { kind, id, name, state, ...empty } : { kind, id, name, ...empty }
    }
    case 'media':
      return { kind: event.kind, mediaType: event.mediaType, data: event.data, ...empty }
    case 'opaque':
      return { kind: event.kind, dialect: event.dialect, value: event.value, ...empty }
  }
}

/** The parts of one kind, in order. */
export function partsOf<Kind extends PartHead['kind']>(
  { parts }: CollectedCandidate,
  kind: Kind,
): CollectedPartOf<Kind>[] {
  return parts.filter((part): part is CollectedPartOf<Kind> => part.kind === kind)
}

/** The texts of one kind, joined: for dialects that have one field where others have blocks. */
export function textOf(candidate: CollectedCandidate, kind: 'text' | 'thinking' | 'refusal'): string {
  return partsOf(candidate, kind)
    .map(({ text }) => text)
    .join('')
}

function candidateAt(reply: CollectedReply, index: number): CollectedCandidate {
  for (let i = reply.candidates.length; i <= index; i++) reply.candidates.push({ parts: [], logprobs: [] })
  const candidate = reply.candidates[index]
  if (!candidate) throw new RangeError(`candidate ${index} is out of range`)
  return candidate
}

function partAt(reply: CollectedReply, at: { candidate: number; part: number }): CollectedPart | undefined {
  return candidateAt(reply, at.candidate).parts[at.part]
}
