import type { Frame, ReplyReader } from '../../core/dialect.ts'
import type { ReplyEvent } from '../../core/events.ts'
import { asArray, asNumber, asObject, asString, isObject, type JsonObject } from '../../core/json.ts'
import type { Annotation } from '../../core/request.ts'
import type { Usage } from '../../core/usage.ts'
import { findLastObject } from '../../wire/json-splice.ts'
import { readSources } from './annotations.ts'
import { parseAnswer, withoutAnswer } from './answer.ts'
import { readStreamError } from './errors.ts'
import { Choice } from './read-choice.ts'
import { readUsage } from './usage.ts'

/**
 * Reads OpenAI's chat completions, whole or streamed, and legacy completions, whose choices hold a `text`.
 * Spec: https://platform.openai.com/docs/api-reference/chat
 */
export class OpenAiReplyReader implements ReplyReader {
  #started = false
  #ended = false
  readonly #choices = new Map<number, Choice>()
  /** The latest list; servers that give one repeat it with each chunk. */
  #sources: Annotation[] = []

  whole(body: string): ReplyEvent[] {
    const reply = parseAnswer(body)
    const choices = reply['choices']
    if (!Array.isArray(choices) || !choices.every(isObject)) throw withoutAnswer(reply, 'choices')
    const failed = choices.find((choice) => isObject(asObject(choice)['error']))
    if (failed) throw readStreamError(asObject(failed))
    const events: ReplyEvent[] = [this.#start(reply)]
    return events.concat(this.#read(reply, 'message'), this.#finish(), this.#usage(reply), END)
  }

  frame({ data, event }: Frame): ReplyEvent[] {
    if (this.#ended) return []
    if (data === '[DONE]') return this.#end()
    const chunk = parseAnswer(data)
    const error = readChunkError(chunk, event)
    if (error) return [{ type: 'error', error }]
    const usage = this.#usage(chunk)
    const says = usage.length > 0 || asArray(chunk['choices']).length > 0
    // A first chunk may hold no more than what Azure's filters say of the prompt.
    const head = this.#started || !says ? [] : [this.#start(chunk)]
    const said = this.#read(chunk, 'delta')
    // Usage comes last, or with every chunk.
    const isOver = usage.length > 0 && this.#hasEnds
    return [...head, ...said, ...(isOver ? this.#finish() : []), ...usage]
  }

  /** Some servers leave out `[DONE]`; a finish reason of every choice is enough. */
  end(): ReplyEvent[] {
    return this.#hasEnds && !this.#ended ? this.#end() : []
  }

  usage(body: Buffer): Usage | undefined {
    return readUsage(findLastObject(body, 'usage'))
  }

  #start(reply: JsonObject): ReplyEvent {
    this.#started = true
    const id = asString(reply['id'])
    const model = asString(reply['model'])
    const createdAt = asNumber(reply['created'])
    const start: Extract<ReplyEvent, { type: 'reply-start' }> = { type: 'reply-start' }
    if (id) start.id = id
    if (model) start.model = model
    if (createdAt !== undefined) start.createdAt = createdAt
    return start
  }

  #end(): ReplyEvent[] {
    this.#ended = true
    return [...this.#finish(), END]
  }

  /** Whether every choice has said why it ends. */
  get #hasEnds(): boolean {
    const choices = [...this.#choices.values()]
    return choices.length > 0 && choices.every(({ hasEnd }) => hasEnd)
  }

  #read(reply: JsonObject, member: 'message' | 'delta'): ReplyEvent[] {
    const sources = readSources(reply)
    if (sources.length > 0) this.#sources = sources
    return asArray(reply['choices'])
      .map(asObject)
      .flatMap((given) => this.#readChoice(given, member))
  }

  #readChoice(given: JsonObject, member: 'message' | 'delta'): ReplyEvent[] {
    const index = asNumber(given['index']) ?? 0
    const choice = this.#choices.get(index) ?? new Choice(index)
    this.#choices.set(index, choice)
    const message = isObject(given[member]) ? given[member] : { content: given['text'] ?? null }
    // Snowflake leaves the reason empty where there is one. In streams that is how others say that there is none yet.
    const isDone = member === 'message' && given['finish_reason'] === ''
    const events = choice.read(isDone ? { ...given, finish_reason: 'stop' } : given, message)
    // Some servers give a finish reason with each of several calls: then the end is that of the stream.
    return choice.hasEnd && !choice.hasCalls ? [...events, ...this.#finishOf(index, choice)] : events
  }

  #finish(): ReplyEvent[] {
    return [...this.#choices].flatMap(([index, choice]) => this.#finishOf(index, choice))
  }

  #finishOf(index: number, choice: Choice): ReplyEvent[] {
    return choice.finish(index === 0 ? this.#sources : [])
  }

  /** Groq tells a stream's usage in a place of its own when it is not asked. */
  #usage(reply: JsonObject): ReplyEvent[] {
    const usage = readUsage(reply['usage']) ?? readUsage(asObject(reply['x_groq'])['usage'])
    return usage ? [{ type: 'usage', usage }] : []
  }
}

const END: ReplyEvent = { type: 'reply-end' }

/** Failures come as a member of a chunk, of its choice, as an event of that name, or as an object of vLLM's. */
function readChunkError(
  chunk: JsonObject,
  event: string | undefined,
): ReturnType<typeof readStreamError> | undefined {
  const { error, choices } = chunk
  const isError = (error !== undefined && error !== null) || event === 'error' || chunk['object'] === 'error'
  if (isError) return readStreamError(chunk)
  const failed = asArray(choices)
    .map(asObject)
    .find((choice) => isObject(choice['error']))
  return failed && readStreamError(failed)
}
