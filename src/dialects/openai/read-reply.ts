import type { Frame, ReplyReader } from '../../core/dialect.ts'
import { GatewayError } from '../../core/error.ts'
import type { EmbeddingsReply, PartHead, ReplyEvent } from '../../core/events.ts'
import {
  asArray,
  asNumber,
  asObject,
  asString,
  isObject,
  type JsonObject,
  type JsonValue,
} from '../../core/json.ts'
import type { Usage } from '../../core/usage.ts'
import { findLastObject } from '../../wire/json-splice.ts'
import { readErrorObject } from './errors.ts'

/**
 * Reads OpenAI's chat completions, whole or streamed, and embeddings.
 * Spec: https://platform.openai.com/docs/api-reference/chat
 */
export class OpenAiReplyReader implements ReplyReader {
  #started = false
  #ended = false
  /** Open parts by candidate. */
  readonly #candidates = new Map<number, Candidate>()
  readonly #finished = new Set<number>()

  whole(body: string): ReplyEvent[] {
    const reply = parseObject(body)
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
    const chunk = parseObject(data)
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

  embeddings(body: string): EmbeddingsReply {
    const reply = parseObject(body)
    const data = reply['data']
    if (!Array.isArray(data)) throw withoutAnswer(reply, 'data')
    const result: EmbeddingsReply = {
      vectors: data.map((entry) => readVector(asObject(entry)['embedding'])),
      usage: readUsage(reply['usage']) ?? {},
    }
    const model = asString(reply['model'])
    if (model !== undefined) result.model = model
    return result
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

/** Some servers answer 200 and say in the body that it failed. */
function withoutAnswer(reply: JsonObject, missing: string): GatewayError {
  return reply['error'] ? readErrorObject(502, reply) : badResponse(`has no "${missing}"`)
}

function readVector(embedding: JsonValue | undefined): number[] | string {
  if (typeof embedding === 'string') return embedding
  if (!Array.isArray(embedding)) throw badResponse('has an entry without an "embedding"')
  // Copying millions of numbers to prove what the provider promises would cost more than the call itself.
  return embedding as number[]
}

function readUsage(usage: unknown): Usage | undefined {
  if (!isObject(usage)) return undefined
  const read: Usage = {}
  const input = asNumber(usage['prompt_tokens'])
  const output = asNumber(usage['completion_tokens'])
  const total = asNumber(usage['total_tokens'])
  const cached = asNumber(asObject(usage['prompt_tokens_details'])['cached_tokens'])
  const reasoning = asNumber(asObject(usage['completion_tokens_details'])['reasoning_tokens'])
  if (input !== undefined) read.inputTokens = input
  if (output !== undefined) read.outputTokens = output
  if (total !== undefined) read.totalTokens = total
  if (cached !== undefined) read.cachedInputTokens = cached
  if (reasoning !== undefined) read.reasoningTokens = reasoning
  return read
}

function parseObject(text: string): JsonObject {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw badResponse('is not valid JSON', error)
  }
  if (!isObject(value)) throw badResponse('is not a JSON object')
  return value
}

function badResponse(problem: string, cause?: unknown): GatewayError {
  return new GatewayError(`The provider's answer ${problem}.`, { kind: 'bad_response', status: 502, cause })
}
