import type { PartHead, ReplyEvent } from '../../core/events.ts'
import type { JsonObject } from '../../core/json.ts'
import type { ModelState } from '../../core/state.ts'
import { unwrapInput } from '../openai-responses/custom-tools.ts'
import { writeAnnotation, type Annotated } from './annotations.ts'
import { writeDetail } from './reasoning-details.ts'
import { writeThoughtSignature } from './thought-signature.ts'
import { writeMedia, type CallStyle } from './write-message.ts'

interface OpenPart {
  kind: PartHead['kind']
  /** Among the tool calls or the thoughts of the answer. */
  number: number
  /** The characters of the answer before this text. */
  offset: number
  /** A custom tool's arguments, which are written when they are complete. */
  held?: string
}

type PartEvent = Extract<ReplyEvent, { part: number }>

/** The parts of one answer as the deltas of OpenAI's chunks. */
export class DeltaWriter {
  readonly #style: CallStyle
  readonly #parts = new Map<number, OpenPart>()
  #begun = false
  #calls = 0
  #thoughts = 0
  #length = 0

  constructor(style: CallStyle) {
    this.#style = style
  }

  /** The delta that begins an answer; undefined when it has begun. */
  begin(): JsonObject | undefined {
    if (this.#begun) return undefined
    this.#begun = true
    return { role: 'assistant', content: '' }
  }

  /** Undefined for an event that shows nothing. */
  write(event: PartEvent): JsonObject | undefined {
    if (event.type === 'part-start') return this.#start(event)
    const open = this.#parts.get(event.part)
    if (!open) return undefined
    switch (event.type) {
      case 'part-delta':
        return this.#delta(open, event.text)
      case 'annotation':
        return { annotations: [writeAnnotation(event.annotation, this.#annotated(open))] }
      case 'part-end':
        return this.#end(open, event.state)
    }
  }

  #start(head: Extract<ReplyEvent, { type: 'part-start' }>): JsonObject | undefined {
    const open: OpenPart = { kind: head.kind, number: 0, offset: this.#length }
    this.#parts.set(head.part, open)
    const first = this.begin()
    switch (head.kind) {
      case 'tool-call':
        open.number = this.#calls++
        if (this.#style.custom?.has(head.name)) open.held = ''
        return { ...(first && { role: 'assistant' }), ...this.#startCall(head, open) }
      case 'thinking':
        open.number = this.#thoughts++
        return first
      case 'redacted-thinking': {
        const detail = writeDetail({ state: head.state, isRedacted: true }, this.#thoughts++)
        return { ...first, reasoning_details: [detail] }
      }
      case 'media':
      case 'opaque':
        return { ...first, ...writeMedia([head]) }
      default:
        return first
    }
  }

  #startCall(
    { id, name, state }: Extract<PartHead, { kind: 'tool-call' }>,
    { number, held }: OpenPart,
  ): JsonObject {
    if (this.#style.isLegacy) return number === 0 ? { function_call: { name, arguments: '' } } : {}
    const called =
      held === undefined
        ? { type: 'function', function: { name, arguments: '' } }
        : { type: 'custom', custom: { name, input: '' } }
    return { tool_calls: [{ index: number, id, ...called, ...(state && writeThoughtSignature(state)) }] }
  }

  #delta(open: OpenPart, text: string): JsonObject | undefined {
    switch (open.kind) {
      case 'thinking':
        return { reasoning_content: text }
      case 'refusal':
        return { refusal: text }
      case 'tool-call':
        if (open.held !== undefined) {
          open.held += text
          return undefined
        }
        if (!this.#style.isLegacy) return this.#call(open, { function: { arguments: text } })
        return open.number === 0 ? { function_call: { arguments: text } } : undefined
      default:
        this.#length += text.length
        return { content: text }
    }
  }

  #end(open: OpenPart, state: ModelState | undefined): JsonObject | undefined {
    if (open.held !== undefined) return this.#call(open, { custom: { input: unwrapInput(open.held) } })
    if (!state) return undefined
    if (open.kind === 'thinking') return { reasoning_details: [writeDetail({ state }, open.number)] }
    if (open.kind === 'text') return writeThoughtSignature(state)
    return open.kind === 'tool-call' ? this.#call(open, writeThoughtSignature(state)) : undefined
  }

  #annotated({ offset }: OpenPart): Annotated {
    return { offset, length: this.#length - offset }
  }

  #call({ number }: OpenPart, more: JsonObject): JsonObject {
    return { tool_calls: [{ index: number, ...more }] }
  }
}
