import type { Call } from '../core/call.ts'
import {
  FORWARDED_OPERATIONS,
  type ChatFormat,
  type ClientRequest,
  type CountClientRequest,
  type ForwardedClientRequest,
  type Operation,
  type UpstreamFormat,
} from '../core/dialect.ts'
import { GatewayError, toGatewayError } from '../core/error.ts'
import type { Attempt, UpstreamReply } from '../core/provider.ts'
import type { Reply } from '../core/reply.ts'
import type { Continuation } from '../core/resume.ts'
import { newSpanId, traceHeaders } from '../core/trace.ts'
import type { AttemptRecord, Trail } from '../core/trail.ts'
import { chooseFormat, notServed } from './choose-format.ts'
import { estimateTokens } from './estimate-tokens.ts'
import { presentable, readFailure } from './failure.ts'
import { forwardRaw } from './forward-raw.ts'
import { forwardReply } from './forward-reply.ts'
import { openStream } from './open-stream.ts'
import { NOTHING_USED, readAnswer } from './read-answer.ts'
import type { CallLimits, Target } from './target.ts'
import { promptTokens } from './used.ts'
import { writeRequest, type OutgoingBody } from './write-request.ts'

/**
 * One request to one provider. The client's bytes pass through where the provider speaks the same format, in each
 * direction on its own; else they go through the canonical form. Throws a `GatewayError` as long as nothing was shown
 * to the client.
 */
export async function attempt(target: Target, call: Call): Promise<Reply> {
  const { request, signal, trail } = call
  const { provider } = target
  if (request.operation === 'raw') {
    const trace = traceOf(trail, trail.attempts.at(-1))
    return forwardRaw(
      provider,
      trace ? { ...request, headers: { ...request.headers, ...trace } } : request,
      signal,
    )
  }
  const format = chooseFormat(provider, request)
  if (!format) {
    if (request.operation === 'count-tokens') return estimateFor(request)
    throw notServed(provider, request)
  }
  const { upstream, dropped } = await send(target, call, format)
  const stream = isStreamed(request)
  if (upstream.status < 200 || upstream.status > 299) {
    const failure = await readFailure(provider, format, upstream)
    // Servers that imitate a provider's API often leave out its counting.
    if (request.operation === 'count-tokens' && UNKNOWN_PATH.has(upstream.status)) return estimateFor(request)
    throw failure
  }
  if (stream && request.operation === 'chat' && isStreamOf(format, upstream)) {
    const setup = { request, provider, format, upstream, promptTokens: () => promptTokens(call) }
    const { source, finished } = await openStream(call.resume ? { ...setup, resume: call.resume } : setup)
    const body = { type: 'stream', source, ...typeOf(request.streamType) } as const
    return { body, dropped, finished }
  }
  try {
    if (isForwarded(request)) return { ...forwardReply(format, upstream), dropped }
    const isTraced = trail.trace?.isSampled ?? false
    const served = { format, provider, promptTokens: () => promptTokens(call), isTraced }
    const { text, finish, contentType } = await readAnswer(request, served, upstream)
    const body = { type: 'whole', text, ...typeOf(contentType) } as const
    return { body, dropped, finished: Promise.resolve(finish) }
  } catch (error) {
    throw presentable(toGatewayError(error), provider)
  }
}

/** The same for a request that continues a stream: only the provider's stream, whose events go into the client's. */
export async function openContinuation(target: Target, call: Call): Promise<Omit<Continuation, 'target'>> {
  const { provider } = target
  const format = chooseFormat(provider, call.request)
  if (!format) throw notServed(provider, call.request)
  const { upstream } = await send(target, call, format)
  if (upstream.status < 200 || upstream.status > 299) throw await readFailure(provider, format, upstream)
  if (isStreamOf(format, upstream)) return { provider, format, upstream }
  upstream.body.cancel()
  throw new GatewayError('The provider did not answer with a stream.', { kind: 'bad_response', status: 502 })
}

async function send(
  target: Target,
  { request, signal, trail }: Call,
  format: UpstreamFormat,
): Promise<{ upstream: UpstreamReply; dropped: readonly string[] }> {
  const record = trail.attempts.at(-1)
  const outgoing = writeRequest(request, target, format)
  const sent = toAttempt(request, outgoing, { format, stream: isStreamed(request), signal })
  const { connectMs, idleMs } = target.limits ?? NO_LIMITS
  if (connectMs !== undefined) sent.connectMs = connectMs
  if (idleMs !== undefined) sent.idleMs = idleMs
  const trace = traceOf(trail, record)
  if (trace) sent.trace = trace
  sent.onResend = (): void => noteResend(trail, record)
  return { upstream: await target.provider.send(sent), dropped: outgoing.dropped }
}

function traceOf({ trace }: Trail, record: AttemptRecord | undefined): Attempt['trace'] {
  return trace && record?.spanId !== undefined ? traceHeaders(trace, record.spanId) : undefined
}

const NO_LIMITS: CallLimits = { connectMs: undefined, idleMs: undefined }

/** What the provider may have got twice is told as an attempt of its own, which the one under way follows. */
function noteResend({ attempts }: Trail, current: AttemptRecord | undefined): void {
  if (!current) return
  const dead: AttemptRecord = {
    ...current,
    tookMs: 0,
    outcome: 'connect',
    message: 'A kept connection was dead.',
    ...(current.spanId !== undefined && { spanId: newSpanId() }),
  }
  attempts.splice(attempts.indexOf(current), 0, dead)
  current.reason = 'resend'
}

/** What is sent, with what a request brings beside its body. */
function toAttempt(
  request: ClientRequest,
  { body, upload }: Omit<OutgoingBody, 'dropped'>,
  { format, stream, signal }: Pick<Attempt, 'format' | 'stream' | 'signal'>,
): Attempt {
  const attempt: Attempt = { format, stream, body, signal }
  if (upload) attempt.upload = upload
  if (request.headers) attempt.headers = request.headers
  if (isForwarded(request) && request.contentType !== undefined) attempt.contentType = request.contentType
  return attempt
}

function typeOf(contentType: string | undefined): { contentType?: string } {
  return contentType === undefined ? {} : { contentType }
}

function isStreamed(request: ClientRequest): boolean {
  return 'stream' in request && request.stream
}

function isStreamOf(format: UpstreamFormat, { contentType }: UpstreamReply): format is ChatFormat {
  return format.operation === 'chat' && format.framing.matches(contentType)
}

function isForwarded(request: ClientRequest): request is ForwardedClientRequest {
  return FORWARDED.has(request.operation)
}

const FORWARDED: ReadonlySet<Operation> = new Set(FORWARDED_OPERATIONS)

/** How a server answers on a path that it does not have. */
const UNKNOWN_PATH: ReadonlySet<number> = new Set([404, 405, 501])

/** The answer for a provider that cannot count: better than none, and said to be no more than that. */
function estimateFor(request: CountClientRequest): Reply {
  return {
    body: { type: 'whole', text: request.write(estimateTokens(request.chat())) },
    dropped: ['input_tokens (estimated)'],
    finished: Promise.resolve({ usage: NOTHING_USED }),
  }
}
