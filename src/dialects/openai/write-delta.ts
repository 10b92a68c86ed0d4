import type { ReplyEvent } from '../../core/events.ts'
import type { JsonObject } from '../../core/json.ts'
import { writeCallState } from './call-state.ts'
import { writeCarrier, writeDetail, writePiece } from './thinking.ts'
import { writeAnnotation, writeMedia } from './write-extras.ts'

type PartEvent = Extract<ReplyEvent, { part: number }>

/** Canonical events of parts as deltas of OpenAI's chunks. A member that a delta does not have is null. */
export class DeltaWriter {
  /** Of each part: its kind, and its number among the tool calls or the thoughts of its candidate. */
  readonly #parts = new Map<string, { kind: string; number: number }>()
  readonly #counts = new Map<string, number>()
  readonly #begun = new Set<number>()

  /** The delta that begins a candidate's answer; undefined when it has begun. */
  begin(candidate: number): JsonObject | undefined {
    if (this.#begun.has(candidate)) return undefined
    this.#begun.add(candidate)
    return { role: 'assistant', content: '' }
  }

  /** Undefined for an event that shows nothing. */
  write(event: PartEvent): JsonObject | undefined {
    const key = `${event.candidate}/${event.part}`
    if (event.type === 'part-start') return this.#start(event, key)
    const { kind, number } = this.#parts.get(key) ?? { kind: 'text', number: 0 }
    switch (event.type) {
      case 'part-delta':
        return writeDelta(kind, number, event.text)
      case 'annotation':
        return { annotations: [writeAnnotation(event.annotation)] }
      case 'part-end':
        if (!event.state) return undefined
        if (kind === 'thinking') return { reasoning_details: [bareDetail(event.state, number)] }
        return { reasoning_details: [writeCarrier({ place: 'previous', state: event.state }, number)] }
    }
  }

  #start(event: Extract<ReplyEvent, { type: 'part-start' }>, key: string): JsonObject | undefined {
    const isThought = event.kind === 'thinking' || event.kind === 'redacted-thinking' || event.kind === 'text'
    const number = this.#count(event.candidate, isThought ? 'thought' : event.kind)
    this.#parts.set(key, { kind: event.kind, number })
    const first = this.begin(event.candidate)
    switch (event.kind) {
      case 'tool-call': {
        const { id, name, state } = event
        const call = {
          index: number,
          id,
          type: 'function',
          function: { name, arguments: '' },
          ...writeCallState(state),
        }
        return { role: first ? 'assistant' : null, content: null, tool_calls: [call] }
      }
      case 'redacted-thinking':
        return { ...first, reasoning_details: [writeDetail({ state: event.state }, number)] }
      case 'media':
        return { ...first, ...writeMedia(event) }
      default:
        return first
    }
  }

  #count(candidate: number, kind: string): number {
    const key = `${candidate}/${kind}`
    const count = this.#counts.get(key) ?? 0
    this.#counts.set(key, count + 1)
    return count
  }
}

function writeDelta(kind: string, number: number, text: string): JsonObject {
  switch (kind) {
    case 'thinking':
      return {
        role: null,
        content: null,
        reasoning_content: text,
        reasoning_details: [writePiece(text, number)],
      }
    case 'refusal':
      return { role: null, content: null, refusal: text }
    case 'tool-call':
      return { role: null, content: null, tool_calls: [{ index: number, function: { arguments: text } }] }
    default:
      return { role: null, content: text }
  }
}

/** The signature of a thought whose text has been streamed. */
function bareDetail(state: Parameters<typeof writeCarrier>[0]['state'], index: number): JsonObject {
  const { text: _text, ...bare } = writeDetail({ text: '', state }, index)
  return { ...bare, index }
}
