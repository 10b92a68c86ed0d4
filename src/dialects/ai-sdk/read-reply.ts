import type { Frame, ReplyReader } from '../../core/dialect.ts'
import type { GatewayError } from '../../core/error.ts'
import type { ReplyEvent } from '../../core/events.ts'
import { asNumber, asObject, asString, type JsonObject } from '../../core/json.ts'
import type { Usage } from '../../core/usage.ts'
import { badAnswer, parseAnswerObject } from '../answer-json.ts'
import { readPlainErrorObject } from '../plain-error.ts'
import { readEnd, readUsage } from './read-finish.ts'
import { PartReader } from './read-parts.ts'

/** Reads what a language model of the SDK gave: its whole result, or its stream part by part. */
export class AiSdkReplyReader implements ReplyReader {
  readonly #parts = new PartReader()
  #started = false
  #ended = false

  whole(body: string): ReplyEvent[] {
    const result = parseAnswerObject(body)
    const { content } = result
    if (!Array.isArray(content)) throw badAnswer("The provider's answer holds no content.")
    const events: ReplyEvent[] = [this.#start(asObject(result['response']))]
    for (const part of content) this.#parts.whole(asObject(part), events)
    return [...events, ...this.#finish(result)]
  }

  frame({ data }: Frame): ReplyEvent[] {
    if (this.#ended) return []
    const part = parseAnswerObject(data)
    switch (asString(part['type'])) {
      case 'response-metadata':
        return this.#started ? [] : [this.#start(part)]
      case 'finish':
        return [...this.#begin(), ...this.#finish(part)]
      case 'error':
        return [{ type: 'error', error: readStreamError(asObject(part['error'])) }]
      default: {
        const events = this.#parts.part(part)
        return events.length === 0 ? events : [...this.#begin(), ...events]
      }
    }
  }

  usage(body: Buffer): Usage | undefined {
    return readUsage(parseAnswerObject(body.toString('utf8'))['usage'])
  }

  #begin(): ReplyEvent[] {
    return this.#started ? [] : [this.#start({})]
  }

  #start({ id, modelId, timestamp }: JsonObject): ReplyEvent {
    this.#started = true
    const event: ReplyEvent = { type: 'reply-start' }
    const createdMs = typeof timestamp === 'string' ? Date.parse(timestamp) : Number.NaN
    if (typeof id === 'string') event.id = id
    if (typeof modelId === 'string') event.model = modelId
    if (!Number.isNaN(createdMs)) event.createdAt = Math.floor(createdMs / 1000)
    return event
  }

  #finish({ finishReason, usage }: JsonObject): ReplyEvent[] {
    this.#ended = true
    const counts = readUsage(usage)
    return [
      ...this.#parts.end(),
      { type: 'candidate-end', candidate: 0, ...readEnd(finishReason, this.#parts.hasCalls) },
      ...(counts ? [{ type: 'usage', usage: counts } as const] : []),
      { type: 'reply-end' },
    ]
  }
}

function readStreamError(error: JsonObject): GatewayError {
  const status = asNumber(error['statusCode'])
  return readPlainErrorObject(status !== undefined && status >= 400 ? status : 502, error)
}
