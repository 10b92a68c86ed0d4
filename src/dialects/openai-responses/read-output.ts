import type { PartHead, ReplyEvent } from '../../core/events.ts'
import { asArray, asNumber, asObject, asString, isObject, type JsonObject } from '../../core/json.ts'
import type { ModelState } from '../../core/state.ts'
import { readAnnotation } from './annotations.ts'
import { wrapInput } from './custom-tools.ts'
import { DIALECT } from './dialect-name.ts'
import { readLogprobs } from './logprobs.ts'
import { BETWEEN_PARTS, readItemState, readItemText } from './reasoning-item.ts'

type TextKind = 'text' | 'thinking' | 'refusal'

/** A text of an item: where it stands, and what it is. */
interface Place {
  item: number
  content: number
  kind: TextKind
}

interface OpenCall {
  part: number
  isFilled: boolean
}

/**
 * The parts of a reply from its output items. One text is open at a time: it ends when something else begins, because
 * some servers finish a thought only after the answer. Calls stay open until they are done. What only comes with a
 * finished item (a text without deltas) is read from there.
 */
export class OutputReader {
  hasCalls = false
  #parts = 0
  /** The open text. */
  #open: { key: string; part: number } | undefined
  readonly #calls = new Map<number, OpenCall>()
  /** Places that have said something. */
  readonly #said = new Set<string>()
  readonly #annotations = new Map<string, number>()
  readonly #withLogprobs = new Set<string>()
  /** Which part of a thought its last text came from. */
  readonly #thoughts = new Map<number, { source: string; index: number }>()
  readonly #done = new Set<number>()

  /** Whether nothing has come yet. */
  get isEmpty(): boolean {
    return this.#parts === 0
  }

