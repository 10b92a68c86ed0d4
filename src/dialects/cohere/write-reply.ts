import { collectReply, type CollectedPart, type CollectedPartOf } from '../../core/collect.ts'
import type { ReplyWriter } from '../../core/dialect.ts'
import type { GatewayError } from '../../core/error.ts'
import type { CandidateEnd, PartHead, ReplyEvent } from '../../core/events.ts'
import type { JsonObject } from '../../core/json.ts'
import type { Annotation } from '../../core/request.ts'
import { writeState, type ModelState } from '../../core/state.ts'
import { mergeUsage, type Usage } from '../../core/usage.ts'
import { writeFrame } from '../../wire/sse.ts'
import { writeCitation } from './citations.ts'
import { writeFinishReason } from './finish-reasons.ts'
import { writeLogprobs } from './logprobs.ts'
import { isToolPlan } from './tool-plan.ts'
import { writeUsage } from './usage.ts'

/**
 * Writes canonical replies as Cohere's chats. Cohere has one candidate and neither refusals nor media: the former are
 * written as text, the latter left out. State of other models goes in a member `signature` of its block.
 * Spec: https://docs.cohere.com/reference/chat
 */
export class CohereReplyWriter implements ReplyWriter {
  #contents = 0
  #calls = 0
  #citations = 0
  /** Open parts by their canonical number. */
  readonly #open = new Map<number, OpenPart>()
  #end: CandidateEnd | undefined
  #usage: Usage | undefined

  whole(events: readonly ReplyEvent[]): string {
    const { id = '', usage, candidates } = collectReply(events)
    const { parts = [], end = { reason: 'stop' }, logprobs = [] } = candidates[0] ?? {}
    const reply: JsonObject = {
      id,
      message: writeMessage(parts),
      finish_reason: writeFinishReason(
        end,
        parts.some(({ kind }) => kind === 'tool-call'),
      ),
      usage: writeUsage(usage),
    }
    if (logprobs.length > 0) reply['logprobs'] = logprobs.map(writeLogprobs)
    return JSON.stringify(reply)
  }

  stream(events: readonly ReplyEvent[]): string {
    let frames = ''
    for (const event of events) frames += this.#event(event)
    return frames
  }

  #event(event: ReplyEvent): string {
    if ('candidate' in event && event.candidate > 0) return ''
    switch (event.type) {
      case 'reply-start':
        return frame('message-start', {
          id: event.id ?? '',
          delta: {
            message: { role: 'assistant', content: [], tool_plan: '', tool_calls: [], citations: [] },
          },
        })
      case 'part-start':
        return this.#start(event.part, event)
      case 'part-delta':
        return this.#extend(event.part, event.text)
      case 'annotation':
        return this.#cite(event.part, event.annotation)
      case 'part-end':
        return this.#close(event.part, event.state)
      case 'logprobs':
        return event.tokens
          .map((token) => this.#delta(Math.max(this.#contents - 1, 0), { text: '' }, writeLogprobs(token)))
          .join('')
      case 'candidate-end':
        this.#end = event
        return ''
      case 'usage':
        this.#usage = mergeUsage(this.#usage, event.usage)
        return ''
      case 'reply-end':
        return this.#finish()
      case 'error':
        return writeStreamError(event.error)
    }
  }

