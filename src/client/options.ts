import { headerCredential, findCredential, type CredentialOptions } from './credentials.ts'
import { sleep } from './deadline.ts'
import { defaultUri } from './default-uri.ts'
import { Transport, type Fetch, type Sleep } from './transport.ts'
import { parseGatewayUri, type GatewayUri } from './uri.ts'

/** How a client behaves; everything has a default but the URI: without it `setGatewayUri`'s or `MLFLOW_GATEWAY_URI`. */
export interface ClientOptions extends CredentialOptions {
  /** Scheme, host and, if need be, port and path prefix: `http://localhost:5000`. */
  gatewayUri?: string | undefined
  /** Milliseconds for a whole call, retries included; for a stream, the longest silence. 300 000; Infinity for none. */
  timeoutMs?: number | undefined
  /** Retries after the first attempt, on 429, 500, 502, 503 and when there is no answer. 5. */
  maxRetries?: number | undefined
  /** Upper bound of the first delay before a retry, in milliseconds; each next one is twice as long. 1000. */
  initialDelayMs?: number | undefined
  /** Sent with every request; an `authorization` among them replaces every other credential. */
  headers?: Readonly<Record<string, string>> | undefined
  /** Used in the place of the global `fetch`. */
  fetch?: Fetch | undefined
  /** Used in the place of a timer between two attempts. */
  sleep?: Sleep | undefined
  /** Used in the place of `Math.random` to spread the delays. */
  random?: (() => number) | undefined
}

/** What options come to once defaults and environment are filled in. */
export interface Connection {
  uri: GatewayUri
  timeoutMs: number
  transport: Transport
}

/** Checks the options and fills in the rest. Throws a `TypeError` that names the option at fault. */
export function connect(options: ClientOptions): Connection {
  const uri = parseGatewayUri(options.gatewayUri ?? defaultUri())
  const headers = readHeaders(options.headers ?? {})
  const transport = new Transport({
    base: uri.base,
    headers,
    credential: headerCredential(headers) ?? findCredential(options, uri.login),
    retry: {
      maxRetries: checkCount('maxRetries', options.maxRetries ?? 5),
      initialDelayMs: checkTime('initialDelayMs', options.initialDelayMs ?? 1000),
      random: options.random ?? Math.random,
    },
    // Looked up at each call, so that a page or a test may replace the global later.
    fetch: options.fetch ?? ((url, init) => fetch(url, init)),
    sleep: options.sleep ?? sleep,
  })
  return { uri, timeoutMs: checkTimeout(options.timeoutMs ?? 300_000), transport }
}

/** `timeoutMs` if it is a time above zero. */
export function checkTimeout(timeoutMs: number): number {
  if (timeoutMs === Infinity) return timeoutMs
  if (timeoutMs === 0) throw new TypeError('timeoutMs must be above 0; write Infinity for no timeout.')
  return checkTime('timeoutMs', timeoutMs)
}

function readHeaders(given: Readonly<Record<string, string>>): Headers {
  const headers = new Headers()
  for (const [name, value] of Object.entries(given)) {
    try {
      headers.set(name, value)
    } catch {
      // The original message would quote the value, which may be a credential.
      throw new TypeError(`The header ${JSON.stringify(name)} has a name or value that HTTP does not allow.`)
    }
  }
  return headers
}

function checkTime(option: string, milliseconds: number): number {
  if (Number.isFinite(milliseconds) && milliseconds >= 0) return milliseconds
  throw new TypeError(`${option} must be a number of milliseconds, not ${String(milliseconds)}.`)
}

function checkCount(option: string, count: number): number {
  if (Number.isInteger(count) && count >= 0) return count
  throw new TypeError(`${option} must be a whole number from 0 up, not ${String(count)}.`)
}
