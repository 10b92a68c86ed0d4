import type { PartHead, ReplyEvent } from '../../core/events.ts'
import { asString, isObject, type JsonObject, type JsonValue } from '../../core/json.ts'
import type { ModelState } from '../../core/state.ts'

interface OpenPart {
  part: number
  kind: 'text' | 'thinking' | 'tool-call'
  /** What the package wants back with it. */
  state: ModelState | undefined
  hasDeltas: boolean
}

/** Reads the parts of an answer; they may interleave, told apart by their ids. */
export class PartReader {
  readonly #open = new Map<string, OpenPart>()
  #parts = 0
  /** A text that ended: sources that follow it still belong to it. */
  #ended: OpenPart | undefined
  hasCalls = false

  /** One part of a whole answer. */
  whole(part: JsonObject, events: ReplyEvent[]): void {
    const type = asString(part['type'])
    if (type !== 'text' && type !== 'reasoning') {
      this.#single(part, events)
      return
    }
    const open = this.#start(type === 'text' ? 'text' : 'thinking', { ...part, id: WHOLE }, events)
    this.#delta(open, asString(part['text']) ?? '', events)
    this.#end(WHOLE, part, events)
  }

  /** One part of a stream. */
  part(part: JsonObject): ReplyEvent[] {
    const events: ReplyEvent[] = []
    const id = asString(part['id']) ?? ''
    switch (asString(part['type'])) {
      case 'text-start':
        this.#start('text', part, events)
        break
      case 'reasoning-start':
        this.#start('thinking', part, events)
        break
      case 'tool-input-start':
        if (part['providerExecuted'] !== true) this.#start('tool-call', part, events)
        break
      case 'text-delta':
      case 'reasoning-delta':
      case 'tool-input-delta': {
        const open = this.#open.get(id)
        if (!open) break
        open.state = stateOf(part) ?? open.state
        this.#delta(open, asString(part['delta']) ?? '', events)
        break
      }
      case 'text-end':
      case 'reasoning-end':
        this.#end(id, part, events)
        break
      case 'tool-input-end':
        // The call itself follows, with what must come back with it.
        break
      default:
        this.#single(part, events)
    }
    return events
  }

  /** What is still open when the model stops. */
  end(): ReplyEvent[] {
    const events: ReplyEvent[] = []
    this.#settle(events)
    for (const open of this.#open.values()) close(open, events)
    this.#open.clear()
    return events
  }

  /** A part that comes in one piece. */
  #single(part: JsonObject, events: ReplyEvent[]): void {
    switch (asString(part['type'])) {
      case 'tool-call':
        if (part['providerExecuted'] === true) this.#opaque(part, events)
        else this.#call(part, events)
        break
      case 'source':
        this.#source(part, events)
        break
      case 'file': {
        const { mediaType, data } = part
        if (typeof mediaType === 'string' && typeof data === 'string')
          this.#alone({ kind: 'media', mediaType, data }, events)
        break
      }
      case 'tool-result':
      case 'tool-approval-request':
        this.#opaque(part, events)
        break
      default:
    }
  }

  #call(part: JsonObject, events: ReplyEvent[]): void {
    const id = asString(part['toolCallId']) ?? ''
    const open = this.#open.get(id) ?? this.#start('tool-call', { ...part, id }, events)
    if (!open.hasDeltas) this.#delta(open, asString(part['input']) ?? '', events)
    this.#end(id, part, events)
  }

  #start(kind: OpenPart['kind'], part: JsonObject, events: ReplyEvent[]): OpenPart {
    this.#settle(events)
    const id = asString(part['id']) ?? ''
    const open: OpenPart = { part: this.#parts++, kind, state: stateOf(part), hasDeltas: false }
    this.#open.set(id, open)
    const head: PartHead =
      kind === 'tool-call' ? { kind, id, name: asString(part['toolName']) ?? '' } : { kind }
    if (kind === 'tool-call') this.hasCalls = true
    events.push({ type: 'part-start', candidate: 0, part: open.part, ...head })
    return open
  }

  #delta(open: OpenPart, text: string, events: ReplyEvent[]): void {
    if (text === '') return
    open.hasDeltas = true
    events.push({ type: 'part-delta', candidate: 0, part: open.part, text })
  }

  #end(id: string, part: JsonObject, events: ReplyEvent[]): void {
    const open = this.#open.get(id)
    if (!open) return
    this.#open.delete(id)
    open.state = stateOf(part) ?? open.state
    if (open.kind === 'text') this.#ended = open
    else close(open, events)
  }

  #source({ url, title }: JsonObject, events: ReplyEvent[]): void {
    const open = this.#ended ?? [...this.#open.values()].findLast(({ kind }) => kind === 'text')
    if (!open || typeof url !== 'string') return
    const annotation = typeof title === 'string' ? { url, title } : { url }
    events.push({ type: 'annotation', candidate: 0, part: open.part, annotation })
  }

  #opaque(value: JsonObject, events: ReplyEvent[]): void {
    this.#alone({ kind: 'opaque', dialect: 'ai-sdk', value }, events)
  }

  #alone(head: PartHead, events: ReplyEvent[]): void {
    this.#settle(events)
    const part = this.#parts++
    events.push({ type: 'part-start', candidate: 0, part, ...head }, { type: 'part-end', candidate: 0, part })
  }

  #settle(events: ReplyEvent[]): void {
    if (this.#ended) close(this.#ended, events)
    this.#ended = undefined
  }
}

const WHOLE = 'whole'

function close({ part, kind, state }: OpenPart, events: ReplyEvent[]): void {
  // Packages mark each text with ids of their own, which need not come back.
  const signed = kind === 'text' || !state ? {} : { state }
  events.push({ type: 'part-end', candidate: 0, part, ...signed })
}

function stateOf({ providerMetadata }: Readonly<Record<string, JsonValue>>): ModelState | undefined {
  return isObject(providerMetadata)
    ? { dialect: 'ai-sdk', data: JSON.stringify(providerMetadata) }
    : undefined
}
