import type { Call } from '../core/call.ts'
import type { ReplyReader, UpstreamFormat } from '../core/dialect.ts'
import { GatewayError, toGatewayError } from '../core/error.ts'
import type { EmbeddingsReply, ReplyEvent } from '../core/events.ts'
import type { Provider, UpstreamReply } from '../core/provider.ts'
import type { Finish, Reply } from '../core/reply.ts'
import { presentable, readFailure } from './failure.ts'
import { openStream } from './open-stream.ts'
import { readWhole } from './read-body.ts'

/**
 * One request to one provider. The client's bytes pass through where the provider speaks the same format, in each
 * direction on its own; else they go through the canonical form. Throws a `GatewayError` as long as nothing was shown
 * to the client.
 */
export async function attempt(provider: Provider, call: Call): Promise<Reply> {
  const format = provider.format(call.format.operation)
  if (!format) throw new Error(`provider ${provider.name} does not serve ${call.format.operation}`)
  const { body, dropped } = write(call, provider, format)
  const { operation } = call.format
  const upstream = await provider.send({ operation, stream: call.request.stream, body, signal: call.signal })
  if (upstream.status < 200 || upstream.status > 299) throw await readFailure(provider, format, upstream)
  if (call.request.stream && isEventStream(upstream)) {
    const { source, finished } = await openStream({ call, provider, format, upstream })
    return { body: { type: 'stream', source }, dropped, finished }
  }
  try {
    // A provider may answer a request for a stream with a whole body; so did MLflow.
    const { text, usage } = await readAnswer(call, format, upstream)
    return { body: { type: 'whole', text }, dropped, finished: Promise.resolve(usage ? { usage } : {}) }
  } catch (error) {
    throw presentable(toGatewayError(error), provider)
  }
}

interface Written {
  body: Buffer | string
  dropped: readonly string[]
}

const NOTHING: readonly string[] = []

function write({ request, format }: Call, provider: Provider, upstream: UpstreamFormat): Written {
  const own = request.passThrough(upstream.name, provider)
  if (own !== undefined) return { body: own, dropped: NOTHING }
  try {
    if (format.operation === 'chat' && upstream.writeChat) return upstream.writeChat(request.chat(), provider)
    if (upstream.writeEmbeddings) return upstream.writeEmbeddings(request.embeddings(), provider)
  } catch (error) {
    throw error instanceof RangeError ? tooDeep(error) : error
  }
  throw new Error(`format ${upstream.name} does not write ${format.operation}`)
}

interface Answer extends Pick<Finish, 'usage'> {
  text: string | Buffer
}

async function readAnswer(call: Call, format: UpstreamFormat, upstream: UpstreamReply): Promise<Answer> {
  if (!isJson(upstream)) {
    upstream.body.cancel()
    throw unsupported(upstream.contentType)
  }
  const body = await readWhole(upstream.body)
  const reader = format.reader()
  if (call.format.repliesAs.whole === format.name) {
    if (!looksLikeObject(body)) throw notJson()
    if (mayBeError(body) || !body.includes(format.answerMark)) read(reader, call, body.toString('utf8'))
    return withUsage(body, reader.usage(body))
  }
  const writer = call.format.writer(call.request)
  const { events, vectors } = read(reader, call, body.toString('utf8'))
  if (vectors) return withUsage(writer.embeddings(vectors), vectors.usage)
  let usage: Finish['usage']
  for (const event of events) if (event.type === 'usage') usage = event.usage
  return withUsage(writer.whole(events), usage)
}

interface CanonicalAnswer {
  events: readonly ReplyEvent[]
  vectors?: EmbeddingsReply
}

function read(reader: ReplyReader, { format }: Call, text: string): CanonicalAnswer {
  if (format.operation === 'embeddings') return { events: [], vectors: reader.embeddings(text) }
  return { events: reader.whole(text) }
}

function withUsage(text: string | Buffer, usage: Finish['usage']): Answer {
  return usage ? { text, usage } : { text }
}

function isEventStream({ contentType }: UpstreamReply): boolean {
  return contentType.startsWith('text/event-stream')
}

function isJson({ contentType }: UpstreamReply): boolean {
  return /^application\/(?:[\w.+-]+\+)?json/i.test(contentType)
}

/** A 200 may still say in its body that it failed; such bodies are short. */
function mayBeError(body: Buffer): boolean {
  return body.length < MAX_ERROR_BYTES && body.includes('"error"')
}

const MAX_ERROR_BYTES = 64 * 1024

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

function tooDeep(cause: RangeError): GatewayError {
  return new GatewayError(
    'The request is nested too deeply to be sent on. Flatten it below a few thousand levels.',
    {
      kind: 'bad_request',
      status: 422,
      cause,
    },
  )
}