  #start(part: number, head: PartHead): string {
    switch (head.kind) {
      case 'text':
      case 'refusal':
        return this.#openContent(part, { type: 'text', text: '' })
      case 'thinking':
        return this.#openContent(part, { type: 'thinking', thinking: '' })
      case 'redacted-thinking':
        return this.#openContent(part, writeRedacted(head.state))
      case 'tool-call': {
        const index = this.#calls++
        this.#open.set(part, { kind: 'call', index, text: '' })
        const call = writeCall(head, { text: '', state: head.state })
        return frame('tool-call-start', { index, delta: { message: { tool_calls: call } } })
      }
      case 'media':
      case 'opaque':
        return ''
    }
  }

  #openContent(part: number, content: JsonObject): string {
    const index = this.#contents++
    this.#open.set(part, { kind: content['type'] === 'thinking' ? 'thinking' : 'text', index, text: '' })
    return frame('content-start', { index, delta: { message: { content } } })
  }

  #extend(part: number, text: string): string {
    const open = this.#open.get(part)
    if (!open || text === '') return ''
    if (open.kind === 'call') {
      const { index } = open
      const call = { function: { arguments: text } }
      return frame('tool-call-delta', { index, delta: { message: { tool_calls: call } } })
    }
    open.text += text
    return this.#delta(open.index, { [open.kind]: text })
  }

  #delta(index: number, content: JsonObject, logprobs?: JsonObject): string {
    return frame('content-delta', { index, delta: { message: { content } }, ...(logprobs && { logprobs }) })
  }

  #cite(part: number, annotation: Annotation): string {
    const open = this.#open.get(part)
    if (open?.kind !== 'text') return ''
    const index = this.#citations++
    const citations = writeCitation(annotation, open.text, open.index)
    return (
      frame('citation-start', { index, delta: { message: { citations } } }) + frame('citation-end', { index })
    )
  }

  #close(part: number, state: ModelState | undefined): string {
    const open = this.#open.get(part)
    if (!open) return ''
    this.#open.delete(part)
    if (open.kind === 'call') return frame('tool-call-end', { index: open.index })
    const signature = signatureOf(state)
    const signed = signature ? this.#delta(open.index, { [open.kind]: '', ...signature }) : ''
    return signed + frame('content-end', { index: open.index })
  }

  #finish(): string {
    const delta = {
      finish_reason: writeFinishReason(this.#end ?? { reason: 'stop' }, this.#calls > 0),
      usage: writeUsage(this.#usage ?? {}),
    }
    return frame('message-end', { delta }) + writeFrame('[DONE]')
  }
}

interface OpenPart {
  kind: 'text' | 'thinking' | 'call'
  index: number
  /** What was said, for the passages that citations quote. */
  text: string
}

/** The end of a stream that failed: its reason says so, and no `[DONE]` follows. */
export function writeStreamError({ message }: GatewayError): string {
  return frame('message-end', { delta: { error: message, finish_reason: 'ERROR' } })
}

/** Cohere's SDK ends a stream at any line that holds `[DONE]`, be it in the middle of a text. */
function frame(type: string, event: JsonObject): string {
  const json = JSON.stringify({ type, ...event })
  return writeFrame(json.includes('[DONE]') ? json.replaceAll('[DONE]', '\\u005bDONE]') : json, type)
}

function writeMessage(parts: readonly CollectedPart[]): JsonObject {
  const content: JsonObject[] = []
  const calls: JsonObject[] = []
  const citations: JsonObject[] = []
  let plan = ''
  for (const part of parts) {
    if (part.kind === 'tool-call') calls.push(writeCall(part, part))
    else if (part.kind === 'redacted-thinking') content.push(writeRedacted(part.state))
    else if (part.kind === 'thinking') {
      if (isToolPlan(part.state)) plan += part.text
      else content.push({ type: 'thinking', thinking: part.text, ...signatureOf(part.state) })
    } else if (part.kind === 'text' || part.kind === 'refusal') {
      const { text, annotations } = part
      citations.push(...annotations.map((annotation) => writeCitation(annotation, text, content.length)))
      content.push({ type: 'text', text, ...signatureOf(part.state) })
    }
  }
  const isEmpty = content.length === 0 && calls.length === 0
  const message: JsonObject = { role: 'assistant' }
  if (content.length > 0 || isEmpty) message['content'] = isEmpty ? [{ type: 'text', text: '' }] : content
  if (plan !== '') message['tool_plan'] = plan
  if (calls.length > 0) message['tool_calls'] = calls
  if (citations.length > 0) message['citations'] = citations
  return message
}

function writeCall(
  { id, name }: Pick<CollectedPartOf<'tool-call'>, 'id' | 'name'>,
  { text, state }: { text: string; state?: ModelState | undefined },
): JsonObject {
  return { id, type: 'function', function: { name, arguments: text }, ...signatureOf(state) }
}

/** Cohere knows no redacted thinking: to its clients it is thinking without a word. */
function writeRedacted(state: ModelState): JsonObject {
  return { type: 'thinking', thinking: '', data: writeState(state, 'cohere') }
}

/** Cohere signs nothing: what signs a part is another model's, or tells the tool plan. */
function signatureOf(state: ModelState | undefined): JsonObject | undefined {
  return state && state.dialect !== 'cohere' ? { signature: writeState(state, 'cohere') } : undefined
}
