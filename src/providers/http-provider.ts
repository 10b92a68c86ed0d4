import type { Dispatcher } from 'undici'
import type { CancelSignal } from '../core/cancel.ts'
import type { UpstreamFormat, Upload } from '../core/dialect.ts'
import { toGatewayError } from '../core/error.ts'
import type { Attempt, DescribedRequest, Provider, RawRequest, UpstreamReply } from '../core/provider.ts'
import { Secret } from '../core/secret.ts'
import { describeRequest } from './describe-request.ts'
import { HttpExchange } from './http-exchange.ts'
import { leasePool, type PoolLease } from './pool.ts'

export interface HttpProviderSetup {
  name: string
  model: string | null
  omitsModel?: boolean
  /** `https://host/prefix`; a trailing slash is ignored. */
  baseUrl: string
  /** Sent with every request; a `Secret` is revealed only here. */
  headers: HttpHeaders
  /** What is served, an operation's preferred format first. */
  formats: readonly ServedFormat[]
  secrets: readonly Secret[]
  /** A last change to a request's bytes, for what only this provider wants. */
  prepare?(attempt: Attempt): Buffer | string
  /** Which of the client's dialect headers are sent on. Absent: none. */
  forwardHeaders?(headers: Readonly<Record<string, string>>): HttpHeaders
  /** Headers that each request needs anew: a signature, or a token that expires. May reject with a `GatewayError`. */
  authorize?(request: OutgoingRequest): HttpHeaders | Promise<HttpHeaders>
}

export type HttpHeaders = Readonly<Record<string, string | Secret>>

/** A format, and the path below `baseUrl` at which it is spoken (a query string may follow). */
export interface ServedFormat {
  format: UpstreamFormat
  path: string | ((attempt: Attempt) => string)
  /** The path begins at the host and not at `baseUrl`: providers have some APIs elsewhere. */
  isFromHost?: true
}

/** What is about to be sent, for those who sign it. */
export interface OutgoingRequest {
  method: string
  origin: string
  /** With the query string. */
  path: string
  contentType: string
  /** An upload cannot be read before it is sent; null when there is no body. */
  body: Buffer | string | Upload | null
}

/** A provider that can say what it would send. */
export type DescribedProvider = Provider & Required<Pick<Provider, 'describe'>>

/** A provider that is called over HTTP: one pool of connections, fixed headers, a path per format. */
export function createHttpProvider(setup: HttpProviderSetup): DescribedProvider {
  return new HttpProvider(setup)
}

/** Compressed replies are refused: they would have to be unpacked to be read. */
const OWN_HEADERS: HttpHeaders = { 'accept-encoding': 'identity', 'user-agent': 'mlflow-gateway' }
const JSON_TYPE = 'application/json'

class HttpProvider implements Provider {
  readonly name: string
  readonly model: string | null
  readonly omitsModel: boolean
  readonly secrets: readonly Secret[]
  readonly formats: readonly UpstreamFormat[]
  readonly #setup: HttpProviderSetup
  readonly #origin: string
  readonly #prefix: string
  readonly #headers: string[]
  readonly #served: ReadonlyMap<UpstreamFormat, ServedFormat>
  readonly #pool: PoolLease

  constructor(setup: HttpProviderSetup) {
    const url = new URL(setup.baseUrl)
    this.name = setup.name
    this.model = setup.model
    this.omitsModel = setup.omitsModel ?? false
    this.secrets = setup.secrets
    this.formats = setup.formats.map(({ format }) => format)
    this.#setup = setup
    this.#origin = url.origin
    this.#prefix = url.pathname.replace(/\/+$/, '')
    this.#headers = flatten(setup.headers)
    this.#served = new Map(setup.formats.map((served) => [served.format, served]))
    this.#pool = leasePool(url.origin, setup.secrets.map((secret) => secret.fingerprint()).join(' '))
  }

