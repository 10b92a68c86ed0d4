import type { Frame, ReplyReader } from '../../core/dialect.ts'
import { GatewayError } from '../../core/error.ts'
import type { CandidateEnd, ReplyEvent } from '../../core/events.ts'
import { asArray, asObject, asString, isObject, type JsonObject } from '../../core/json.ts'
import type { Usage } from '../../core/usage.ts'
import { findLastObject } from '../../wire/json-splice.ts'
import { readErrorInReply } from './errors.ts'
import { asCount, badResponse, parseOne, parseAll } from './fields.ts'
import { FAILED, readFinishReason } from './finish-reasons.ts'
import { CandidateReader } from './read-candidate.ts'
import { readUsage } from './usage.ts'

/** More answers to one request than any model gives. */
const MAX_CANDIDATES = 128

/**
 * Reads Gemini's replies, whole or streamed: a stream's events are whole replies too, each with what is new. A stream has
 * no marker at its end, and older models say why they stopped in each event, so candidates end when the stream does.
 * Spec: https://ai.google.dev/api/generate-content#v1beta.GenerateContentResponse
 */
export class GeminiReplyReader implements ReplyReader {
  #started = false
  #ended = false
  readonly #candidates = new Map<number, CandidateReader>()
  /** Why the prompt was refused; then there are no candidates. */
  #blocked: CandidateEnd | undefined

  whole(body: string): ReplyEvent[] {
    const events: ReplyEvent[] = []
    for (const answer of parseAll(body)) this.#read(answer, events)
    for (const event of events) if (event.type === 'error') throw event.error
    if (this.#candidates.size === 0 && !this.#blocked) throw badResponse('has no candidates')
    this.#finish(events)
    return events
  }

  frame({ data }: Frame): ReplyEvent[] {
    const events: ReplyEvent[] = []
    // No word of Google's, but some servers in front of it end their streams like OpenAI.
    if (!this.#ended && data !== '[DONE]') this.#read(parseOne(data), events)
    return events
  }

  end(): ReplyEvent[] {
    const events: ReplyEvent[] = []
    const candidates = [...this.#candidates.values()]
    const isComplete = this.#blocked !== undefined || candidates.length > 0
    if (!this.#ended && isComplete && candidates.every(({ hasEnded }) => hasEnded)) this.#finish(events)
    return events
  }

  usage(body: Buffer): Usage | undefined {
    const metadata = findLastObject(body, 'usageMetadata')
    return isObject(metadata) ? readUsage(metadata) : undefined
  }

  #read(answer: JsonObject, events: ReplyEvent[]): void {
    if (isObject(answer['error'])) return this.#fail(readErrorInReply(answer), events)
    if (!this.#started) this.#start(answer, events)
    for (const candidate of asArray(answer['candidates']).map(asObject)) {
      this.#candidateOf(candidate).read(candidate, events)
      const reason = asString(candidate['finishReason'])
      if (reason !== undefined && FAILED.has(reason)) return this.#fail(unusable(candidate, reason), events)
    }
    this.#readBlock(asObject(answer['promptFeedback']))
    const usage = readUsage(answer['usageMetadata'])
    if (usage) events.push({ type: 'usage', usage })
  }

  #fail(error: GatewayError, events: ReplyEvent[]): void {
    this.#ended = true
    events.push({ type: 'error', error })
  }

  #start(answer: JsonObject, events: ReplyEvent[]): void {
    this.#started = true
    const event: ReplyEvent = { type: 'reply-start' }
    const id = asString(answer['responseId'])
    const model = asString(answer['modelVersion'])
    const createdAt = Date.parse(asString(answer['createTime']) ?? '')
    if (id !== undefined) event.id = id
    if (model !== undefined) event.model = model
    if (Number.isFinite(createdAt)) event.createdAt = Math.floor(createdAt / 1000)
    events.push(event)
  }

  #candidateOf({ index: given = 0 }: JsonObject): CandidateReader {
    const index = asCount(given) ?? 0
    if (index >= MAX_CANDIDATES) throw badResponse('has a candidate whose number is too large')
    const candidate = this.#candidates.get(index) ?? new CandidateReader(index)
    this.#candidates.set(index, candidate)
    return candidate
  }

  #readBlock({ blockReason }: JsonObject): void {
    const reason = asString(blockReason)
    if (reason === undefined || this.#candidates.size > 0) return
    this.#blocked = { reason: 'content_filter', native: { dialect: 'gemini', reason } }
  }

  #finish(events: ReplyEvent[]): void {
    this.#ended = true
    let webSearches = 0
    for (const candidate of this.#candidates.values()) {
      candidate.end(events)
      webSearches += candidate.searches
    }
    if (this.#candidates.size === 0) {
      events.push({
        type: 'candidate-end',
        candidate: 0,
        ...(this.#blocked ?? readFinishReason('STOP', false)),
      })
    }
    if (webSearches > 0) events.push({ type: 'usage', usage: { webSearches } })
    events.push({ type: 'reply-end' })
  }
}

function unusable({ finishMessage }: JsonObject, reason: string): GatewayError {
  const message = asString(finishMessage) || `The model's answer could not be used: ${reason}.`
  return new GatewayError(message, { kind: 'bad_response', status: 502, code: reason })
}
