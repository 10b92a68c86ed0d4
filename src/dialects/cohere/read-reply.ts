import type { Frame, ReplyReader, TargetModel } from '../../core/dialect.ts'
import { GatewayError } from '../../core/error.ts'
import type { PartHead, ReplyEvent } from '../../core/events.ts'
import { asArray, asNumber, asObject, asString, isObject, type JsonObject } from '../../core/json.ts'
import { readState, type ModelState } from '../../core/state.ts'
import type { Usage } from '../../core/usage.ts'
import { findLastObject } from '../../wire/json-splice.ts'
import { badAnswer, parseAnswerObject } from '../answer-json.ts'
import { readPlainErrorObject } from '../plain-error.ts'
import { readCitation } from './citations.ts'
import { FAILURES, readFinishReason } from './finish-reasons.ts'
import { readLogprobs } from './logprobs.ts'
import { TOOL_PLAN } from './tool-plan.ts'
import { readUsage } from './usage.ts'

/**
 * Reads Cohere's chats, whole or streamed. Of the content blocks, one is open at a time; it stays open until the next one
 * begins, because its citations may follow its end. Tool calls are numbered apart from them.
 * Spec: https://docs.cohere.com/reference/chat-stream
 */
export class CohereReplyReader implements ReplyReader {
  readonly #model: string | null
  #started = false
  #ended = false
  #parts = 0
  #content: OpenContent | undefined
  readonly #calls = new Map<number, OpenCall>()

  constructor({ model }: TargetModel) {
    this.#model = model
  }

  whole(body: string): ReplyEvent[] {
    const reply = parseAnswerObject(body)
    const message = reply['message']
    // Some servers answer 200 and say in the body that it failed.
    if (typeof message === 'string' || reply['error']) throw readPlainErrorObject(502, reply)
    if (!isObject(message)) throw badAnswer('The provider\'s answer has no "message".')
    const events: ReplyEvent[] = []
    this.#start(reply, events)
    this.#message(message, events)
    const tokens = asArray(reply['logprobs']).flatMap(readLogprobs)
    if (tokens.length > 0) events.push({ type: 'logprobs', candidate: 0, tokens })
    this.#end(reply, events)
    const failure = events.at(-1)
    if (failure?.type === 'error') throw failure.error
    return events
  }

  frame({ event: name, data }: Frame): ReplyEvent[] {
    const events: ReplyEvent[] = []
    if (this.#ended || data === '[DONE]') return events
    const event = parseAnswerObject(data)
    const delta = asObject(event['delta'])
    const message = asObject(delta['message'])
    const index = asNumber(event['index']) ?? 0
    switch (asString(event['type']) ?? name) {
      case 'message-start':
        this.#start(event, events)
        break
      case 'content-start':
        this.#openContent(index, asObject(message['content']), events)
        break
      case 'content-delta':
        this.#extendContent(index, asObject(message['content']), events)
        if (event['logprobs']) {
          events.push({ type: 'logprobs', candidate: 0, tokens: readLogprobs(event['logprobs']) })
        }
        break
      case 'tool-plan-delta':
        this.#extendPlan(message['tool_plan'], events)
        break
      case 'tool-call-start':
        this.#openCall(index, asObject(message['tool_calls']), events)
        break
      case 'tool-call-delta':
        this.#extendCall(index, asObject(message['tool_calls']), events)
        break
      case 'tool-call-end':
        this.#closeCall(index, events)
        break
      case 'citation-start':
        this.#cite(message['citations'], events)
        break
      case 'message-end':
        this.#end(delta, events)
        break
      case undefined:
        this.#fail(readPlainErrorObject(502, event), events)
        break
      default:
      // The ends of contents and citations, `debug`, and what a later version may add.
    }
    return events
  }

  usage(body: Buffer): Usage | undefined {
    return readUsage(findLastObject(body, 'usage'))
  }

  #start(reply: JsonObject, events: ReplyEvent[]): void {
    if (this.#started) return
    this.#started = true
    const event: ReplyEvent = { type: 'reply-start' }
    const id = asString(reply['id'])
    if (id !== undefined) event.id = id
    // Cohere does not repeat the model's name.
    if (this.#model !== null) event.model = this.#model
    events.push(event)
  }

  /** The message of a whole reply, as if its pieces came one after another. */
  #message(message: JsonObject, events: ReplyEvent[]): void {
    const blocks = asArray(message['content']).map(asObject)
    const citations = asArray(message['citations']).map(asObject)
    // Citations that do not say which text they are of belong to the first.
    const firstText = blocks.findIndex(({ type }) => type === 'text')
    for (const [index, block] of blocks.entries()) {
      this.#openContent(index, block, events)
      for (const citation of citations) {
        if ((citation['content_index'] ?? firstText) === index) this.#cite(citation, events)
      }
    }
    this.#extendPlan(message['tool_plan'], events)
    for (const [index, call] of asArray(message['tool_calls']).map(asObject).entries()) {
      this.#openCall(index, call, events)
      this.#closeCall(index, events)
    }
  }

  #openContent(index: number, block: JsonObject, events: ReplyEvent[]): void {
    const redacted = readTagged(block['data'])
    if (redacted) {
      this.#closeContent(events)
      const part = this.#startPart({ kind: 'redacted-thinking', state: redacted }, events)
      events.push({ type: 'part-end', candidate: 0, part })
      return
    }
    const isThinking = block['type'] === 'thinking' || typeof block['thinking'] === 'string'
    this.#open({ index, kind: isThinking ? 'thinking' : 'text' }, events)
    this.#extendContent(index, block, events)
  }

