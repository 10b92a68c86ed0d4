import type { Frame, ReplyReader } from '../../core/dialect.ts'
import { GatewayError } from '../../core/error.ts'
import type { FinishReason, PartHead, ReplyEvent } from '../../core/events.ts'
import { asNumber, asObject, asString, isObject, type JsonObject } from '../../core/json.ts'
import type { Usage } from '../../core/usage.ts'
import { readErrorObject } from './errors.ts'

/**
 * Reads Anthropic's messages, whole or streamed. Blocks that no other dialect knows (server tools, redacted thinking,
 * whatever comes next) are passed over, so parts are numbered here and not as the provider numbers its blocks.
 * Spec: https://docs.anthropic.com/en/docs/build-with-claude/streaming
 */
export class AnthropicReplyReader implements ReplyReader {
  #started = false
  #ended = false
  #finished = false
  #parts = 0
  #usage: JsonObject = {}
  /** Blocks that have begun and not ended, by the provider's index. */
  readonly #open = new Map<number, Block>()

  whole(body: string): ReplyEvent[] {
    const message = parseObject(body)
    if (message['type'] === 'error') throw readErrorObject(message)
    const content = message['content']
    if (!Array.isArray(content)) throw badResponse('is not a message: it has no list named "content"')
    const events: ReplyEvent[] = []
    this.#start(message, events)
    for (const [index, block] of content.map(asObject).entries()) {
      this.#openBlock(index, block, events)
      this.#closeBlock(index, events)
    }
    this.#finish(message, events)
    this.#end(events)
    return events
  }

  frame(frame: Frame): ReplyEvent[] {
    const events: ReplyEvent[] = []
    if (this.#ended) return events
    const event = parseObject(frame.data)
    const index = asNumber(event['index']) ?? 0
    switch (asString(event['type']) ?? frame.event) {
      case 'message_start':
        this.#start(asObject(event['message']), events)
        break
      case 'content_block_start':
        this.#openBlock(index, asObject(event['content_block']), events)
        break
      case 'content_block_delta':
        this.#extendBlock(index, asObject(event['delta']), events)
        break
      case 'content_block_stop':
        this.#closeBlock(index, events)
        break
      case 'message_delta':
        this.#addUsage(event['usage'])
        if (isObject(event['delta']) && event['delta']['stop_reason']) this.#finish(event['delta'], events)
        break
      case 'message_stop':
        this.#finish({}, events)
        this.#end(events)
        break
      case 'error':
        this.#ended = true
        events.push({ type: 'error', error: readErrorObject(event) })
        break
      default:
      // `ping`, and what a later version of the API may add.
    }
    return events
  }

  usage(body: Buffer): Usage | undefined {
    try {
      return readUsage(asObject(asObject(JSON.parse(body.toString('utf8')))['usage']))
    } catch {
      return undefined
    }
  }

  #start(message: JsonObject, events: ReplyEvent[]): void {
    // Seen in the wild: the same start sent twice is harmless, a second message spliced into the first is not.
    if (this.#parts > 0) throw badResponse('starts a second message inside the first')
    this.#addUsage(message['usage'])
    if (this.#started) return
    this.#started = true
    const event: ReplyEvent = { type: 'reply-start' }
    const id = asString(message['id'])
    const model = asString(message['model'])
    if (id !== undefined) event.id = id
    if (model !== undefined) event.model = model
    events.push(event)
  }

  #openBlock(index: number, block: JsonObject, events: ReplyEvent[]): void {
    if (!this.#started) this.#start({}, events)
    this.#closeBlock(index, events)
    const head = readHead(block)
    if (!head) return
    const part = this.#parts++
    this.#open.set(index, { part, kind: head.kind, input: asObject(block['input']), filled: false })
    events.push({ type: 'part-start', candidate: 0, part, ...head })
    // Always empty in Anthropic's own streams, filled in whole messages and by some compatible servers.
    this.#extendBlock(index, { text: block['text'] ?? '', thinking: block['thinking'] ?? '' }, events)
  }

  #extendBlock(index: number, delta: JsonObject, events: ReplyEvent[]): void {
    const block = this.#open.get(index)
    if (!block) return
    const text = asString(delta[DELTA_FIELDS[block.kind] ?? ''])
    if (text === undefined || text === '') return
    block.filled = true
    events.push({ type: 'part-delta', candidate: 0, part: block.part, text })
  }

  #closeBlock(index: number, events: ReplyEvent[]): void {
    const block = this.#open.get(index)
    if (!block) return
    // No piece of a tool's input came: it is whole in the block's start, or empty.
    if (block.kind === 'tool-call' && !block.filled) {
      events.push({ type: 'part-delta', candidate: 0, part: block.part, text: JSON.stringify(block.input) })
    }
    this.#open.delete(index)
    events.push({ type: 'part-end', candidate: 0, part: block.part })
  }

