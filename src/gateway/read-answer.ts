import type {
  ChatClientRequest,
  ChatFormat,
  ClientRequest,
  ReplyReader,
  UpstreamFormat,
} from '../core/dialect.ts'
import { GatewayError } from '../core/error.ts'
import type { ReplyEvent } from '../core/events.ts'
import type { Provider, UpstreamReply } from '../core/provider.ts'
import { mergeUsage, type Usage } from '../core/usage.ts'
import { notServed } from './choose-format.ts'
import { readWhole } from './read-body.ts'

export interface Answer {
  text: string | Buffer
  /** JSON when absent. */
  contentType?: string
  usage: Usage | undefined
}

/** A provider's whole answer in the client's dialect. Throws a `GatewayError` for one that cannot be read. */
export async function readAnswer(
  request: ClientRequest,
  served: { format: UpstreamFormat; provider: Provider },
  upstream: UpstreamReply,
): Promise<Answer> {
  if (!isJson(upstream)) {
    upstream.body.cancel()
    throw unsupported(upstream.contentType)
  }
  const { format, provider } = served
  const body = await readWhole(upstream.body)
  if (request.operation === 'chat' && format.operation === 'chat') {
    return readChat(request, { format, reader: format.reader(provider) }, body)
  }
  if (request.operation === 'embeddings' && format.operation === 'embeddings') {
    if (isOwn(request, format, body)) return { text: body, usage: format.usage(body) }
    const reply = format.read(body.toString('utf8'))
    return { text: request.write(reply), usage: reply.usage }
  }
  if (request.operation === 'rerank' && format.operation === 'rerank') {
    if (isOwn(request, format, body)) return { text: body, usage: format.usage(body) }
    const reply = format.read(body.toString('utf8'))
    return { text: request.write(reply), usage: reply.usage }
  }
  if (request.operation === 'count-tokens' && format.operation === 'count-tokens') {
    if (isOwn(request, format, body)) return { text: body, usage: undefined }
    return { text: request.write(format.read(body.toString('utf8'))), usage: undefined }
  }
  throw notServed(provider, request)
}

function readChat(
  request: ChatClientRequest,
  { format, reader }: { format: ChatFormat; reader: ReplyReader },
  body: Buffer,
): Answer {
  const isWhole = !request.stream || request.takesWhole === true
  if (request.repliesAs.whole === format.name && isWhole) {
    if (!looksLikeObject(body)) throw notJson()
    if (!isSound(body, format)) reader.whole(body.toString('utf8'))
    return { text: body, usage: reader.usage(body) }
  }
  const events = reader.whole(body.toString('utf8'))
  const usage = usageOf(events)
  if (isWhole) return { text: request.writer().whole(events), usage }
  // The provider did not stream, but the client reads nothing else.
  const contentType = request.streamType ?? EVENT_STREAM
  return { text: request.writer().stream(events), contentType, usage }
}

const EVENT_STREAM = 'text/event-stream; charset=utf-8'

function usageOf(events: readonly ReplyEvent[]): Usage | undefined {
  let usage: Usage | undefined
  for (const event of events) if (event.type === 'usage') usage = mergeUsage(usage, event.usage)
  return usage
}

/** Whether an answer is in the client's own format and looks like a good one: then it goes on as it came. */
function isOwn({ speaks }: ClientRequest, format: UpstreamFormat, body: Buffer): boolean {
  return speaks === format.name && looksLikeObject(body) && isSound(body, format)
}

/** A 200 may still say in its body that it failed; such bodies are short, or lack what every answer has. */
function isSound(body: Buffer, { answerMark }: UpstreamFormat): boolean {
  if (body.length < MAX_ERROR_BYTES && body.includes('"error"')) return false
  return body.includes(answerMark)
}

const MAX_ERROR_BYTES = 64 * 1024

/** Whether a content type is JSON's. */
export function isJson({ contentType }: Pick<UpstreamReply, 'contentType'>): boolean {
  return contentType === 'application/json' || /^application\/(?:[\w.+-]+\+)?json/i.test(contentType)
}

/** A cheap look at both ends: what passes through is not parsed. */
function looksLikeObject(body: Buffer): boolean {
  let end = body.length - 1
  while (end > 0 && (body[end] ?? 0) <= 32) end--
  let start = 0
  while (start < end && (body[start] ?? 0) <= 32) start++
  return body[start] === 0x7b && body[end] === 0x7d
}

function notJson(): GatewayError {
  return new GatewayError("The provider's answer is not a JSON object.", {
    kind: 'bad_response',
    status: 502,
  })
}

function unsupported(contentType: string): GatewayError {
  const type = contentType.split(';')[0]?.trim()
  return new GatewayError(
    `The returned data type from the route service is not supported. Received content type: ${type || 'none'}`,
    { kind: 'bad_response', status: 502 },
  )
}
