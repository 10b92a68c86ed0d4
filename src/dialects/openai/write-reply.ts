import {
  collectReply,
  partsOf,
  textOf,
  type CollectedCandidate,
  type CollectedPartOf,
  type CollectedReply,
} from '../../core/collect.ts'
import type { ReplyWriter } from '../../core/dialect.ts'
import type { ReplyEvent } from '../../core/events.ts'
import type { JsonObject, JsonValue } from '../../core/json.ts'
import type { Usage } from '../../core/usage.ts'
import { writeFrame } from '../../wire/sse.ts'
import { writeUsage } from './usage.ts'

export interface OpenAiWriterOptions {
  /** A completions answer has `text` where a chat answer has `message`. */
  kind: 'chat' | 'completions'
  /** The `object` of a streamed chunk. */
  chunkObject: string
  /** Whether a stream's last chunk carries the usage. */
  showsUsage: boolean
  /** Whether a stream ends with `data: [DONE]`. */
  showsDone: boolean
  /** MLflow's chunks name every member of a delta, and completions stream deltas; OpenAI's own do neither. */
  style: 'mlflow' | 'openai'
}

/**
 * Writes canonical replies in OpenAI's shapes.
 * Spec: https://platform.openai.com/docs/api-reference/chat/object and .../chat-streaming
 */
export class OpenAiReplyWriter implements ReplyWriter {
  readonly #options: OpenAiWriterOptions
  #head: JsonObject = {}
  #usage: Usage | undefined
  /** Tool calls are numbered per candidate, apart from its other parts. */
  readonly #toolCalls = new Map<string, number>()
  readonly #toolCounts = new Map<number, number>()
  readonly #kinds = new Map<string, string>()

  constructor(options: OpenAiWriterOptions) {
    this.#options = options
  }

  whole(events: readonly ReplyEvent[]): string {
    const reply = collectReply(events)
    const { kind } = this.#options
    return JSON.stringify({
      ...writeHead(reply, kind === 'chat' ? 'chat.completion' : 'text_completion'),
      choices: reply.candidates.map((candidate, index) =>
        kind === 'chat'
          ? { index, message: writeMessage(candidate), finish_reason: candidate.end?.reason ?? null }
          : { index, text: textOf(candidate, 'text'), finish_reason: candidate.end?.reason ?? null },
      ),
      usage: writeUsage(reply.usage),
    })
  }

  stream(events: readonly ReplyEvent[]): string {
    let frames = ''
    for (const event of events) frames += this.#event(event)
    return frames
  }

  #event(event: ReplyEvent): string {
    switch (event.type) {
      case 'reply-start':
        this.#head = writeHead(event, this.#options.chunkObject)
        return ''
      case 'part-start': {
        const key = `${event.candidate}/${event.part}`
        this.#kinds.set(key, event.kind)
        if (event.kind !== 'tool-call') {
          return event.part === 0 ? this.#chunk(event.candidate, { role: 'assistant', content: '' }) : ''
        }
        const index = this.#toolCounts.get(event.candidate) ?? 0
        this.#toolCounts.set(event.candidate, index + 1)
        this.#toolCalls.set(key, index)
        const call = { index, id: event.id, type: 'function', function: { name: event.name, arguments: '' } }
        return this.#chunk(event.candidate, {
          role: event.part === 0 ? 'assistant' : null,
          content: null,
          tool_calls: [call],
        })
      }
      case 'part-delta':
        return this.#chunk(event.candidate, this.#delta(`${event.candidate}/${event.part}`, event.text))
      case 'candidate-end':
        return this.#chunk(event.candidate, { role: null, content: null }, event.reason)
      case 'usage':
        this.#usage = { ...this.#usage, ...event.usage }
        return ''
      case 'reply-end':
        return this.#end()
      case 'part-end':
      case 'annotation':
      case 'logprobs':
      case 'error':
        return ''
    }
  }

  #delta(key: string, text: string): JsonObject {
    switch (this.#kinds.get(key)) {
      case 'thinking':
        return { role: null, content: null, reasoning_content: text }
      case 'refusal':
        return { role: null, content: null, refusal: text }
      case 'tool-call': {
        const index = this.#toolCalls.get(key) ?? 0
        return { role: null, content: null, tool_calls: [{ index, function: { arguments: text } }] }
      }
      default:
        return { role: null, content: text }
    }
  }

  #chunk(index: number, delta: JsonObject, reason: string | null = null): string {
    if (this.#options.style === 'openai') return this.#ownChunk(index, delta, reason)
    return writeFrame(JSON.stringify({ ...this.#head, choices: [{ index, finish_reason: reason, delta }] }))
  }

  #ownChunk(index: number, delta: JsonObject, reason: string | null): string {
    const content =
      this.#options.kind === 'completions'
        ? { text: delta['content'] ?? '', logprobs: null }
        : { delta: Object.fromEntries(Object.entries(delta).filter(([, value]) => value !== null)) }
    return writeFrame(
      JSON.stringify({ ...this.#head, choices: [{ index, ...content, finish_reason: reason }] }),
    )
  }

  #end(): string {
    const { showsUsage, showsDone } = this.#options
    const usage =
      showsUsage && this.#usage
        ? writeFrame(JSON.stringify({ ...this.#head, choices: [], usage: writeUsage(this.#usage) }))
        : ''
    return usage + (showsDone ? writeFrame('[DONE]') : '')
  }
}

function writeHead(reply: Pick<CollectedReply, 'id' | 'model' | 'createdAt'>, object: string): JsonObject {
  return {
    id: reply.id ?? null,
    object,
    created: reply.createdAt ?? Math.floor(Date.now() / 1000),
    model: reply.model ?? null,
  }
}

function writeMessage(candidate: CollectedCandidate): JsonObject {
  const text = textOf(candidate, 'text')
  const thinking = textOf(candidate, 'thinking')
  const refusal = textOf(candidate, 'refusal')
  const toolCalls = partsOf(candidate, 'tool-call')
  const message: JsonObject = {
    role: 'assistant',
    content: text === '' && toolCalls.length > 0 ? null : text,
  }
  if (thinking !== '') message['reasoning_content'] = thinking
  if (refusal !== '') message['refusal'] = refusal
  if (toolCalls.length > 0) message['tool_calls'] = writeToolCalls(toolCalls)
  return message
}

/** Whole tool calls in OpenAI's shape. */
export function writeToolCalls(calls: readonly CollectedPartOf<'tool-call'>[]): JsonValue {
  return calls.map(({ id, name, text }) => ({
    id,
    type: 'function',
    function: { name, arguments: text },
  }))
}
