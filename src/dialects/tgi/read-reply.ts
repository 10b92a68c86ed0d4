import type { Frame, ReplyReader, TargetModel } from '../../core/dialect.ts'
import type { CandidateEnd, ReplyEvent } from '../../core/events.ts'
import { asNumber, asObject, asString, isObject, type JsonObject } from '../../core/json.ts'
import type { Usage } from '../../core/usage.ts'
import { badAnswer, parseAnswer, parseAnswerObject } from '../answer-json.ts'
import { readPlainErrorObject } from '../plain-error.ts'
import { startOf } from '../reply-start.ts'

/** Reads generated texts, whole or token by token. */
export class TgiReplyReader implements ReplyReader {
  readonly #target: TargetModel
  #started = false
  #ended = false

  constructor(target: TargetModel) {
    this.#target = target
  }

  whole(body: string): ReplyEvent[] {
    const value = parseAnswer(body)
    // The hosted service wraps its answer in a list.
    const reply = asObject(Array.isArray(value) ? value[0] : value)
    const text = asString(reply['generated_text'])
    if (text === undefined) throw failure(reply)
    return [...this.#text(text), ...this.#end(asObject(reply['details']))]
  }

  frame({ data }: Frame): ReplyEvent[] {
    if (this.#ended || data === '[DONE]') return []
    const reply = parseAnswerObject(data)
    if (reply['error'] !== undefined) return [{ type: 'error', error: readPlainErrorObject(502, reply) }]
    const { text, special } = asObject(reply['token'])
    const events = special === true ? [] : this.#text(asString(text) ?? '')
    // Only the last event holds the whole text.
    if (typeof reply['generated_text'] === 'string') events.push(...this.#end(asObject(reply['details'])))
    return events
  }

  usage(body: Buffer): Usage | undefined {
    const value = parseAnswer(body.toString('utf8'))
    return readUsage(asObject(asObject(Array.isArray(value) ? value[0] : value)['details']))
  }

  #text(text: string): ReplyEvent[] {
    const events = this.#start()
    if (text !== '') events.push({ type: 'part-delta', candidate: 0, part: 0, text })
    return events
  }

  #start(): ReplyEvent[] {
    if (this.#started) return []
    this.#started = true
    return [startOf(this.#target), { type: 'part-start', candidate: 0, part: 0, kind: 'text' }]
  }

  #end(details: JsonObject): ReplyEvent[] {
    this.#ended = true
    const usage = readUsage(details)
    return [
      ...this.#start(),
      { type: 'part-end', candidate: 0, part: 0 },
      { type: 'candidate-end', candidate: 0, ...readEnd(details) },
      ...(usage ? [{ type: 'usage', usage } as const] : []),
      { type: 'reply-end' },
    ]
  }
}

function failure(reply: JsonObject): Error {
  if (reply['error'] !== undefined) return readPlainErrorObject(502, reply)
  return badAnswer("The provider's answer holds no generated text.")
}

/** `eos_token` and `stop_sequence` are both OpenAI's `stop`. */
function readEnd(details: JsonObject): CandidateEnd {
  const reason = asString(details['finish_reason'])
  if (reason === undefined || reason === 'length') return { reason: reason ?? 'stop' }
  return { reason: 'stop', native: { dialect: 'tgi', reason } }
}

/** A stream counts the prompt's tokens, a whole answer lists them. */
function readUsage(details: JsonObject): Usage | undefined {
  const { prefill } = details
  const inputTokens = count(details['input_length']) ?? (isFilled(prefill) ? prefill.length : undefined)
  const outputTokens = count(details['generated_tokens'])
  if (inputTokens === undefined && outputTokens === undefined) return undefined
  return {
    ...(inputTokens === undefined ? {} : { inputTokens }),
    ...(outputTokens === undefined ? {} : { outputTokens }),
  }
}

function isFilled(list: unknown): list is unknown[] {
  return Array.isArray(list) && list.length > 0 && list.every(isObject)
}

function count(value: unknown): number | undefined {
  const number = asNumber(value)
  return number !== undefined && number >= 0 ? number : undefined
}
