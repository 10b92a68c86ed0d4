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
import { writeCallState } from './call-state.ts'
import { DeltaWriter } from './write-delta.ts'
import { writeAnnotation, writeLogprobs, writeMedia } from './write-extras.ts'
import { writeThinking } from './thinking.ts'
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
  readonly #deltas = new DeltaWriter()
  #head: JsonObject = {}
  #usage: Usage | undefined

  constructor(options: OpenAiWriterOptions) {
    this.#options = options
  }

  whole(events: readonly ReplyEvent[]): string {
    const reply = collectReply(events)
    const { kind } = this.#options
    return JSON.stringify({
      ...writeHead(reply, kind === 'chat' ? 'chat.completion' : 'text_completion'),
      choices: reply.candidates.map((candidate, index) => ({
        index,
        ...(kind === 'chat' ? { message: writeMessage(candidate) } : { text: textOf(candidate, 'text') }),
        ...(candidate.logprobs.length > 0 ? { logprobs: writeLogprobs(candidate.logprobs) } : {}),
        finish_reason: candidate.end?.reason ?? null,
      })),
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
      case 'usage':
        this.#usage = { ...this.#usage, ...event.usage }
        return ''
      case 'reply-end':
        return this.#end()
      case 'error':
        return ''
      case 'candidate-end': {
        const { candidate, reason } = event
        // OpenAI's SDK insists on a role, also for an answer of nothing.
        const begin = this.#deltas.begin(candidate)
        const opening =
          begin && this.#options.style === 'openai' ? this.#chunk(candidate, { delta: begin }) : ''
        return opening + this.#chunk(candidate, { delta: { role: null, content: null }, reason })
      }
      case 'logprobs':
        if (this.#options.style === 'mlflow') return ''
        return this.#chunk(event.candidate, { delta: {}, logprobs: writeLogprobs(event.tokens) })
      default:
        return this.#part(event)
    }
  }

  #part(event: Extract<ReplyEvent, { part: number }>): string {
    const delta = this.#deltas.write(event)
    if (!delta) return ''
    // MLflow's chunks have no more members than these.
    if (this.#options.style === 'mlflow' && !isPlain(delta)) return ''
    return this.#chunk(event.candidate, { delta })
  }

  #chunk(index: number, { delta, reason = null, logprobs }: Chunk): string {
    if (this.#options.style === 'openai')
      return this.#ownChunk(index, { delta, reason, ...(logprobs ? { logprobs } : {}) })
    const { reasoning_details: _details, ...shown } = delta
    return writeFrame(
      JSON.stringify({ ...this.#head, choices: [{ index, finish_reason: reason, delta: shown }] }),
    )
  }

  #ownChunk(index: number, { delta, reason = null, logprobs }: Chunk): string {
    const content =
      this.#options.kind === 'completions'
        ? { text: delta['content'] ?? '', logprobs: logprobs ?? null }
        : { delta: withoutNulls(delta), ...(logprobs ? { logprobs } : {}) }
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

interface Chunk {
  delta: JsonObject
  reason?: string | null
  logprobs?: JsonObject
}

function isPlain(delta: JsonObject): boolean {
  return 'content' in delta
}

function withoutNulls(delta: JsonObject): JsonObject {
  const shown: JsonObject = {}
  for (const name in delta) {
    const value = delta[name]
    if (value !== null && value !== undefined) shown[name] = value
  }
  return shown
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
  const refusal = textOf(candidate, 'refusal')
  const calls = partsOf(candidate, 'tool-call')
  const annotations = partsOf(candidate, 'text').flatMap((part) => part.annotations.map(writeAnnotation))
  const media = partsOf(candidate, 'media').map(writeMedia)
  return {
    role: 'assistant',
    content: text === '' && (calls.length > 0 || refusal !== '') ? null : text,
    ...writeThinking(candidate.parts),
    ...(refusal === '' ? {} : { refusal }),
    ...(annotations.length === 0 ? {} : { annotations }),
    ...Object.assign({}, ...media),
    ...(calls.length === 0 ? {} : { tool_calls: writeToolCalls(calls) }),
  }
}

/** Whole tool calls in OpenAI's shape. */
export function writeToolCalls(calls: readonly CollectedPartOf<'tool-call'>[]): JsonValue {
  return calls.map(({ id, name, text, state }) => ({
    id,
    type: 'function',
    function: { name, arguments: text },
    ...writeCallState(state),
  }))
}