  start(index: number, item: JsonObject, events: ReplyEvent[]): void {
    if (isCall(item) && !this.#calls.has(index)) this.#call(index, item, events)
  }

  delta(place: Place, event: JsonObject, events: ReplyEvent[]): void {
    const text = asString(event['delta']) ?? ''
    if (text === '') return
    this.#openText(place, events)
    this.#logprobs(place, event['logprobs'], events)
    this.#say(place, text, events)
  }

  /** A piece of a thought; `source` tells summaries from raw thoughts, of which one is read. */
  thought(source: 'summary' | 'content', event: JsonObject, events: ReplyEvent[]): void {
    const item = asNumber(event['output_index']) ?? 0
    const index = asNumber(event[`${source}_index`]) ?? 0
    const last = this.#thoughts.get(item)
    if (last && last.source !== source) return
    this.#thoughts.set(item, { source, index })
    const separator = last && last.index !== index ? BETWEEN_PARTS : ''
    this.#say({ item, content: 0, kind: 'thinking' }, separator + (asString(event['delta']) ?? ''), events)
  }

  /** The whole of a text; of interest when it came without deltas. */
  text(place: Place, text: unknown, events: ReplyEvent[]): void {
    if (!this.#said.has(keyOf(place))) this.#say(place, asString(text) ?? '', events)
  }

  annotation(place: Place, annotation: unknown, events: ReplyEvent[]): void {
    const key = keyOf(place)
    if (this.#open?.key !== key) return
    const { part } = this.#open
    this.#annotations.set(key, (this.#annotations.get(key) ?? 0) + 1)
    events.push({ type: 'annotation', candidate: 0, part, annotation: readAnnotation(asObject(annotation)) })
  }

  /** A piece of a function's arguments. */
  argument(index: number, text: unknown, events: ReplyEvent[]): void {
    const call = this.#calls.get(index)
    if (!call || typeof text !== 'string' || text === '') return
    call.isFilled = true
    events.push({ type: 'part-delta', candidate: 0, part: call.part, text })
  }

  /** A finished item, of which nothing, a part or all may have come already. */
  item(index: number, item: JsonObject, events: ReplyEvent[]): void {
    if (this.#done.has(index)) return
    this.#done.add(index)
    if (item['type'] === 'message') this.#message(index, item, events)
    else if (item['type'] === 'reasoning') this.#thinking(index, item, events)
    else if (isCall(item)) this.#endCall(index, item, events)
    else this.#hosted(item, events)
  }

  close(events: ReplyEvent[]): void {
    this.#end(events)
    for (const { part } of this.#calls.values()) events.push({ type: 'part-end', candidate: 0, part })
    this.#calls.clear()
  }

  #message(index: number, item: JsonObject, events: ReplyEvent[]): void {
    for (const [content, part] of asArray(item['content']).map(asObject).entries()) {
      const kind = part['type'] === 'refusal' ? 'refusal' : 'text'
      const place: Place = { item: index, content, kind }
      this.text(place, part[kind], events)
      if (!this.#withLogprobs.has(keyOf(place))) this.#logprobs(place, part['logprobs'], events)
      const seen = this.#annotations.get(keyOf(place)) ?? 0
      for (const annotation of asArray(part['annotations']).slice(seen)) {
        this.annotation(place, annotation, events)
      }
    }
    this.#end(events)
  }

  #thinking(index: number, item: JsonObject, events: ReplyEvent[]): void {
    const place: Place = { item: index, content: 0, kind: 'thinking' }
    const state = readItemState(item)
    this.text(place, readItemText(item), events)
    if (this.#open?.key === keyOf(place)) this.#end(events, state)
    // Its text has ended before, so that its signature needs a part of its own.
    else if (state && item['encrypted_content']) this.#whole({ kind: 'redacted-thinking', state }, events)
  }

  #endCall(index: number, item: JsonObject, events: ReplyEvent[]): void {
    const call = this.#calls.get(index) ?? this.#call(index, item, events)
    if (!call.isFilled) {
      const isCustom = item['type'] === 'custom_tool_call'
      const { input, arguments: text } = item
      this.argument(index, isCustom ? wrapInput(asString(input) ?? '') : asText(text), events)
    }
    this.#calls.delete(index)
    events.push({ type: 'part-end', candidate: 0, part: call.part })
  }

  #hosted(item: JsonObject, events: ReplyEvent[]): void {
    const { type, result, output_format: format } = item
    if (type === 'image_generation_call' && typeof result === 'string') {
      this.#whole({ kind: 'media', mediaType: `image/${asString(format) ?? 'png'}`, data: result }, events)
    } else if (typeof type === 'string')
      this.#whole({ kind: 'opaque', dialect: DIALECT, value: item }, events)
  }

  #call(index: number, item: JsonObject, events: ReplyEvent[]): OpenCall {
    this.hasCalls = true
    const id = asString(item['call_id']) || asString(item['id']) || ''
    const part = this.#begin({ kind: 'tool-call', id, name: asString(item['name']) ?? '' }, events)
    const call = { part, isFilled: false }
    this.#calls.set(index, call)
    return call
  }

  #logprobs(place: Place, list: unknown, events: ReplyEvent[]): void {
    const tokens = readLogprobs(list)
    if (tokens.length === 0) return
    this.#withLogprobs.add(keyOf(place))
    events.push({ type: 'logprobs', candidate: 0, tokens })
  }

  #say(place: Place, text: string, events: ReplyEvent[]): void {
    if (text === '') return
    const part = this.#openText(place, events)
    events.push({ type: 'part-delta', candidate: 0, part, text })
  }

  #openText(place: Place, events: ReplyEvent[]): number {
    const key = keyOf(place)
    if (this.#open?.key === key) return this.#open.part
    const part = this.#begin({ kind: place.kind }, events)
    this.#open = { key, part }
    this.#said.add(key)
    return part
  }

  #whole(head: PartHead, events: ReplyEvent[]): void {
    events.push({ type: 'part-end', candidate: 0, part: this.#begin(head, events) })
  }

  #begin(head: PartHead, events: ReplyEvent[]): number {
    this.#end(events)
    const part = this.#parts++
    events.push({ type: 'part-start', candidate: 0, part, ...head })
    return part
  }

  #end(events: ReplyEvent[], state?: ModelState): void {
    if (!this.#open) return
    events.push({ type: 'part-end', candidate: 0, part: this.#open.part, ...(state && { state }) })
    this.#open = undefined
  }
}

function keyOf({ item, content, kind }: Place): string {
  return `${item}/${content}/${kind}`
}

function isCall({ type }: JsonObject): boolean {
  return type === 'function_call' || type === 'custom_tool_call'
}

/** Arguments that some servers send as an object. */
function asText(value: unknown): string {
  return isObject(value) ? JSON.stringify(value) : (asString(value) ?? '')
}
