import { randomUUID } from 'node:crypto'
import type { ReplyWriter } from '../../core/dialect.ts'
import type { GatewayError } from '../../core/error.ts'
import type { PartHead, ReplyEvent, TokenLogprob } from '../../core/events.ts'
import { asObject, asString, type JsonObject } from '../../core/json.ts'
import type { ModelState, StatePlace } from '../../core/state.ts'
import { mergeUsage, type Usage } from '../../core/usage.ts'
import { writeErrorObject } from '../openai/errors.ts'
import { DIALECT } from './dialect-name.ts'
import {
  CallItem,
  EventLog,
  MessageItem,
  ThoughtItem,
  type ItemPlace,
  type ItemStatus,
} from './output-items.ts'
import { writeItem, writeOwnId } from './reasoning-item.ts'
import { ResponseObjectWriter, type ResponseState } from './response-object.ts'
import { writeUsage } from './usage.ts'

export interface ResponsesWriterOptions {
  /** The client's request, of which a response repeats much. */
  request: JsonObject
  /** Names of its custom tools. */
  customTools: ReadonlySet<string>
}

/**
 * Writes canonical replies as responses. There is one answer: candidates after the first are passed over. Signatures
 * that have no place on their part go in a reasoning item beside it.
 * Spec: https://platform.openai.com/docs/api-reference/responses-streaming
 */
export class ResponsesReplyWriter implements ReplyWriter {
  readonly #customTools: ReadonlySet<string>
  /** The client's name for the model, for answers that name none. */
  readonly #model: string
  readonly #object: ResponseObjectWriter
  readonly #log = new EventLog()
  #head: { id: string; model: string; createdAt: number } | undefined
  /** The open message: it ends only when something else begins. */
  #message: MessageItem | undefined
  /** Log-probabilities that came before their text. */
  #early: TokenLogprob[] = []
  readonly #thoughts = new Map<number, ThoughtItem>()
  readonly #calls = new Map<number, CallItem>()
  #incomplete: string | undefined
  #usage: Usage | undefined
  /** The response as it ends. */
  #final = ''

  constructor({ request, customTools }: ResponsesWriterOptions) {
    this.#customTools = customTools
    this.#model = asString(request['model']) ?? ''
    this.#object = new ResponseObjectWriter(request)
  }

