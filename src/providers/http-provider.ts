import type { UpstreamFormat } from '../core/dialect.ts'
import type { Attempt, Provider, UpstreamReply } from '../core/provider.ts'
import { Secret } from '../core/secret.ts'
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
}

/** What is about to be sent, for those who sign it. */
export interface OutgoingRequest {
  method: string
  origin: string
  /** With the query string. */
  path: string
  contentType: string
  body: Buffer | string
}

/** A provider that is called over HTTP: one pool of connections, fixed headers, a path per format. */
export function createHttpProvider(setup: HttpProviderSetup): Provider {
  return new HttpProvider(setup)
}

const USER_AGENT = 'mlflow-gateway'
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
  readonly #paths: ReadonlyMap<UpstreamFormat, ServedFormat['path']>
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
    this.#paths = new Map(setup.formats.map(({ format, path }) => [format, path]))
    this.#pool = leasePool(url.origin, setup.secrets.map((secret) => secret.fingerprint()).join(' '))
  }

  send(attempt: Attempt): Promise<UpstreamReply> {
    const path = this.#paths.get(attempt.format) ?? ''
    const request: OutgoingRequest = {
      origin: this.#origin,
      path: this.#prefix + (typeof path === 'string' ? path : path(attempt)),
      method: 'POST',
      contentType: attempt.contentType ?? JSON_TYPE,
      body: this.#setup.prepare?.(attempt) ?? attempt.body,
    }
    if (!this.#setup.authorize) return this.#dispatch(request, attempt)
    return this.#authorized(request, attempt)
  }

  close(): Promise<void> {
    return this.#pool.release()
  }

  async #authorized(request: OutgoingRequest, attempt: Attempt): Promise<UpstreamReply> {
    return this.#dispatch(request, attempt, await this.#setup.authorize?.(request))
  }

  #dispatch(
    { origin, path, method, contentType, body }: OutgoingRequest,
    { headers, signal }: Attempt,
    credentials?: HttpHeaders,
  ): Promise<UpstreamReply> {
    const forwarded = headers && this.#setup.forwardHeaders?.(headers)
    return new HttpExchange(signal).run(this.#pool.dispatcher, {
      ...{ origin, path, method, body },
      headers: [
        ...this.#headers,
        'content-type',
        contentType,
        ...(forwarded ? flattenPairs(forwarded) : []),
        ...(credentials ? flattenPairs(credentials) : []),
      ],
    })
  }
}

/** undici's flat list of names and values. Compressed replies are refused: they would have to be unpacked to be read. */
function flatten(headers: HttpHeaders): string[] {
  return ['accept-encoding', 'identity', 'user-agent', USER_AGENT, ...flattenPairs(headers)]
}

function flattenPairs(headers: HttpHeaders): string[] {
  return Object.entries(headers).flatMap(([name, value]) => [
    name,
    value instanceof Secret ? value.reveal() : value,
  ])
}
