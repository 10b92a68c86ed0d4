import type { Dispatcher } from 'undici'
import type { ByteSink, ByteSource } from '../core/bytes.ts'
import type { CancelSignal } from '../core/cancel.ts'
import { GatewayError } from '../core/error.ts'
import type { UpstreamReply } from '../core/provider.ts'
import { decodedSource } from './decoded-source.ts'

/** Bytes kept for a reader that is not there yet before the socket is held back. */
const MAX_EARLY_BYTES = 256 * 1024
const CONNECT_TIMEOUT_MS = 5_000

/** Connections that were made so far. */
export interface ConnectionCount {
  readonly connections: number
}

/** One request to a provider: undici's handler on one side, the gateway's source of bytes on the other. */
export class HttpExchange implements Dispatcher.DispatchHandler, ByteSource {
  readonly #signal: CancelSignal
  readonly #onAbort: () => void
  #connectTimer: NodeJS.Timeout | undefined
  readonly #pool: ConnectionCount | undefined
  #connectionsBefore = 0
  /** Whether the connection was there already: a kept one may have died meanwhile. */
  #isKept = false
  #hasStarted = false
  #isBroken = false
  #settle: { resolve(reply: UpstreamReply): void; reject(error: GatewayError): void } | undefined
  #controller: Dispatcher.DispatchController | undefined
  #sink: ByteSink | undefined
  #early: Buffer[] = []
  #earlyBytes = 0
  #outcome: 'open' | 'ended' | 'canceled' | GatewayError = 'open'

  /** `pool` tells kept connections from new ones; without it each counts as new. */
  constructor(signal: CancelSignal, pool?: ConnectionCount) {
    this.#signal = signal
    this.#pool = pool
    this.#onAbort = (): void => {
      this.#fail(abortReason(signal))
      this.#controller?.abort(abortReason(signal))
    }
    signal.addEventListener('abort', this.#onAbort)
  }

  /** Resolves with the reply's head, or rejects with a `GatewayError` when there will be none. */
  run(
    dispatcher: Dispatcher,
    options: Dispatcher.DispatchOptions,
    connectMs: number = CONNECT_TIMEOUT_MS,
  ): Promise<UpstreamReply> {
    return new Promise((resolve, reject) => {
      this.#settle = { resolve, reject }
      if (this.#signal.aborted) {
        this.#onAbort()
        return
      }
      this.#connectionsBefore = this.#pool?.connections ?? 0
      dispatcher.dispatch(options, this)
      if (!this.#hasStarted && this.#outcome === 'open') {
        this.#connectTimer = setTimeout(() => this.#connectTimedOut(), connectMs)
      }
    })
  }

