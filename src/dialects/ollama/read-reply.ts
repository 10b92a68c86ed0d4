import type { Frame, ReplyReader } from '../../core/dialect.ts'
import type { ReplyEvent, TokenLogprob } from '../../core/events.ts'
import { asArray, asNumber, asObject, asString, isObject, type JsonObject } from '../../core/json.ts'
import type { Usage } from '../../core/usage.ts'
import { badAnswer, parseAnswer, parseAnswerObject } from '../answer-json.ts'
import { readPlainErrorObject } from '../plain-error.ts'
import { readUsage } from './usage.ts'

/**
 * Reads Ollama's chats. A line of a stream has the members of a whole answer, texts in pieces and tool calls whole; the
 * last one says `done`.
 * Spec: https://docs.ollama.com/api/chat
 */
export class OllamaReplyReader implements ReplyReader {
  #started = false
  #ended = false
  #parts = 0
  #calls = 0
  #text: { kind: 'text' | 'thinking'; part: number } | undefined

  whole(body: string): ReplyEvent[] {
    const answer = parseAnswerObject(body)
    if (typeof answer['error'] === 'string') throw readPlainErrorObject(502, answer)
    if (!isObject(answer['message'])) throw badAnswer('The provider\'s answer has no "message".')
    const events: ReplyEvent[] = []
    this.#line({ ...answer, done: true }, events)
    return events
  }

  frame({ data }: Frame): ReplyEvent[] {
    const events: ReplyEvent[] = []
    if (!this.#ended) this.#line(parseAnswerObject(data), events)
    return events
  }

  usage(body: Buffer): Usage | undefined {
    try {
      return readUsage(asObject(parseAnswer(body.toString('utf8'))))
    } catch {
      return undefined
    }
  }

  #line(line: JsonObject, events: ReplyEvent[]): void {
    if (typeof line['error'] === 'string') {
      this.#ended = true
      events.push({ type: 'error', error: readPlainErrorObject(502, line) })
      return
    }
    this.#start(line, events)
    const message = asObject(line['message'])
    this.#say('thinking', asString(message['thinking']), events)
    this.#say('text', asString(message['content']), events)
    for (const call of asArray(message['tool_calls'])) this.#call(asObject(call), line, events)
    const tokens = asArray(line['logprobs']).filter(isObject).map(readLogprob)
    if (tokens.length > 0) events.push({ type: 'logprobs', candidate: 0, tokens })
    if (line['done'] === true) this.#end(line, events)
  }

  #start(line: JsonObject, events: ReplyEvent[]): void {
    if (this.#started) return
    this.#started = true
    const event: ReplyEvent = { type: 'reply-start' }
    const model = asString(line['model'])
    const createdMs = timeOf(line)
    if (model !== undefined) event.model = model
    if (createdMs !== undefined) event.createdAt = Math.floor(createdMs / 1000)
    events.push(event)
  }

  #say(kind: 'text' | 'thinking', text: string | undefined, events: ReplyEvent[]): void {
    if (text === undefined || text === '') return
    if (this.#text?.kind !== kind) {
      this.#close(events)
      this.#text = { kind, part: this.#parts++ }
      events.push({ type: 'part-start', candidate: 0, part: this.#text.part, kind })
    }
    events.push({ type: 'part-delta', candidate: 0, part: this.#text.part, text })
  }

  #close(events: ReplyEvent[]): void {
    if (!this.#text) return
    events.push({ type: 'part-end', candidate: 0, part: this.#text.part })
    this.#text = undefined
  }

  /** Older versions give calls no id: it is made of the time and the call's number, to differ in a conversation. */
  #call(call: JsonObject, line: JsonObject, events: ReplyEvent[]): void {
    this.#close(events)
    const { name, arguments: value } = asObject(call['function'])
    const at = { candidate: 0, part: this.#parts++ }
    const number = this.#calls++
    const id = asString(call['id']) || `call_${(timeOf(line) ?? 0).toString(36)}_${number}`
    events.push({ type: 'part-start', ...at, kind: 'tool-call', id, name: asString(name) ?? '' })
    const text = asString(value) ?? JSON.stringify(value ?? {})
    if (text !== '') events.push({ type: 'part-delta', ...at, text })
    events.push({ type: 'part-end', ...at })
  }

  #end(line: JsonObject, events: ReplyEvent[]): void {
    this.#ended = true
    this.#close(events)
    const native = asString(line['done_reason']) ?? 'stop'
    const reason = native === 'stop' && this.#calls > 0 ? 'tool_calls' : (REASONS.get(native) ?? native)
    events.push({
      type: 'candidate-end',
      candidate: 0,
      reason,
      native: { dialect: 'ollama', reason: native },
    })
    const usage = readUsage(line)
    if (usage) events.push({ type: 'usage', usage })
    events.push({ type: 'reply-end' })
  }
}

/** A model that was only loaded or unloaded has said all that there was to say. */
const REASONS: ReadonlyMap<string, string> = new Map([
  ['load', 'stop'],
  ['unload', 'stop'],
])

/** In milliseconds since 1970. */
function timeOf(line: JsonObject): number | undefined {
  const time = Date.parse(asString(line['created_at']) ?? '')
  return Number.isNaN(time) ? undefined : time
}

function readLogprob(entry: JsonObject): TokenLogprob {
  return { ...readToken(entry), alternatives: asArray(entry['top_logprobs']).filter(isObject).map(readToken) }
}

function readToken({ token, logprob, bytes }: JsonObject): Omit<TokenLogprob, 'alternatives'> {
  const read = { token: asString(token) ?? '', logprob: asNumber(logprob) ?? 0 }
  return Array.isArray(bytes) ? { ...read, bytes: bytes.filter((byte) => typeof byte === 'number') } : read
}
