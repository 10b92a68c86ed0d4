import type { Operation, UpstreamFormat } from '../core/dialect.ts'
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
  headers: Readonly<Record<string, string | Secret>>
  /** What is served, in which format, at which path below `baseUrl` (a query string may follow). */
  formats: Partial<Record<Operation, { format: UpstreamFormat; path: string }>>
  secrets: readonly Secret[]
  /** A last change to a request's bytes, for what only this provider wants. */
  prepare?(attempt: Attempt): Buffer | string
}

/** A provider that is called over HTTP: one pool of connections, fixed headers, a path per operation. */
export function createHttpProvider(setup: HttpProviderSetup): Provider {
  return new HttpProvider(setup)
}

const USER_AGENT = 'mlflow-gateway'

class HttpProvider implements Provider {
  readonly name: string
  readonly model: string | null
  readonly omitsModel: boolean
  readonly secrets: readonly Secret[]
  readonly #setup: HttpProviderSetup
  readonly #origin: string
  readonly #prefix: string
  readonly #headers: string[]
  readonly #pool: PoolLease

  constructor(setup: HttpProviderSetup) {
    const url = new URL(setup.baseUrl)
    this.name = setup.name
    this.model = setup.model
    this.omitsModel = setup.omitsModel ?? false
    this.secrets = setup.secrets
    this.#setup = setup
    this.#origin = url.origin
    this.#prefix = url.pathname.replace(/\/+$/, '')
    this.#headers = flatten(setup.headers)
    this.#pool = leasePool(url.origin, setup.secrets.map((secret) => secret.fingerprint()).join(' '))
  }

  format(operation: Operation): UpstreamFormat | undefined {
    return this.#setup.formats[operation]?.format
  }

  send(attempt: Attempt): Promise<UpstreamReply> {
    return new HttpExchange(attempt.signal).run(this.#pool.dispatcher, {
      origin: this.#origin,
      path: this.#prefix + (this.#setup.formats[attempt.operation]?.path ?? ''),
      method: 'POST',
      headers: this.#headers,
      body: this.#setup.prepare?.(attempt) ?? attempt.body,
    })
  }

  close(): Promise<void> {
    return this.#pool.release()
  }
}

/** undici's flat list of names and values. Compressed replies are refused: they would have to be unpacked to be read. */
function flatten(headers: Readonly<Record<string, string | Secret>>): string[] {
  const flat = ['content-type', 'application/json', 'accept-encoding', 'identity', 'user-agent', USER_AGENT]
  for (const [name, value] of Object.entries(headers)) {
    flat.push(name, value instanceof Secret ? value.reveal() : value)
  }
  return flat
}