  whole(events: readonly ReplyEvent[]): string {
    for (const event of events) {
      if (event.type === 'error') throw event.error
      this.#event(event)
    }
    if (this.#final === '') this.#end()
    return this.#final
  }

  stream(events: readonly ReplyEvent[]): string {
    let frames = ''
    for (const event of events) frames += this.#event(event)
    return frames
  }

  /** The end of a stream that failed. */
  fail(error: GatewayError): string {
    const { message, ...rest } = asObject(writeErrorObject(error)['error'])
    const code = asString(rest['code']) ?? 'server_error'
    const text = asString(message) ?? error.message
    const start = this.#start({})
    // The SDKs look for the error inside, their types have it on the event itself.
    const failed = this.#log.event('error', {
      code,
      message: text,
      param: rest['param'] ?? null,
      error: { ...rest, code, message: text },
    })
    return (
      start + failed + this.#respond('response.failed', { status: 'failed', error: { code, message: text } })
    )
  }

  #event(event: ReplyEvent): string {
    if ('candidate' in event && event.candidate !== 0) return ''
    switch (event.type) {
      case 'reply-start':
        return this.#start(event)
      case 'part-start':
        return this.#start({}) + this.#begin(event.part, event)
      case 'part-delta':
        return this.#delta(event.part, event.text)
      case 'part-end':
        return this.#endPart(event.part, event.state)
      case 'annotation':
        return this.#message?.annotation(event.annotation) ?? ''
      case 'logprobs':
        if (this.#message) this.#message.logprobs(event.tokens)
        else this.#early = [...this.#early, ...event.tokens]
        return ''
      case 'candidate-end':
        this.#incomplete = INCOMPLETE.get(event.reason)
        return this.#closeAll()
      case 'usage':
        this.#usage = mergeUsage(this.#usage, event.usage)
        return ''
      case 'reply-end':
        return this.#end()
      case 'error':
        return ''
    }
  }

  #start({ id, model, createdAt }: { id?: string; model?: string; createdAt?: number }): string {
    if (this.#head) return ''
    this.#head = {
      id: id ?? `resp_${randomUUID().replaceAll('-', '')}`,
      model: model ?? this.#model,
      createdAt: createdAt ?? Math.floor(Date.now() / 1000),
    }
    const response = this.#object.write({ ...this.#head, status: 'in_progress', output: [] })
    return (
      this.#log.response('response.created', response) + this.#log.response('response.in_progress', response)
    )
  }

  #begin(part: number, head: PartHead): string {
    if (head.kind === 'text' || head.kind === 'refusal') return this.#beginText(head.kind)
    const before = this.#closeMessage('completed')
    switch (head.kind) {
      case 'thinking': {
        const item = new ThoughtItem(this.#place('rs'))
        this.#thoughts.set(part, item)
        return before + item.begin()
      }
      case 'redacted-thinking':
        return before + this.#carry(head.state)
      case 'tool-call': {
        const { id, name, state } = head
        const signature = state ? this.#carry(state, 'next') : ''
        const isCustom = this.#customTools.has(name)
        const item = new CallItem(this.#place(isCustom ? 'ctc' : 'fc'), { id, name, isCustom })
        this.#calls.set(part, item)
        return before + signature + item.begin()
      }
      case 'media':
        return before + this.#picture(head)
      case 'opaque':
        return before + (head.dialect === DIALECT ? this.#log.whole(head.value) : '')
    }
  }

  #beginText(kind: 'text' | 'refusal'): string {
    if (this.#message) return this.#message.beginText(kind)
    const message = new MessageItem(this.#place('msg'))
    this.#message = message
    const start = message.begin() + message.beginText(kind)
    message.logprobs(this.#early)
    this.#early = []
    return start
  }

  #delta(part: number, text: string): string {
    if (text === '') return ''
    return (this.#thoughts.get(part) ?? this.#calls.get(part) ?? this.#message)?.delta(text) ?? ''
  }

  #endPart(part: number, state: ModelState | undefined): string {
    const thought = this.#thoughts.get(part)
    if (thought) {
      this.#thoughts.delete(part)
      return thought.end(state)
    }
    const call = this.#calls.get(part)
    this.#calls.delete(part)
    const end = call?.end('completed') ?? ''
    if (!state) return end
    // A text's signature: its message ends here, so that the signature can follow it.
    return end + this.#closeMessage('completed') + this.#carry(state, 'previous')
  }

  /** State as an item of its own. */
  #carry(state: ModelState, place?: StatePlace): string {
    const index = this.#log.nextItem()
    const item = { id: this.#id('rs', index), ...writeItem('', state, place) }
    return this.#log.added(index, item) + this.#log.done(index, item)
  }

  /** Other media have no place in a response. */
  #picture({ mediaType, data }: Extract<PartHead, { kind: 'media' }>): string {
    if (!mediaType.startsWith('image/')) return ''
    const index = this.#log.nextItem()
    const item = { id: this.#id('ig', index), type: 'image_generation_call' }
    const format = mediaType.slice('image/'.length)
    return (
      this.#log.added(index, { ...item, status: 'in_progress', result: null }) +
      this.#log.done(index, { ...item, status: 'completed', output_format: format, result: data })
    )
  }

  #closeMessage(status: ItemStatus): string {
    const closing = this.#message?.end(status) ?? ''
    this.#message = undefined
    return closing
  }

  #closeAll(): string {
    const status = this.#incomplete === undefined ? 'completed' : 'incomplete'
    let frames = this.#closeMessage(status)
    for (const thought of this.#thoughts.values()) frames += thought.end(undefined)
    for (const call of this.#calls.values()) frames += call.end(status)
    this.#thoughts.clear()
    this.#calls.clear()
    return frames
  }

  #end(): string {
    const start = this.#start({})
    const closing = this.#closeAll()
    const usage = this.#usage && { usage: writeUsage(this.#usage) }
    const incomplete = this.#incomplete
    return incomplete === undefined
      ? start + closing + this.#respond('response.completed', { status: 'completed', ...usage })
      : start + closing + this.#respond('response.incomplete', { status: 'incomplete', incomplete, ...usage })
  }

  #respond(type: string, state: Pick<ResponseState, 'status' | 'error' | 'incomplete' | 'usage'>): string {
    const { id, model, createdAt } = this.#head ?? { id: '', model: '', createdAt: 0 }
    const output = this.#log.output.filter((item) => item !== undefined)
    this.#final = this.#object.write({ id, model, createdAt, output, ...state })
    return this.#log.response(type, this.#final)
  }

  #place(prefix: string): ItemPlace {
    const index = this.#log.nextItem()
    return { log: this.#log, index, id: this.#id(prefix, index) }
  }

  /** Providers refuse ids of more than 64 characters. */
  #id(prefix: string, index: number): string {
    return writeOwnId(prefix, `${this.#head?.id.slice(-40) ?? ''}_${index}`)
  }
}

/** Reasons that leave a response incomplete, in its own words. */
const INCOMPLETE: ReadonlyMap<string, string> = new Map([
  ['length', 'max_output_tokens'],
  ['content_filter', 'content_filter'],
])
