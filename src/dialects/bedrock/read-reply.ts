import type { Frame, ReplyReader, TargetModel } from '../../core/dialect.ts'
import type { PartHead, ReplyEvent } from '../../core/events.ts'
import { asArray, asNumber, asObject, asString, isObject, type JsonObject } from '../../core/json.ts'
import type { ModelState } from '../../core/state.ts'
import type { Usage } from '../../core/usage.ts'
import { findLastObject } from '../../wire/json-splice.ts'
import { badAnswer, parseAnswerObject } from '../answer-json.ts'
import { readCitation } from './citations.ts'
import { readException } from './errors.ts'
import { traitsOf } from './models.ts'
import { OpenParts } from './open-parts.ts'
import { readEnd } from './stop-reasons.ts'
import { readUsage } from './usage.ts'

const EXCEPTION = 'exception:'

/**
 * Reads answers of `Converse`, and the events of `ConverseStream`.
 * Spec: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStream.html
 */
export class BedrockReplyReader implements ReplyReader {
  readonly #model: string | null
  readonly #stateDialect: ModelState['dialect']
  readonly #parts = new OpenParts()
  #isStarted = false
  #isStopped = false
  #isOver = false

  constructor({ model }: TargetModel) {
    this.#model = model
    this.#stateDialect = traitsOf(model).stateDialect
  }

  whole(body: string): ReplyEvent[] {
    const answer = parseAnswerObject(body)
    const { content } = asObject(asObject(answer['output'])['message'])
    if (!Array.isArray(content))
      throw badAnswer('The provider\'s answer is no message: it has no list named "content".')
    const events: ReplyEvent[] = []
    this.#start(events)
    for (const [index, block] of content.map(asObject).entries()) {
      this.#readBlock(index, block, events)
      this.#parts.close(index, events)
    }
    this.#stop(answer['stopReason'], events)
    this.#end(answer['usage'], events)
    return events
  }

