import type { ChatClientRequest, ChatFormat, ClientRequest, UpstreamFormat } from '../core/dialect.ts'
import { GatewayError } from '../core/error.ts'
import type { ReplyEvent } from '../core/events.ts'
import type { Provider, UpstreamReply } from '../core/provider.ts'
import type { Finish } from '../core/reply.ts'
import { mergeUsage, type Usage } from '../core/usage.ts'
import { notServed } from './choose-format.ts'
import { readWhole } from './read-body.ts'
import { servedModel } from './served-model.ts'
import { tokensOfBytes, usedBy, writtenBytes } from './used.ts'

export interface Answer {
  text: string | Buffer
  /** JSON when absent. */
  contentType?: string
  finish: Finish
}

/** Who answered, and with what. */
export interface Served {
  readonly format: UpstreamFormat
  readonly provider: Provider
  /** About how many tokens the request has, for when the provider does not tell. */
  readonly promptTokens: () => number
  /** Whether somebody wants to know why the model stopped: what passes through has to be read for it. */
  readonly isTraced?: boolean
}

/** Counting costs nothing. */
export const NOTHING_USED: Usage = { inputTokens: 0, outputTokens: 0 }

/** A provider's whole answer in the client's dialect. Throws a `GatewayError` for one that cannot be read. */
export async function readAnswer(
  request: ClientRequest,
  served: Served,
  upstream: UpstreamReply,
): Promise<Answer> {
  if (!isJson(upstream)) {
    upstream.body.cancel()
    throw unsupported(upstream.contentType)
  }
  const { format, provider } = served
  const body = await readWhole(upstream.body)
  if (request.operation === 'chat' && format.operation === 'chat') {
    return readChat(request, { ...served, format }, body)
  }
  if (request.operation === 'embeddings' && format.operation === 'embeddings') {
    const finish = (usage: Usage | undefined, model: string | undefined): Finish => {
      const isTold = usage?.inputTokens !== undefined
      const used = isTold ? { usage } : { usage: { inputTokens: served.promptTokens() }, isEstimated: true }
      return { ...used, ...(model !== undefined && { model }) }
    }
    if (isOwn(request, format, body))
      return { text: body, finish: finish(format.usage(body), servedModel(body)) }
    const reply = format.read(body.toString('utf8'))
    return { text: request.write(reply), finish: finish(reply.usage, reply.model) }
  }
  if (request.operation === 'rerank' && format.operation === 'rerank') {
    if (isOwn(request, format, body)) {
      const usage = format.usage(body)
      return { text: body, finish: usage ? { usage } : {} }
    }
    const reply = format.read(body.toString('utf8'))
    return { text: request.write(reply), finish: { usage: reply.usage } }
  }
  if (request.operation === 'count-tokens' && format.operation === 'count-tokens') {
    const finish = { usage: NOTHING_USED }
    if (isOwn(request, format, body)) return { text: body, finish }
    return { text: request.write(format.read(body.toString('utf8'))), finish }
  }
  throw notServed(provider, request)
}

function readChat(
  request: ChatClientRequest,
  served: Served & { readonly format: ChatFormat },
  body: Buffer,
): Answer {
  const { format } = served
  const reader = format.reader(served.provider)
  const isWhole = !request.stream || request.takesWhole === true
  if (request.repliesAs.whole === format.name && isWhole) {
    if (!looksLikeObject(body)) throw notJson()
    if (!isSound(body, format)) reader.whole(body.toString('utf8'))
    const usage = reader.usage(body)
    const answerTokens = (): number => tokensIn(format.reader(served.provider).whole(body.toString('utf8')))
    const finish = finishOf({ usage, model: servedModel(body), answerTokens }, served)
    if (!served.isTraced) return { text: body, finish }
    return { text: body, finish: { ...finish, ...reasonsIn(body, served) } }
  }
  const events = reader.whole(body.toString('utf8'))
  const answerTokens = (): number => tokensIn(events)
  const told = { usage: usageOf(events), model: modelOf(events), answerTokens }
  const finish = { ...finishOf(told, served), finishReasons: reasonsOf(events) }
  if (isWhole) return { text: request.writer().whole(events), finish }
  // The provider did not stream, but the client reads nothing else.
  const contentType = request.streamType ?? EVENT_STREAM
  return { text: request.writer().stream(events), contentType, finish }
}

interface Told {
  readonly usage: Usage | undefined
  readonly model: string | undefined
  readonly answerTokens: () => number
}

function finishOf({ usage, model, answerTokens }: Told, { promptTokens }: Served): Finish {
  const used = usedBy(usage, { isWhole: true, promptTokens, answerTokens })
  return { ...used, ...(model !== undefined && { model }) }
}

function tokensIn(events: readonly ReplyEvent[]): number {
  return tokensOfBytes(writtenBytes(events))
}

function modelOf(events: readonly ReplyEvent[]): string | undefined {
  for (const event of events) if (event.type === 'reply-start') return event.model
  return undefined
}

/** Of an answer that passes through, whatever is in it. */
function reasonsIn(
  body: Buffer,
  { format, provider }: Served & { readonly format: ChatFormat },
): Pick<Finish, 'finishReasons'> {
  try {
    return { finishReasons: reasonsOf(format.reader(provider).whole(body.toString('utf8'))) }
  } catch {
    return {}
  }
}

function reasonsOf(events: readonly ReplyEvent[]): string[] {
  return events.flatMap((event) => (event.type === 'candidate-end' ? [event.reason] : []))
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
