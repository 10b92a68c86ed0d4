import { collectReply, type CollectedCandidate, type CollectedPart } from '../../core/collect.ts'
import type { ReplyWriter } from '../../core/dialect.ts'
import type { CandidateEnd, ReplyEvent, TokenLogprob } from '../../core/events.ts'
import type { JsonObject } from '../../core/json.ts'
import type { Usage } from '../../core/usage.ts'
import { rawObject, stringifyRaw, type RawJson, type RawJsonObject } from '../../wire/raw-json.ts'
import { writeAnnotations } from './citations.ts'
import { writeFinishReason } from './finish-reasons.ts'
import { writeLogprobs } from './logprobs.ts'
import { writeSignature } from './state.ts'
import type { StreamShape } from './stream-shape.ts'
import { writeUsage } from './usage.ts'

/**
 * Writes canonical replies as Gemini's, whole or as pieces of a stream. A call is shown when its arguments are complete,
 * and what ends a candidate waits for the usage, which stands in the same piece.
 * Spec: https://ai.google.dev/api/generate-content#v1beta.GenerateContentResponse
 */
export class GeminiReplyWriter implements ReplyWriter {
  readonly #shape: StreamShape
  #head: JsonObject = {}
  #usage: Usage = {}
  readonly #candidates: OpenCandidate[] = []

  constructor(shape: StreamShape) {
    this.#shape = shape
  }

  whole(events: readonly ReplyEvent[]): string {
    const reply = collectReply(events)
    return stringifyRaw({
      candidates: reply.candidates.map((candidate, index) => writeCandidate(candidate, index)),
      usageMetadata: writeUsage(reply.usage),
      ...writeHead(reply),
    })
  }

  stream(events: readonly ReplyEvent[]): string {
    let text = ''
    for (const event of events) text += this.#write(event)
    return text
  }

  #write(event: ReplyEvent): string {
    switch (event.type) {
      case 'reply-start':
        this.#head = writeHead(event)
        return ''
      case 'part-start': {
        const { type: _type, candidate, part, ...head } = event
        this.#candidateAt(candidate).parts[part] = { ...head, text: '', annotations: [] }
        return ''
      }
      case 'part-delta': {
        const part = this.#partAt(event)
        if (!part) return ''
        part.text += event.text
        if (part.kind !== 'text' && part.kind !== 'thinking') return ''
        return this.#piece(event.candidate, writePart({ ...part, text: event.text }))
      }
      case 'annotation':
        this.#partAt(event)?.annotations.push(event.annotation)
        return ''
      case 'part-end':
        return this.#endPart(event)
      case 'logprobs':
        this.#candidateAt(event.candidate).logprobs.push(...event.tokens)
        return ''
      case 'candidate-end': {
        const { type: _type, candidate, ...end } = event
        this.#candidateAt(candidate).end = end
        return ''
      }
      case 'usage':
        this.#usage = { ...this.#usage, ...event.usage }
        return ''
      case 'reply-end':
        return this.#end()
      case 'error':
        return ''
    }
  }

  #endPart(event: Extract<ReplyEvent, { type: 'part-end' }>): string {
    const part = this.#partAt(event)
    if (!part) return ''
    if (event.state) part.state = event.state
    const isShown = part.kind === 'text' || part.kind === 'thinking'
    // A signature comes after the text that it signs, in a part without text, as Gemini itself streams it.
    if (isShown && !part.state) return ''
    return this.#piece(event.candidate, writePart(isShown ? { ...part, text: '' } : part))
  }

  #end(): string {
    const candidates = this.#candidates.map((candidate, index) => ({
      content: { ...writeRefusal(candidate), role: 'model' },
      ...writeEnd(candidate, index),
    }))
    return this.#item({ candidates, usageMetadata: writeUsage(this.#usage) }) + this.#shape.close()
  }

  #piece(index: number, part: RawJsonObject | undefined): string {
    return part ? this.#item({ candidates: [{ content: { parts: [part], role: 'model' }, index }] }) : ''
  }

  #item(body: RawJsonObject): string {
    return this.#shape.item(stringifyRaw({ ...body, ...this.#head }))
  }

  #candidateAt(index: number): OpenCandidate {
    return (this.#candidates[index] ??= { parts: [], logprobs: [] })
  }

  #partAt({ candidate, part }: { candidate: number; part: number }): CollectedPart | undefined {
    return this.#candidateAt(candidate).parts[part]
  }
}

interface OpenCandidate {
  parts: CollectedPart[]
  logprobs: TokenLogprob[]
  end?: CandidateEnd
}

function writeHead({
  id,
  model,
  createdAt,
}: {
  id?: string
  model?: string
  createdAt?: number
}): JsonObject {
  return {
    ...(model === undefined ? {} : { modelVersion: model }),
    ...(createdAt === undefined ? {} : { createTime: new Date(createdAt * 1000).toISOString() }),
    ...(id === undefined ? {} : { responseId: id }),
  }
}

function writeCandidate(candidate: CollectedCandidate, index: number): RawJsonObject {
  const parts = candidate.parts.flatMap((part) => writePart(part) ?? [])
  const refused = writeRefusal(candidate).parts ?? []
  return { content: { parts: [...parts, ...refused], role: 'model' }, ...writeEnd(candidate, index) }
}

function writePart(part: CollectedPart): RawJsonObject | undefined {
  const signed: JsonObject = part.state ? { thoughtSignature: writeSignature(part.state) } : {}
  switch (part.kind) {
    case 'text':
      return { text: part.text, ...signed }
    case 'thinking':
      return { text: part.text, thought: true, ...signed }
    case 'redacted-thinking':
      return { thought: true, thoughtSignature: writeSignature(part.state) }
    case 'tool-call': {
      const { id, name } = part
      const args = readArguments(part)
      return args ? { functionCall: { ...(id === '' ? {} : { id }), name, args }, ...signed } : undefined
    }
    case 'media':
      return { inlineData: { mimeType: part.mediaType, data: part.data }, ...signed }
    case 'opaque':
      return part.dialect === 'gemini' ? part.value : undefined
    case 'refusal':
      return undefined
  }
}

/** A call that was cut off in the middle of its arguments has none. */
function readArguments({ text }: CollectedPart): RawJson | undefined {
  return rawObject(text.trim() === '' ? '{}' : text)
}

/** A refusal in words is the answer, where the provider has not ended it as filtered. */
function writeRefusal(candidate: OpenCandidate): { parts?: JsonObject[] } {
  const text = candidate.end?.reason === 'content_filter' ? '' : refusalOf(candidate)
  return text === '' ? {} : { parts: [{ text }] }
}

function refusalOf({ parts }: OpenCandidate): string {
  return parts.map((part) => (part.kind === 'refusal' ? part.text : '')).join('')
}

function writeEnd(candidate: OpenCandidate, index: number): RawJsonObject {
  const { end, parts, logprobs } = candidate
  const refusal = refusalOf(candidate)
  const broken = parts.some((part) => part.kind === 'tool-call' && !readArguments(part))
  const reason = end && writeFinishReason(end)
  return {
    ...(reason === undefined
      ? {}
      : { finishReason: broken && reason === 'STOP' ? 'MALFORMED_FUNCTION_CALL' : reason }),
    ...(end?.reason === 'content_filter' && refusal !== '' ? { finishMessage: refusal } : {}),
    index,
    ...writeAnnotations(parts),
    ...(logprobs.length > 0 ? { logprobsResult: writeLogprobs(logprobs) } : {}),
  }
}
