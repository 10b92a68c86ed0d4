import type { Frame, ReplyReader } from '../../core/dialect.ts'
import type { PartHead, ReplyEvent } from '../../core/events.ts'
import { asArray, asNumber, asObject, asString, isObject, type JsonObject } from '../../core/json.ts'
import type { Usage } from '../../core/usage.ts'
import { findLastObject } from '../../wire/json-splice.ts'
import { parseAnswer, withoutAnswer } from './answer.ts'
import { readErrorObject } from './errors.ts'
import { readUsage } from './usage.ts'

/**
 * Reads OpenAI's chat completions, whole or streamed.
 * Spec: https://platform.openai.com/docs/api-reference/chat
 */
export class OpenAiReplyReader implements ReplyReader {
  #started = false
  #ended = false
  /** Open parts by candidate. */
  readonly #candidates = new Map<number, Candidate>()
  readonly #finished = new Set<number>()

  whole(body: string): ReplyEvent[] {
    const reply = parseAnswer(body)
    const choices = reply['choices']
    if (!Array.isArray(choices)) throw withoutAnswer(reply, 'choices')
    const events: ReplyEvent[] = [this.#start(reply)]
    for (const choice of choices.map(asObject)) this.#choice(choice, asObject(choice['message']), events)
    const usage = readUsage(reply['usage'])
    if (usage) events.push({ type: 'usage', usage })
    events.push({ type: 'reply-end' })
    return events
  }

  frame({ data }: Frame): ReplyEvent[] {
    if (this.#ended) return []
    if (data === '[DONE]') return this.#end()
    const chunk = parseAnswer(data)
    const error = chunk['error']
    if (error !== undefined && error !== null) return [{ type: 'error', error: readErrorObject(502, chunk) }]
    const events: ReplyEvent[] = []
    if (!this.#started) events.push(this.#start(chunk))
    for (const choice of asArray(chunk['choices']).map(asObject)) {
      this.#choice(choice, asObject(choice['delta']), events)
    }
    const usage = readUsage(chunk['usage'])
    if (usage) events.push({ type: 'usage', usage })
    return events
  }

  /** Some servers leave out `[DONE]`; a finish reason of every choice is enough. */
  end(): ReplyEvent[] {
    const isComplete = this.#finished.size > 0 && this.#finished.size === this.#candidates.size
    return isComplete && !this.#ended ? this.#end() : []
  }

  usage(body: Buffer): Usage | undefined {
    return readUsage(findLastObject(body, 'usage'))
  }

  #start(reply: JsonObject): ReplyEvent {
    this.#started = true
    const event: ReplyEvent = { type: 'reply-start' }
    const id = asString(reply['id'])
    const model = asString(reply['model'])
    const created = asNumber(reply['created'])
    if (id !== undefined) event.id = id
    if (model !== undefined) event.model = model
    if (created !== undefined) event.createdAt = created
    return event
  }

  #end(): ReplyEvent[] {
    this.#ended = true
    return [{ type: 'reply-end' }]
  }

  /** `content` is a message or a delta: they hold the same members, a delta's in pieces. */
  #choice(choice: JsonObject, content: JsonObject, events: ReplyEvent[]): void {
    const index = asNumber(choice['index']) ?? 0
    const candidate = this.#candidates.get(index) ?? new Candidate(index)
    this.#candidates.set(index, candidate)
    candidate.text(
      'thinking',
      asString(content['reasoning_content']) ?? asString(content['reasoning']),
      events,
    )
    candidate.text('text', asString(content['content']), events)
    candidate.text('refusal', asString(content['refusal']), events)
    for (const [position, call] of asArray(content['tool_calls']).map(asObject).entries()) {
      candidate.toolCall(asNumber(call['index']) ?? position, call, events)
    }
    const reason = asString(choice['finish_reason'])
    if (reason === undefined) return
    candidate.close(events)
    events.push({ type: 'candidate-end', candidate: index, reason })
    this.#finished.add(index)
  }
}

/**
 * The parts of one choice: OpenAI marks neither where one begins nor where it ends. A text ends when something else
 * follows; tool calls stay open to the end, because their fragments may come in turns.
 */
class Candidate {
  readonly #index: number
  #parts = 0
  /** The open text, thinking or refusal, if any. */
  #text: { kind: string; part: number } | undefined
  /** Open tool calls by their position. */
  readonly #calls = new Map<number, number>()

  constructor(index: number) {
    this.#index = index
  }

  text(kind: 'text' | 'thinking' | 'refusal', text: string | undefined, events: ReplyEvent[]): void {
    if (text === undefined || text === '') return
    if (this.#text?.kind !== kind) {
      this.#closeText(events)
      this.#text = { kind, part: this.#start({ kind }, events) }
    }
    events.push({ type: 'part-delta', candidate: this.#index, part: this.#text.part, text })
  }

  toolCall(position: number, call: JsonObject, events: ReplyEvent[]): void {
    const { name, arguments: text } = asObject(call['function'])
    let part = this.#calls.get(position)
    if (part === undefined) {
      this.#closeText(events)
      part = this.#start(
        { kind: 'tool-call', id: asString(call['id']) ?? '', name: asString(name) ?? '' },
        events,
      )
      this.#calls.set(position, part)
    }
    const fragment = typeof text === 'string' ? text : isObject(text) ? JSON.stringify(text) : ''
    if (fragment !== '') events.push({ type: 'part-delta', candidate: this.#index, part, text: fragment })
  }

  close(events: ReplyEvent[]): void {
    this.#closeText(events)
    for (const part of this.#calls.values()) events.push({ type: 'part-end', candidate: this.#index, part })
    this.#calls.clear()
  }

  #start(head: PartHead, events: ReplyEvent[]): number {
    const part = this.#parts++
    events.push({ type: 'part-start', candidate: this.#index, part, ...head })
    return part
  }

  #closeText(events: ReplyEvent[]): void {
    if (!this.#text) return
    events.push({ type: 'part-end', candidate: this.#index, part: this.#text.part })
    this.#text = undefined
  }
}