  /** `delta` is a whole message or what a stream says at its end: both name the reason in the same way. */
  #finish(delta: JsonObject, events: ReplyEvent[]): void {
    if (this.#finished) return
    if (!this.#started) this.#start({}, events)
    this.#finished = true
    for (const index of this.#open.keys()) this.#closeBlock(index, events)
    const explanation = asString(asObject(delta['stop_details'])['explanation'])
    if (delta['stop_reason'] === 'refusal' && explanation) this.#refuse(explanation, events)
    events.push({ type: 'candidate-end', candidate: 0, reason: readReason(delta['stop_reason']) })
  }

  #refuse(text: string, events: ReplyEvent[]): void {
    const part = this.#parts++
    events.push(
      { type: 'part-start', candidate: 0, part, kind: 'refusal' },
      { type: 'part-delta', candidate: 0, part, text },
      { type: 'part-end', candidate: 0, part },
    )
  }

  #end(events: ReplyEvent[]): void {
    this.#ended = true
    const usage = readUsage(this.#usage)
    if (usage) events.push({ type: 'usage', usage })
    events.push({ type: 'reply-end' })
  }

  /** A stream tells the prompt's size at its start and the rest at its end; the later figure of a count holds. */
  #addUsage(usage: unknown): void {
    for (const [name, count] of Object.entries(asObject(usage))) {
      if (count !== null) this.#usage[name] = count
    }
  }
}

interface Block {
  part: number
  kind: PartHead['kind']
  input: JsonObject
  /** Whether any of its content has been passed on. */
  filled: boolean
}

/** Where a delta keeps its text; signatures, citations and the like have other names and are passed over. */
const DELTA_FIELDS: Readonly<Partial<Record<PartHead['kind'], string>>> = {
  text: 'text',
  thinking: 'thinking',
  refusal: 'text',
  'tool-call': 'partial_json',
}

function readHead(block: JsonObject): PartHead | undefined {
  switch (block['type']) {
    case 'text':
      return { kind: 'text' }
    case 'thinking':
      return { kind: 'thinking' }
    case 'tool_use':
      return { kind: 'tool-call', id: asString(block['id']) ?? '', name: asString(block['name']) ?? '' }
    default:
      return undefined
  }
}

function readReason(reason: unknown): FinishReason {
  return FINISH_REASONS.get(reason) ?? asString(reason) ?? 'stop'
}

const FINISH_REASONS: ReadonlyMap<unknown, FinishReason> = new Map<unknown, FinishReason>([
  ['end_turn', 'stop'],
  ['stop_sequence', 'stop'],
  ['max_tokens', 'length'],
  ['model_context_window_exceeded', 'length'],
  ['tool_use', 'tool_calls'],
  ['refusal', 'content_filter'],
])

/** Anthropic counts what was written to and read from its cache apart from `input_tokens`. */
function readUsage(counts: JsonObject): Usage | undefined {
  const usage: Usage = {}
  const fresh = asNumber(counts['input_tokens'])
  const written = asNumber(counts['cache_creation_input_tokens'])
  const cached = asNumber(counts['cache_read_input_tokens'])
  const output = asNumber(counts['output_tokens'])
  const thinking = asNumber(asObject(counts['output_tokens_details'])['thinking_tokens'])
  if (fresh !== undefined) usage.inputTokens = fresh + (written ?? 0) + (cached ?? 0)
  if (cached !== undefined) usage.cacheReadTokens = cached
  if (written !== undefined) usage.cacheWriteTokens = written
  if (output !== undefined) usage.outputTokens = output
  if (thinking !== undefined) usage.reasoningTokens = thinking
  return Object.keys(usage).length > 0 ? usage : undefined
}

function parseObject(text: string): JsonObject {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    // The parser's own message quotes the text, so it is not kept as the cause.
    throw badResponse('is not valid JSON')
  }
  if (!isObject(value)) throw badResponse('is not a JSON object')
  return value
}

function badResponse(problem: string): GatewayError {
  return new GatewayError(`The provider's answer ${problem}.`, { kind: 'bad_response', status: 502 })
}