  #extendContent(index: number, block: JsonObject, events: ReplyEvent[]): void {
    if (this.#content?.index !== index) {
      const kind = typeof block['thinking'] === 'string' ? 'thinking' : 'text'
      this.#open({ index, kind }, events)
    }
    this.#say(asString(block['text']) ?? asString(block['thinking']), events)
    const state = readTagged(block['signature'])
    if (state && this.#content) this.#content.state = state
  }

  #extendPlan(plan: unknown, events: ReplyEvent[]): void {
    if (typeof plan !== 'string' || plan === '') return
    if (this.#content?.state !== TOOL_PLAN) this.#open({ kind: 'thinking', state: TOOL_PLAN }, events)
    this.#say(plan, events)
  }

  #open(content: Omit<OpenContent, 'part'>, events: ReplyEvent[]): void {
    this.#closeContent(events)
    const part = this.#startPart({ kind: content.kind }, events)
    this.#content = { ...content, part }
  }

  #say(text: string | undefined, events: ReplyEvent[]): void {
    if (text === undefined || text === '' || !this.#content) return
    events.push({ type: 'part-delta', candidate: 0, part: this.#content.part, text })
  }

  /** Citations of the thinking and of the tool plan have no place elsewhere. */
  #cite(citation: unknown, events: ReplyEvent[]): void {
    if (this.#content?.kind !== 'text' || !isObject(citation)) return
    if ((citation['type'] ?? 'TEXT_CONTENT') !== 'TEXT_CONTENT') return
    const { part } = this.#content
    events.push({ type: 'annotation', candidate: 0, part, annotation: readCitation(citation) })
  }

  #closeContent(events: ReplyEvent[]): void {
    if (!this.#content) return
    const { part, state } = this.#content
    events.push({ type: 'part-end', candidate: 0, part, ...(state && { state }) })
    this.#content = undefined
  }

  #openCall(index: number, call: JsonObject, events: ReplyEvent[]): void {
    this.#closeContent(events)
    this.#closeCall(index, events)
    const name = asString(asObject(call['function'])['name']) ?? ''
    const state = readTagged(call['signature'])
    const head = { kind: 'tool-call' as const, id: asString(call['id']) ?? '', name, ...(state && { state }) }
    const part = this.#startPart(head, events)
    this.#calls.set(index, { part, held: '', isEmpty: true })
    this.#extendCall(index, call, events)
  }

  /** A tool without arguments may get the text `null`: it is held until the call turns out to have more. */
  #extendCall(index: number, call: JsonObject, events: ReplyEvent[]): void {
    const open = this.#calls.get(index)
    const piece = asString(asObject(call['function'])['arguments'])
    if (!open || !piece) return
    open.held += piece
    if ('null'.startsWith(open.held)) return
    this.#argue(open, open.held, events)
    open.held = ''
  }

  #argue(open: OpenCall, text: string, events: ReplyEvent[]): void {
    open.isEmpty = false
    events.push({ type: 'part-delta', candidate: 0, part: open.part, text })
  }

  #closeCall(index: number, events: ReplyEvent[]): void {
    const open = this.#calls.get(index)
    if (!open) return
    this.#calls.delete(index)
    const rest = open.held === 'null' ? '' : open.held
    // Written out, because clients parse it.
    if (rest !== '' || open.isEmpty) this.#argue(open, rest === '' ? '{}' : rest, events)
    events.push({ type: 'part-end', candidate: 0, part: open.part })
  }

  #startPart(head: PartHead, events: ReplyEvent[]): number {
    this.#start({}, events)
    const part = this.#parts++
    events.push({ type: 'part-start', candidate: 0, part, ...head })
    return part
  }

  /** `end` is a whole reply or what a stream says at its end: both name the reason and the usage in the same way. */
  #end(end: JsonObject, events: ReplyEvent[]): void {
    this.#start({}, events)
    this.#closeContent(events)
    for (const index of this.#calls.keys()) this.#closeCall(index, events)
    const reason = asString(end['finish_reason'])
    if (FAILURES.has(reason ?? '') || typeof end['error'] === 'string') {
      this.#fail(readFailure(end, reason), events)
      return
    }
    this.#ended = true
    const usage = readUsage(end['usage'])
    events.push({ type: 'candidate-end', candidate: 0, ...readFinishReason(reason) })
    if (usage) events.push({ type: 'usage', usage })
    events.push({ type: 'reply-end' })
  }

  #fail(error: GatewayError, events: ReplyEvent[]): void {
    this.#ended = true
    events.push({ type: 'error', error })
  }
}

interface OpenContent {
  part: number
  kind: 'text' | 'thinking'
  /** Absent for the tool plan, which is none of the contents. */
  index?: number
  state?: ModelState
}

interface OpenCall {
  part: number
  /** Arguments that may still turn out to be `null`. */
  held: string
  /** Whether nothing of them has been passed on. */
  isEmpty: boolean
}

/** State of other models, in the members that only a gateway like this one writes. */
function readTagged(text: unknown): ModelState | undefined {
  return typeof text === 'string' ? readState(text, 'cohere').state : undefined
}

function readFailure(end: JsonObject, reason: string | undefined): GatewayError {
  const message = asString(end['error']) || 'The provider failed while answering.'
  return reason === 'TIMEOUT'
    ? new GatewayError(message, { kind: 'timeout', status: 504 })
    : new GatewayError(message, { kind: 'server_error', status: 502 })
}