  frame({ event: name = '', data }: Frame): ReplyEvent[] {
    const events: ReplyEvent[] = []
    if (this.#isOver) return events
    if (name.startsWith(EXCEPTION)) {
      this.#isOver = true
      events.push({ type: 'error', error: readException(name.slice(EXCEPTION.length), data) })
      return events
    }
    const event = parseAnswerObject(data)
    const index = asNumber(event['contentBlockIndex']) ?? 0
    switch (name) {
      case 'messageStart':
        this.#start(events)
        break
      case 'contentBlockStart':
        this.#start(events)
        this.#openBlock(index, asObject(event['start']), events)
        break
      case 'contentBlockDelta':
        this.#start(events)
        this.#readDelta(index, asObject(event['delta']), events)
        break
      case 'contentBlockStop':
        this.#parts.close(index, events)
        break
      case 'messageStop':
        this.#stop(event['stopReason'], events)
        break
      case 'metadata':
        this.#end(event['usage'], events)
        break
      default:
      // What a later version of the API may add.
    }
    return events
  }

  /** The counts come after the answer's end, and an answer without them is whole. */
  end(): ReplyEvent[] {
    if (!this.#isStopped || this.#isOver) return []
    this.#isOver = true
    return [{ type: 'reply-end' }]
  }

  usage(body: Buffer): Usage | undefined {
    return readUsage(findLastObject(body, 'usage'))
  }

  #start(events: ReplyEvent[]): void {
    if (this.#isStarted) return
    this.#isStarted = true
    // The answer does not say which model gave it.
    events.push({ type: 'reply-start', ...(this.#model === null ? {} : { model: this.#model }) })
  }

  #stop(reason: unknown, events: ReplyEvent[]): void {
    if (this.#isStopped) return
    this.#start(events)
    this.#isStopped = true
    this.#parts.endAll(events)
    events.push({ type: 'candidate-end', candidate: 0, ...readEnd(reason) })
  }

  #end(counts: unknown, events: ReplyEvent[]): void {
    const usage = readUsage(counts)
    if (usage) events.push({ type: 'usage', usage })
    if (!this.#isStopped) return
    this.#isOver = true
    events.push({ type: 'reply-end' })
  }

  #readBlock(index: number, block: JsonObject, events: ReplyEvent[]): void {
    const { text, toolUse, reasoningContent, citationsContent, image } = block
    if (typeof text === 'string') this.#parts.text(index, text, events)
    else if (isObject(reasoningContent)) this.#readReasoning(index, reasoningContent, events)
    else if (isObject(citationsContent)) this.#readCited(index, citationsContent, events)
    else if (isObject(toolUse) && isOwnTool(toolUse)) {
      this.#parts.start(index, callHead(toolUse), events)
      this.#parts.input(index, JSON.stringify(toolUse['input'] ?? {}), events)
    } else this.#parts.start(index, (isObject(image) && imageHead(image)) || opaque(block), events)
  }

  /** Only calls and what a hosted tool gives are announced. */
  #openBlock(index: number, start: JsonObject, events: ReplyEvent[]): void {
    const { toolUse, toolResult } = start
    if (isObject(toolUse) && isOwnTool(toolUse)) this.#parts.start(index, callHead(toolUse), events)
    else if (isObject(toolUse) || isObject(toolResult)) this.#parts.start(index, opaque(start), events)
  }

  #readDelta(index: number, delta: JsonObject, events: ReplyEvent[]): void {
    const { text, toolUse, reasoningContent, citation, image } = delta
    if (typeof text === 'string') this.#parts.text(index, text, events)
    else if (isObject(toolUse)) this.#parts.input(index, asString(toolUse['input']) ?? '', events)
    else if (isObject(reasoningContent)) this.#readReasoning(index, reasoningContent, events)
    else if (isObject(citation)) this.#parts.cite(index, readCitation(citation), events)
    else if (isObject(image)) {
      const head = imageHead(image)
      if (head) this.#parts.start(index, head, events)
    }
  }

  /** In a stream text and signature stand by themselves, in a whole answer inside `reasoningText`. */
  #readReasoning(index: number, content: JsonObject, events: ReplyEvent[]): void {
    const { text, signature, redactedContent } = { ...content, ...asObject(content['reasoningText']) }
    if (typeof redactedContent === 'string' && redactedContent !== '') {
      this.#parts.start(index, { kind: 'redacted-thinking', state: this.#state(redactedContent) }, events)
      return
    }
    if (typeof text === 'string') this.#parts.think(index, text, events)
    if (typeof signature === 'string' && signature !== '')
      this.#parts.sign(index, this.#state(signature), events)
  }

  #readCited(index: number, { content, citations }: JsonObject, events: ReplyEvent[]): void {
    for (const { text } of asArray(content).map(asObject)) {
      this.#parts.text(index, asString(text) ?? '', events)
    }
    for (const citation of asArray(citations).filter(isObject)) {
      this.#parts.cite(index, readCitation(citation), events)
    }
  }

  #state(data: string): ModelState {
    return { dialect: this.#stateDialect, data }
  }
}

/** Bedrock runs some tools itself (`server_tool_use`). */
function isOwnTool({ type }: JsonObject): boolean {
  return type === undefined || type === 'tool_use'
}

function callHead({ toolUseId, name }: JsonObject): PartHead {
  return { kind: 'tool-call', id: asString(toolUseId) ?? '', name: asString(name) ?? '' }
}

function imageHead({ format, source }: JsonObject): PartHead | undefined {
  const data = asString(asObject(source)['bytes'])
  return data === undefined
    ? undefined
    : { kind: 'media', mediaType: `image/${asString(format) ?? 'png'}`, data }
}

function opaque(block: JsonObject): PartHead {
  return { kind: 'opaque', dialect: 'bedrock', value: block }
}
