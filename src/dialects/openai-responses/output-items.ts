import type { TokenLogprob } from '../../core/events.ts'
import type { JsonObject } from '../../core/json.ts'
import type { Annotation } from '../../core/request.ts'
import type { ModelState } from '../../core/state.ts'
import { writeFrame } from '../../wire/sse.ts'
import { writeAnnotation } from './annotations.ts'
import { unwrapInput } from './custom-tools.ts'
import { writeLogprobs } from './logprobs.ts'
import { writeItem } from './reasoning-item.ts'

/** Numbers and names the events of a stream, and keeps the finished items. */
export class EventLog {
  /** Finished items as JSON texts, by their index. */
  readonly output: string[] = []
  #sequence = 0
  #items = 0

  /** The index of the next item. */
  nextItem(): number {
    return this.#items++
  }

  event(type: string, members: JsonObject): string {
    return writeFrame(JSON.stringify({ type, sequence_number: this.#sequence++, ...members }), type)
  }

  /** An event about the response, which is a JSON text already. */
  response(type: string, response: string): string {
    return writeFrame(`{"type":"${type}","sequence_number":${this.#sequence++},"response":${response}}`, type)
  }

  added(index: number, item: JsonObject): string {
    return this.event('response.output_item.added', { output_index: index, item })
  }

  done(index: number, item: JsonObject): string {
    this.output[index] = JSON.stringify(item)
    return this.event('response.output_item.done', { output_index: index, item })
  }

  /** An item that comes at once. */
  whole(item: JsonObject): string {
    const index = this.nextItem()
    return this.added(index, item) + this.done(index, item)
  }
}

export type ItemStatus = 'completed' | 'incomplete'

/** Where in the stream an item is. */
export interface ItemPlace {
  log: EventLog
  index: number
  id: string
}

/** The model's texts and refusals: several parts of one message. */
export class MessageItem {
  readonly #place: ItemPlace
  readonly #content: JsonObject[] = []
  #open: OpenText | undefined
  /** Log-probabilities for the next delta. */
  #pending: JsonObject[] = []

  constructor(place: ItemPlace) {
    this.#place = place
  }

  begin(): string {
    const { log, index } = this.#place
    return log.added(index, this.#item('in_progress'))
  }

  beginText(kind: 'text' | 'refusal'): string {
    const closing = this.#closeText()
    this.#open = { kind, text: '', annotations: [], logprobs: [] }
    return closing + this.#event('response.content_part.added', { part: writePart(this.#open) })
  }

  delta(text: string): string {
    const open = this.#open
    if (!open) return ''
    open.text += text
    if (open.kind === 'refusal') return this.#event('response.refusal.delta', { delta: text })
    const logprobs = this.#pending
    this.#pending = []
    return this.#event('response.output_text.delta', { delta: text, logprobs })
  }

  annotation(annotation: Annotation): string {
    if (this.#open?.kind !== 'text') return ''
    const written = writeAnnotation(annotation, this.#open.text)
    if (!written) return ''
    const index = this.#open.annotations.push(written) - 1
    return this.#event('response.output_text.annotation.added', {
      annotation_index: index,
      annotation: written,
    })
  }

  logprobs(tokens: readonly TokenLogprob[]): void {
    for (const token of writeLogprobs(tokens)) {
      this.#open?.logprobs.push(token)
      this.#pending.push(token)
    }
  }

  end(status: ItemStatus): string {
    const { log, index } = this.#place
    return this.#closeText() + log.done(index, this.#item(status))
  }

  #closeText(): string {
    const open = this.#open
    if (!open) return ''
    const part = writePart(open)
    const done =
      open.kind === 'refusal'
        ? this.#event('response.refusal.done', { refusal: open.text })
        : this.#event('response.output_text.done', { text: open.text, logprobs: open.logprobs })
    const partDone = this.#event('response.content_part.done', { part })
    this.#content.push(part)
    this.#open = undefined
    return done + partDone
  }

  #event(type: string, members: JsonObject): string {
    const { log, index, id } = this.#place
    return log.event(type, {
      item_id: id,
      output_index: index,
      content_index: this.#content.length,
      ...members,
    })
  }

  #item(status: string): JsonObject {
    const { id } = this.#place
    return { id, type: 'message', status, role: 'assistant', content: [...this.#content] }
  }
}

interface OpenText {
  kind: 'text' | 'refusal'
  text: string
  annotations: JsonObject[]
  logprobs: JsonObject[]
}

function writePart({ kind, text, annotations, logprobs }: OpenText): JsonObject {
  if (kind === 'refusal') return { type: 'refusal', refusal: text }
  return { type: 'output_text', text, annotations: [...annotations], logprobs: [...logprobs] }
}

/** A thought: an item whose text is its summary. */
export class ThoughtItem {
  readonly #place: ItemPlace
  #text = ''

  constructor(place: ItemPlace) {
    this.#place = place
  }

  begin(): string {
    const { log, index, id } = this.#place
    return log.added(index, { id, type: 'reasoning', summary: [] })
  }

  delta(text: string): string {
    const start =
      this.#text === ''
        ? this.#event('response.reasoning_summary_part.added', { part: { type: 'summary_text', text: '' } })
        : ''
    this.#text += text
    return start + this.#event('response.reasoning_summary_text.delta', { delta: text })
  }

  end(state: ModelState | undefined): string {
    const { log, index, id } = this.#place
    const text = this.#text
    const textDone =
      text === ''
        ? ''
        : this.#event('response.reasoning_summary_text.done', { text }) +
          this.#event('response.reasoning_summary_part.done', { part: { type: 'summary_text', text } })
    return textDone + log.done(index, { id, ...writeItem(text, state) })
  }

  #event(type: string, members: JsonObject): string {
    const { log, index, id } = this.#place
    return log.event(type, { item_id: id, output_index: index, summary_index: 0, ...members })
  }
}

/** A call of a function, or of a custom tool, whose input is known only when its JSON is whole. */
export class CallItem {
  readonly #place: ItemPlace
  readonly #head: JsonObject
  readonly #name: string
  readonly #isCustom: boolean
  #text = ''

  constructor(place: ItemPlace, call: { id: string; name: string; isCustom: boolean }) {
    this.#place = place
    this.#name = call.name
    this.#isCustom = call.isCustom
    this.#head = {
      id: place.id,
      type: call.isCustom ? 'custom_tool_call' : 'function_call',
      call_id: call.id,
      name: call.name,
    }
  }

  begin(): string {
    const { log, index } = this.#place
    return log.added(index, this.#item('in_progress', ''))
  }

  delta(text: string): string {
    this.#text += text
    return this.#isCustom ? '' : this.#event('response.function_call_arguments.delta', { delta: text })
  }

  end(status: ItemStatus): string {
    const { log, index } = this.#place
    if (!this.#isCustom) {
      const text = this.#text || '{}'
      return (
        this.#event('response.function_call_arguments.done', { name: this.#name, arguments: text }) +
        log.done(index, this.#item(status, text))
      )
    }
    const input = unwrapInput(this.#text)
    return (
      this.#event('response.custom_tool_call_input.delta', { delta: input }) +
      this.#event('response.custom_tool_call_input.done', { input }) +
      log.done(index, this.#item(status, input))
    )
  }

  #item(status: string, text: string): JsonObject {
    return { ...this.#head, [this.#isCustom ? 'input' : 'arguments']: text, status }
  }

  #event(type: string, members: JsonObject): string {
    const { log, index, id } = this.#place
    return log.event(type, { item_id: id, output_index: index, ...members })
  }
}