  send(attempt: Attempt): Promise<UpstreamReply> {
    return this.#authorize(this.#requestOf(attempt), {
      headers: this.#forwarded(attempt),
      signal: attempt.signal,
      attempt,
    })
  }

  describe(attempt: Attempt): DescribedRequest {
    return describeRequest(this.#requestOf(attempt), {
      fixed: { ...OWN_HEADERS, ...this.#setup.headers },
      forwarded: this.#forwarded(attempt),
      isAuthorized: this.#setup.authorize !== undefined,
    })
  }

  /** A path that repeats the prefix of the base URL (`/v1`), as SDKs write it, is taken as it is. */
  forward({ method, path, headers, body, signal }: RawRequest): Promise<UpstreamReply> {
    const isWhole = path === this.#prefix || path.startsWith(`${this.#prefix}/`)
    const { 'content-type': contentType = '', ...others } = headers
    const request: OutgoingRequest = {
      origin: this.#origin,
      path: isWhole ? path : this.#prefix + path,
      method,
      contentType,
      body: body ?? null,
    }
    return this.#authorize(request, { headers: withoutFixed(others, this.#setup.headers), signal })
  }

  close(): Promise<void> {
    return this.#pool.release()
  }

  #requestOf(attempt: Attempt): OutgoingRequest {
    const { path = '', isFromHost = false } = this.#served.get(attempt.format) ?? {}
    return {
      origin: this.#origin,
      path: (isFromHost ? '' : this.#prefix) + (typeof path === 'string' ? path : path(attempt)),
      method: 'POST',
      contentType: attempt.contentType ?? JSON_TYPE,
      body: attempt.upload ?? this.#setup.prepare?.(attempt) ?? attempt.body,
    }
  }

  #forwarded({ headers }: Attempt): HttpHeaders {
    return (headers && this.#setup.forwardHeaders?.(headers)) ?? NO_HEADERS
  }

  #authorize(request: OutgoingRequest, sent: SentWith): Promise<UpstreamReply> {
    const credentials = this.#setup.authorize?.(request)
    if (!(credentials instanceof Promise)) return this.#dispatch(request, sent, credentials)
    return unlessAborted(credentials, sent.signal).then((headers) => this.#dispatch(request, sent, headers))
  }

  #dispatch(request: OutgoingRequest, sent: SentWith, credentials?: HttpHeaders): Promise<UpstreamReply> {
    const { origin, path, method, contentType, body } = request
    const headers = [...this.#headers]
    if (contentType !== '') headers.push('content-type', contentType)
    if (isUpload(body) && body.length !== undefined) headers.push('content-length', String(body.length))
    pushHeaders(headers, sent.headers)
    if (credentials) pushHeaders(headers, credentials)
    const options: Dispatcher.DispatchOptions = {
      origin,
      path,
      method,
      headers,
      body: isUpload(body) ? body.stream : body,
    }
    const { connectMs, idleMs, onResend, trace } = sent.attempt ?? NO_LIMITS
    if (trace) pushHeaders(headers, trace)
    if (idleMs !== undefined) options.bodyTimeout = idleMs
    const exchange = new HttpExchange(sent.signal, this.#pool)
    const reply = exchange.run(this.#pool.dispatcher, options, connectMs)
    if (!onResend || isUpload(body)) return reply
    return reply.catch((error: unknown) => {
      if (!exchange.hadDeadConnection || sent.signal.aborted) throw error
      onResend()
      const fresh = this.#pool.fresh()
      const again = new HttpExchange(sent.signal).run(fresh, options, connectMs)
      void fresh.close()
      return again
    })
  }
}

function isUpload(body: OutgoingRequest['body']): body is Upload {
  return typeof body === 'object' && body !== null && 'stream' in body
}

/** A client's headers, but those that are the target's own: two lines of one name would let the provider choose. */
function withoutFixed(headers: Readonly<Record<string, string>>, fixed: HttpHeaders): HttpHeaders {
  const names = new Set(Object.keys(fixed).map((name) => name.toLowerCase()))
  const free = Object.entries(headers).filter(([name]) => LISTS.has(name) || !names.has(name))
  return Object.fromEntries(free)
}

/** Headers whose lines make one list together. */
const LISTS: ReadonlySet<string> = new Set(['anthropic-beta'])

/** Who gives out tokens may be slower than the client, or the time limit, waits. */
function unlessAborted<Value>(promise: Promise<Value>, signal: CancelSignal): Promise<Value> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(toGatewayError(signal.reason))
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort)
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}

interface SentWith {
  headers: HttpHeaders
  signal: CancelSignal
  /** Absent for raw requests. */
  attempt?: Pick<Attempt, 'connectMs' | 'idleMs' | 'onResend' | 'trace'>
}

const NO_LIMITS: NonNullable<SentWith['attempt']> = {}
const NO_HEADERS: HttpHeaders = {}

/** undici's flat list of names and values. */
function flatten(headers: HttpHeaders): string[] {
  const flat: string[] = []
  pushHeaders(flat, OWN_HEADERS)
  pushHeaders(flat, headers)
  return flat
}

function pushHeaders(flat: string[], headers: HttpHeaders): void {
  for (const name in headers) {
    const value = headers[name]
    if (value !== undefined) flat.push(name, value instanceof Secret ? value.reveal() : value)
  }
}
