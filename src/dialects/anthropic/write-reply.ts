import { collectReply, type CollectedCandidate } from '../../core/collect.ts'
import type { ReplyWriter } from '../../core/dialect.ts'
import type { CandidateEnd, ReplyEvent } from '../../core/events.ts'
import type { JsonObject } from '../../core/json.ts'
import type { Usage } from '../../core/usage.ts'
import { writeBlock } from './block.ts'
import { makeId, writePart } from './reply-blocks.ts'
import { writeStopReason } from './stop-reasons.ts'
import { frame, StreamedPart, type BlockCount } from './streamed-part.ts'
import { writeUsage } from './usage.ts'

/** There is one answer; of several candidates it is the first. */
const CANDIDATE = 0
const UNKNOWN_END: CandidateEnd = { reason: 'stop' }

/**
 * A canonical reply as Anthropic's message or stream of events.
 * Spec: https://docs.anthropic.com/en/docs/build-with-claude/streaming
 */
export class AnthropicReplyWriter implements ReplyWriter {
  readonly #count: BlockCount = { next: 0 }
  /** Parts that have begun, in order. Only one block may be open at a time: the others wait for the first one's end. */
  #parts: { shown: StreamedPart; waiting: ReplyEvent[] }[] = []
  #head: Extract<ReplyEvent, { type: 'reply-start' }> = { type: 'reply-start' }
  #isStarted = false
  #usage: Usage = {}
  #end = UNKNOWN_END
  #isRefused = false
  #endsWithCall = false

  whole(events: readonly ReplyEvent[]): string {
    const reply = collectReply(events)
    const candidate: CollectedCandidate = reply.candidates[CANDIDATE] ?? { parts: [], logprobs: [] }
    const end = candidate.end ?? UNKNOWN_END
    const isRefused = candidate.parts.some(({ kind }) => kind === 'refusal')
    const endsWithCall = candidate.parts.at(-1)?.kind === 'tool-call'
    // Parts may be missing between others; `filter` skips them.
    const content = candidate.parts.filter(() => true).flatMap(writePart)
    const members = JSON.stringify({
      ...messageHead(reply),
      stop_reason: writeStopReason(end, { isRefused, endsWithCall }),
      stop_sequence: end.stopSequence ?? null,
      usage: writeUsage(reply.usage),
    })
    return `${members.slice(0, -1)},"content":[${content.map(writeBlock).join()}]}`
  }

  stream(events: readonly ReplyEvent[]): string {
    let text = ''
    for (const event of events) text += this.#write(event)
    return text
  }

  #write(event: ReplyEvent): string {
    switch (event.type) {
      case 'reply-start':
        this.#head = event
        return ''
      case 'usage':
        this.#usage = { ...this.#usage, ...event.usage }
        return ''
      case 'part-start':
      case 'part-delta':
      case 'annotation':
      case 'part-end':
        return event.candidate === CANDIDATE ? this.#start() + this.#writePart(event) : ''
      case 'candidate-end':
        if (event.candidate === CANDIDATE) this.#end = event
        return ''
      case 'reply-end':
        return this.#start() + this.#finish()
      // Log-probabilities have no place here, and an error is the gateway's to tell.
      case 'logprobs':
      case 'error':
        return ''
    }
  }

  #start(): string {
    if (this.#isStarted) return ''
    this.#isStarted = true
    const message = {
      ...messageHead(this.#head),
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: { ...writeUsage(this.#usage), output_tokens: 0 },
    }
    return frame({ type: 'message_start', message })
  }

  #writePart(event: Extract<ReplyEvent, { part: number }>): string {
    if (event.type === 'part-start') {
      this.#isRefused ||= event.kind === 'refusal'
      this.#endsWithCall = event.kind === 'tool-call'
      this.#parts.push({ shown: new StreamedPart(event, this.#count), waiting: [] })
    }
    const [first, ...others] = this.#parts
    if (first?.shown.part !== event.part) {
      others.find(({ shown }) => shown.part === event.part)?.waiting.push(event)
      return ''
    }
    const text = first.shown.write(event)
    return event.type === 'part-end' ? text + this.#next() : text
  }

  /** The first part has ended: the ones behind it, up to one that has not. */
  #next(): string {
    this.#parts.shift()
    const [next] = this.#parts
    if (!next) return ''
    const text = next.waiting.map((event) => next.shown.write(event)).join('')
    return next.waiting.at(-1)?.type === 'part-end' ? text + this.#next() : text
  }

  #finish(): string {
    const end = this.#end
    const delta = {
      stop_reason: writeStopReason(end, { isRefused: this.#isRefused, endsWithCall: this.#endsWithCall }),
      stop_sequence: end.stopSequence ?? null,
    }
    return (
      frame({ type: 'message_delta', delta, usage: writeUsage(this.#usage) }) +
      frame({ type: 'message_stop' })
    )
  }
}

function messageHead({ id, model }: { id?: string; model?: string }): JsonObject {
  return { id: writeId(id), type: 'message', role: 'assistant', model: model ?? '' }
}

/** Other providers' ids get Anthropic's prefix, by which clients know a message. */
function writeId(id: string | undefined): string {
  if (id === undefined || id === '') return makeId('msg')
  return id.startsWith('msg_') ? id : `msg_${id}`
}
