import { bytesOf, replyBodyOf, type Cassette, type RecordedReply } from '../../cassettes/cassette.ts'
import { readReply } from '../../cassettes/read-reply.ts'
import { collectReply, type CollectedPart } from '../../core/collect.ts'
import type { ChatFormat, UpstreamFormat } from '../../core/dialect.ts'
import type { ErrorKind } from '../../core/error.ts'
import { isContent } from '../../core/events.ts'
import type { Usage } from '../../core/usage.ts'

/** How a request went, once. Times in milliseconds. */
export interface Outcome {
  readonly status: number
  readonly error?: ErrorKind
  /** Until the first content, or the whole answer. */
  readonly firstMs?: number
  readonly totalMs: number
  readonly usage?: Usage
  /** Of a chat: what was answered, calls of tools included. */
  readonly text?: string
}

/** How a request went when it was recorded. */
export function recordedOutcome(cassette: Cassette, format: UpstreamFormat): Outcome {
  const { reply, ended, ms, usage, truncated } = cassette
  if (!reply) {
    return ended.how === 'failed'
      ? { status: ended.status, error: ended.kind, totalMs: ms.total }
      : { status: 499, error: 'canceled', totalMs: ms.total }
  }
  const { status } = reply
  const firstMs = firstContentMs(cassette, format)
  const text = truncated || status > 299 ? undefined : answerText(format, wholeReply(reply))
  const error = errorOf(cassette, reply, format)
  return {
    status,
    ...(error && { error }),
    ...(firstMs !== undefined && { firstMs }),
    totalMs: ms.total,
    ...(usage && { usage }),
    ...(text !== undefined && { text }),
  }
}

function errorOf({ ended }: Cassette, reply: RecordedReply, format: UpstreamFormat): ErrorKind | undefined {
  const { contentType, body } = wholeReply(reply)
  if (reply.status > 299) return format.readError(reply.status, contentType, body.toString('utf8')).kind
  if (ended.how === 'complete') return undefined
  return ended.how === 'failed' ? ended.kind : 'canceled'
}

function wholeReply(reply: RecordedReply): { contentType: string; body: Buffer } {
  return { contentType: reply.headers['content-type'] ?? '', body: replyBodyOf(reply) }
}

/** When the first content was there: a stream begins with events that hold none. */
function firstContentMs({ reply, ms, model }: Cassette, format: UpstreamFormat): number | undefined {
  if (!reply || format.operation !== 'chat' || !format.framing.matches(reply.headers['content-type'] ?? ''))
    return ms.total
  const reader = format.reader({ model })
  const splitter = format.framing.splitter()
  try {
    for (const chunk of reply.chunks) {
      const complete = splitter.push(bytesOf(chunk))
      const frames = complete ? format.framing.parse(complete) : []
      if (frames.some((frame) => reader.frame(frame).some(isContent))) return chunk.ms
    }
  } catch {
    // The stream broke before it said anything.
  }
  return undefined
}

/** What an answer in a format says; undefined for what is no chat, or cannot be read. */
export function answerText(
  format: UpstreamFormat,
  reply: { contentType: string; body: Buffer },
): string | undefined {
  return format.operation === 'chat' ? chatText(format, reply) : undefined
}

function chatText(format: ChatFormat, reply: { contentType: string; body: Buffer }): string | undefined {
  const events = readReply(format, { model: null }, reply)
  const sound = events.filter(({ type }) => type !== 'error')
  if (sound.length === 0) return undefined
  const { candidates } = collectReply(sound)
  return candidates.map(({ parts }) => parts.flatMap(partText).join('\n')).join('\n\n')
}

function partText(part: CollectedPart): string[] {
  if (part.kind === 'tool-call') return [`${part.name}(${part.text})`]
  return part.kind === 'text' || part.kind === 'refusal' ? [part.text] : []
}
