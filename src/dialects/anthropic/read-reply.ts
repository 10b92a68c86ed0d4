import type { Frame, ReplyReader } from '../../core/dialect.ts'
import type { ReplyEvent } from '../../core/events.ts'
import { asNumber, asObject, asString, isObject, type JsonObject } from '../../core/json.ts'
import type { Usage } from '../../core/usage.ts'
import { parseMember, scanMembers } from '../../wire/json-scan.ts'
import { badResponse, parseAnswer } from './answer.ts'
import { readErrorObject } from './errors.ts'
import { openBlock, type OpenBlock } from './open-block.ts'
import { readEnd } from './stop-reasons.ts'
import { readUsage } from './usage.ts'

/**
 * Reads Anthropic's messages, whole or streamed. Of a stream that passes through, it sees only the beginning and the end:
 * deltas of blocks that it does not know are skipped.
 * Spec: https://docs.anthropic.com/en/docs/build-with-claude/streaming
 */
export class AnthropicReplyReader implements ReplyReader {
  #started = false
  #ended = false
  #finished = false
  #parts = 0
  #usage: JsonObject = {}
  /** Blocks that have begun and not ended, by the provider's index. */
  readonly #open = new Map<number, OpenBlock>()

  whole(body: string): ReplyEvent[] {
    const message = parseAnswer(body)
    if (message['type'] === 'error') throw readErrorObject(message)
    const content = message['content']
    if (!Array.isArray(content)) throw badResponse('is not a message: it has no list named "content"')
    const events: ReplyEvent[] = []
    this.#start(message, events)
    for (const [index, block] of content.map(asObject).entries()) {
      this.#openBlock(index, block, events)
      this.#closeBlock(index, events)
    }
    this.#finish(message, events)
    this.#end(events)
    return events
  }

  frame(frame: Frame): ReplyEvent[] {
    const events: ReplyEvent[] = []
    if (this.#ended) return events
    const event = parseAnswer(frame.data)
    const index = asNumber(event['index']) ?? 0
    switch (asString(event['type']) ?? frame.event) {
      case 'message_start':
        this.#start(asObject(event['message']), events)
        this.#tellUsage(events)
        break
      case 'content_block_start':
        this.#openBlock(index, asObject(event['content_block']), events)
        break
      case 'content_block_delta':
        events.push(...(this.#open.get(index)?.extend(asObject(event['delta'])) ?? []))
        break
      case 'content_block_stop':
        this.#closeBlock(index, events)
        break
      case 'message_delta':
        this.#addUsage(event['usage'])
        if (isObject(event['delta']) && event['delta']['stop_reason']) this.#finish(event['delta'], events)
        break
      case 'message_stop':
        this.#finish({}, events)
        this.#end(events)
        break
      case 'error':
        this.#ended = true
        events.push({ type: 'error', error: readErrorObject(event) })
        break
      default:
      // `ping`, and what a later version of the API may add.
    }
    return events
  }

  usage(body: Buffer): Usage | undefined {
    const member = scanMembers(body)?.findLast(({ name }) => name === 'usage')
    return member && readUsage(asObject(parseMember(body, member)))
  }

  #start(message: JsonObject, events: ReplyEvent[]): void {
    // Seen in the wild: the same start sent twice is harmless, a second message spliced into the first is not.
    if (this.#parts > 0) throw badResponse('starts a second message inside the first')
    this.#addUsage(message['usage'])
    if (this.#started) return
    this.#started = true
    const event: ReplyEvent = { type: 'reply-start' }
    const id = asString(message['id'])
    const model = asString(message['model'])
    if (id !== undefined) event.id = id
    if (model !== undefined) event.model = model
    events.push(event)
  }

  #openBlock(index: number, block: JsonObject, events: ReplyEvent[]): void {
    if (!this.#started) this.#start({}, events)
    this.#closeBlock(index, events)
    const { open, events: first } = openBlock(block, this.#parts++)
    this.#open.set(index, open)
    events.push(...first)
  }

  #closeBlock(index: number, events: ReplyEvent[]): void {
    events.push(...(this.#open.get(index)?.close() ?? []))
    this.#open.delete(index)
  }

  /** `delta` is a whole message or what a stream says at its end: both name the reason in the same way. */
  #finish(delta: JsonObject, events: ReplyEvent[]): void {
    if (this.#finished) return
    if (!this.#started) this.#start({}, events)
    this.#finished = true
    for (const index of this.#open.keys()) this.#closeBlock(index, events)
    const explanation = asString(asObject(delta['stop_details'])['explanation'])
    if (delta['stop_reason'] === 'refusal' && explanation) this.#refuse(explanation, events)
    events.push({ type: 'candidate-end', candidate: 0, ...readEnd(delta) })
  }

  #refuse(text: string, events: ReplyEvent[]): void {
    const part = this.#parts++
    events.push(
      { type: 'part-start', candidate: 0, part, kind: 'refusal' },
      { type: 'part-delta', candidate: 0, part, text },
      { type: 'part-end', candidate: 0, part },
    )
  }

  #end(events: ReplyEvent[]): void {
    this.#ended = true
    this.#tellUsage(events)
    events.push({ type: 'reply-end' })
  }

  #tellUsage(events: ReplyEvent[]): void {
    const usage = readUsage(this.#usage)
    if (usage) events.push({ type: 'usage', usage })
  }

  /** A stream tells the prompt's size at its start and the rest at its end; the later figure of a count holds. */
  #addUsage(usage: unknown): void {
    for (const [name, count] of Object.entries(asObject(usage))) {
      if (count !== null) this.#usage[name] = count
    }
  }
}