  /** Whether it failed because a kept connection was dead: before anything of an answer had come. */
  get hadDeadConnection(): boolean {
    return this.#isKept && this.#isBroken
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    this.#hasStarted = true
    this.#isKept = this.#pool?.connections === this.#connectionsBefore
    clearTimeout(this.#connectTimer)
    if (this.#outcome !== 'open') controller.abort(new Error('canceled before it was sent'))
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    if (status < 200) return
    const contentType = first(headers['content-type']) ?? ''
    const encoding = first(headers['content-encoding']) ?? 'identity'
    const body = encoding === 'identity' ? this : decodedSource(this, encoding)
    if (!body) {
      this.#fail(unreadable())
      controller.abort(unreadable())
      return
    }
    const reply: UpstreamReply = { status, headers, contentType, body }
    const retryAfter = readRetryAfter(headers)
    if (retryAfter !== undefined) reply.retryAfter = retryAfter
    const requestId =
      first(headers['x-request-id']) ?? first(headers['request-id']) ?? first(headers['x-amzn-requestid'])
    if (requestId !== undefined) reply.requestId = requestId
    this.#settle?.resolve(reply)
    this.#settle = undefined
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#outcome !== 'open') return
    if (this.#sink) {
      this.#sink.data(chunk)
      return
    }
    this.#early.push(chunk)
    this.#earlyBytes += chunk.length
    if (this.#earlyBytes > MAX_EARLY_BYTES) controller.pause()
  }

  onResponseEnd(): void {
    this.#finish('ended')
    this.#controller = undefined
    const sink = this.#sink
    this.#sink = undefined
    sink?.end()
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    const failure = this.#signal.aborted ? abortReason(this.#signal) : readNetworkError(error)
    this.#isBroken = failure.kind === 'truncated' && this.#settle !== undefined
    this.#fail(failure)
  }

  flow(sink: ByteSink): void {
    this.#sink = sink
    for (const chunk of this.#early) sink.data(chunk)
    this.#early = []
    if (this.#outcome === 'ended') sink.end()
    else if (this.#outcome instanceof GatewayError) sink.error(this.#outcome)
    else if (this.#earlyBytes > MAX_EARLY_BYTES) this.#controller?.resume()
  }

  pause(): void {
    this.#controller?.pause()
  }

  resume(): void {
    this.#controller?.resume()
  }

  cancel(): void {
    if (!this.#finish('canceled')) return
    this.#early = []
    this.#controller?.abort(new Error('canceled'))
  }

  #connectTimedOut(): void {
    this.#fail(connectTimeout())
    this.#controller?.abort(connectTimeout())
  }

  #fail(error: GatewayError): void {
    if (!this.#finish(error)) return
    this.#settle?.reject(error)
    this.#sink?.error(error)
  }

  #finish(outcome: 'ended' | 'canceled' | GatewayError): boolean {
    if (this.#outcome !== 'open') return false
    this.#outcome = outcome
    clearTimeout(this.#connectTimer)
    this.#signal.removeEventListener('abort', this.#onAbort)
    return true
  }
}

function connectTimeout(): GatewayError {
  return new GatewayError('The provider did not accept a connection in time.', {
    kind: 'connect',
    status: 504,
  })
}

function unreadable(): GatewayError {
  return new GatewayError("The provider's answer has an encoding that the gateway cannot read.", {
    kind: 'bad_response',
    status: 502,
  })
}

function first(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header
}

/** The exact wait in milliseconds, which some providers send beside the one in seconds, comes first. */
function readRetryAfter(headers: Record<string, string | string[] | undefined>): string | undefined {
  const milliseconds = first(headers['retry-after-ms'])
  if (milliseconds === undefined || !/^\d{1,15}(?:\.\d+)?$/.test(milliseconds)) {
    return first(headers['retry-after'])
  }
  return String(Math.ceil(Number(milliseconds)) / 1000)
}

function abortReason(signal: CancelSignal): GatewayError {
  const reason: unknown = signal.reason
  if (reason instanceof GatewayError) return reason
  return new GatewayError('The request was canceled.', { kind: 'canceled', status: 499, cause: reason })
}

/** undici's and Node's errors as ours. The text names no host and no address: it goes to the client. */
function readNetworkError(error: Error & { code?: unknown }): GatewayError {
  const code = typeof error.code === 'string' ? error.code : ''
  const failure = NETWORK_ERRORS[code] ?? (error.name === 'HTTPParserError' ? BAD_HTTP : UNREACHABLE)
  return new GatewayError(failure.message, { kind: failure.kind, status: failure.status, cause: error })
}

const UNREACHABLE = { kind: 'connect', status: 502, message: 'The provider could not be reached.' } as const
const BROKEN = {
  kind: 'truncated',
  status: 502,
  message: 'The provider closed the connection before its answer was complete.',
} as const
const BAD_HTTP = {
  kind: 'bad_response',
  status: 502,
  message: 'The provider did not answer in valid HTTP.',
} as const

const NETWORK_ERRORS: Readonly<
  Record<string, { kind: GatewayError['kind']; status: number; message: string }>
> = {
  UND_ERR_SOCKET: BROKEN,
  ECONNRESET: BROKEN,
  EPIPE: BROKEN,
  UND_ERR_CONNECT_TIMEOUT: {
    kind: 'connect',
    status: 504,
    message: 'The provider did not accept a connection in time.',
  },
  UND_ERR_BODY_TIMEOUT: { kind: 'timeout', status: 504, message: 'The provider stopped sending its answer.' },
  UND_ERR_HEADERS_TIMEOUT: { kind: 'timeout', status: 504, message: 'The provider did not answer in time.' },
  UND_ERR_HEADERS_OVERFLOW: BAD_HTTP,
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: BROKEN,
  // undici refused what we gave it, such as a header; nothing was sent.
  UND_ERR_INVALID_ARG: {
    kind: 'internal',
    status: 500,
    message: 'The gateway could not write the request to the provider.',
  },
}
