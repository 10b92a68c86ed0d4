import { collectReply, textOf, type CollectedCandidate, type CollectedReply } from '../../core/collect.ts'
import type { ReplyWriter } from '../../core/dialect.ts'
import type { CandidateEnd, ReplyEvent, TokenLogprob } from '../../core/events.ts'
import type { JsonObject } from '../../core/json.ts'
import type { Usage } from '../../core/usage.ts'
import { writeFrame } from '../../wire/sse.ts'
import { writeLogprobs, writeTextLogprobs } from './logprobs.ts'
import { DeltaWriter } from './write-delta.ts'
import { writeMessage, type CallStyle } from './write-message.ts'
import { writeUsage } from './usage.ts'

export interface OpenAiWriterOptions extends CallStyle {
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
  readonly #deltas = new Map<number, DeltaWriter>()
  #head: JsonObject = {}
  #usage: Usage | undefined

  constructor(options: OpenAiWriterOptions) {
    this.#options = options
  }

  whole(events: readonly ReplyEvent[]): string {
    const reply = collectReply(events)
    return JSON.stringify({
      ...writeHead(reply, this.#options.kind === 'chat' ? 'chat.completion' : 'text_completion'),
      choices: reply.candidates.map((candidate, index) => this.#choice(candidate, index)),
      usage: writeUsage(reply.usage),
    })
  }

  stream(events: readonly ReplyEvent[]): string {
    let frames = ''
    for (const event of events) frames += this.#event(event)
    return frames
  }

  #choice(candidate: CollectedCandidate, index: number): JsonObject {
    const { logprobs, end } = candidate
    const isChat = this.#options.kind === 'chat'
    return {
      index,
      ...(isChat ? { message: writeMessage(candidate, this.#options) } : { text: textOf(candidate, 'text') }),
      ...(logprobs.length > 0 && { logprobs: this.#logprobs(logprobs) }),
      ...(end ? this.#finish(end) : { finish_reason: null }),
    }
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
      case 'candidate-end':
        return this.#endOf(event.candidate, event)
      case 'logprobs': {
        // MLflow's chunks have no place for them.
        const logprobs = this.#logprobs(event.tokens)
        return this.#options.style === 'mlflow' ? '' : this.#chunk(event.candidate, {}, { logprobs })
      }
      default: {
        const delta = this.#deltaWriter(event.candidate).write(event)
        return delta ? this.#chunk(event.candidate, delta) : ''
      }
    }
  }

  /** OpenAI's SDK insists on a role, also for an answer of nothing. */
  #endOf(candidate: number, end: CandidateEnd): string {
    const first = this.#options.style === 'openai' ? this.#deltaWriter(candidate).begin() : undefined
    const opening = first ? this.#chunk(candidate, first) : ''
    return opening + this.#chunk(candidate, {}, this.#finish(end))
  }

  #deltaWriter(candidate: number): DeltaWriter {
    const known = this.#deltas.get(candidate)
    if (known) return known
    const writer = new DeltaWriter(this.#options)
    this.#deltas.set(candidate, writer)
    return writer
  }

  /** `stop_reason` is vLLM's word for the sequence. */
  #finish({ reason, stopSequence }: CandidateEnd): JsonObject {
    const word = this.#options.isLegacy && reason === 'tool_calls' ? 'function_call' : reason
    return { finish_reason: word, ...(stopSequence !== undefined && { stop_reason: stopSequence }) }
  }

  #logprobs(tokens: readonly TokenLogprob[]): JsonObject {
    return this.#options.kind === 'chat' ? writeLogprobs(tokens) : writeTextLogprobs(tokens)
  }

  #chunk(index: number, delta: JsonObject, more?: JsonObject): string {
    const { kind, style } = this.#options
    if (style === 'mlflow') {
      const named = { role: null, content: null, ...delta }
      return this.#write({ index, finish_reason: more?.['finish_reason'] ?? null, delta: named })
    }
    if (kind === 'chat') return this.#write({ index, delta, finish_reason: null, ...more })
    // A completion shows texts only.
    if (!more && !('content' in delta)) return ''
    return this.#write({ index, text: delta['content'] ?? '', logprobs: null, finish_reason: null, ...more })
  }

  #write(choice: JsonObject): string {
    return writeFrame(JSON.stringify({ ...this.#head, choices: [choice] }))
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
