import type { ReplyEvent } from '../core/events.ts'

/** What becomes of a part of the continuation: which part of the client's stream it is, or none. */
type Place = number | 'left out'

/**
 * Follows the events of a stream so that another provider can continue it, and makes those of the continuation the same
 * stream: one beginning, and its text in the part that was left open.
 */
export class ResumableText {
  #text = ''
  /** The text that is under way. */
  #open: number | undefined
  #isTextOnly = true
  #parts = 0
  /** Of the continuation's own parts; undefined before there is one. */
  #places: Map<number, Place> | undefined

  /** Undefined when the stream holds what nobody else could continue: a call, thinking, several answers. */
  get text(): string | undefined {
    return this.#isTextOnly && this.#open !== undefined ? this.#text : undefined
  }

  breakOff(): void {
    this.#places = new Map()
  }

  /** The events as the client's writer is to get them. */
  join(events: readonly ReplyEvent[]): readonly ReplyEvent[] {
    const joined = this.#places ? events.flatMap((event) => this.#place(event)) : events
    for (const event of joined) this.#follow(event)
    return joined
  }

  #follow(event: ReplyEvent): void {
    if ('candidate' in event && event.candidate > 0) this.#isTextOnly = false
    if (event.type === 'part-start') {
      this.#parts = Math.max(this.#parts, event.part + 1)
      if (event.kind === 'text') this.#open = event.part
      else this.#isTextOnly = false
    } else if (event.type === 'part-delta' && event.part === this.#open) this.#text += event.text
    else if (event.type === 'part-end' && event.part === this.#open) this.#open = undefined
  }

  #place(event: ReplyEvent): ReplyEvent[] {
    if (event.type === 'reply-start') return []
    if (!('part' in event)) return [event]
    if (event.type === 'part-start') return this.#begin(event)
    const part = this.#places?.get(event.part)
    return typeof part === 'number' ? [{ ...event, part }] : []
  }

  #begin(event: Extract<ReplyEvent, { type: 'part-start' }>): ReplyEvent[] {
    const { kind, candidate } = event
    const open = this.#open
    if (kind === 'text' && open !== undefined) {
      this.#places?.set(event.part, open)
      return []
    }
    // It thought anew about what is half said already.
    if (kind === 'thinking' || kind === 'redacted-thinking') {
      this.#places?.set(event.part, 'left out')
      return []
    }
    const part = this.#parts
    this.#places?.set(event.part, part)
    const closing: ReplyEvent[] = open === undefined ? [] : [{ type: 'part-end', candidate, part: open }]
    return [...closing, { ...event, part }]
  }
}
