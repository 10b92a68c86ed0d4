import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { fetch } from 'undici'
import { asArray, isObject } from '../core/json.ts'
import type { OtlpTarget } from './otel-settings.ts'

/** How one message went. */
export interface Sent {
  readonly ok: boolean
  /** What of it the receiver did not take. */
  readonly rejected: number
  readonly problem?: string
}

const compress = promisify(gzip)
/** An answer that is worth another try. Source: https://opentelemetry.io/docs/specs/otlp/#failures-1 */
const RETRYABLE: ReadonlySet<number> = new Set([429, 502, 503, 504])
const FIRST_WAIT_MS = 1_000
const LONGEST_WAIT_MS = 30_000
const TRIES = 4

/** Sends messages of OTLP in JSON over HTTP. */
export class OtlpSender {
  readonly #target: OtlpTarget
  readonly #ending = new AbortController()

  constructor(target: OtlpTarget) {
    this.#target = target
  }

  /** Never rejects. A receiver that has too much to do is asked again, later. */
  async send(message: object): Promise<Sent> {
    const text = JSON.stringify(message)
    const body = this.#target.isCompressed ? await compress(text) : text
    for (let count = 1; ; count++) {
      const sent = await this.#try(body)
      if (sent.again === undefined || count === TRIES || this.#ending.signal.aborted) return sent
      await this.#wait(Math.min(Math.max(sent.again, FIRST_WAIT_MS * 2 ** (count - 1)), LONGEST_WAIT_MS))
    }
  }

  /** What is under way is given up. */
  abort(): void {
    this.#ending.abort()
  }

  /** `again`: after how long, in milliseconds, another try makes sense. */
  async #try(body: string | Buffer): Promise<Sent & { again?: number }> {
    const { url, headers, timeoutMs, isCompressed } = this.#target
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: {
          'user-agent': 'mlflow-gateway',
          ...headers,
          'content-type': 'application/json',
          ...(isCompressed && { 'content-encoding': 'gzip' }),
        },
        body,
        redirect: 'error',
        signal: AbortSignal.any([AbortSignal.timeout(timeoutMs), this.#ending.signal]),
      })
      const text = await response.text()
      if (response.ok) return { ok: true, rejected: rejectedIn(text) }
      const problem = `it answered ${response.status}`
      if (!RETRYABLE.has(response.status)) return { ok: false, rejected: 0, problem }
      const seconds = Number(response.headers.get('retry-after') ?? 0)
      return { ok: false, rejected: 0, problem, again: Number.isFinite(seconds) ? seconds * 1000 : 0 }
    } catch (error) {
      return { ok: false, rejected: 0, problem: explain(error), again: 0 }
    }
  }

  #wait(ms: number): Promise<void> {
    const { signal } = this.#ending
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer)
        signal.removeEventListener('abort', end)
        resolve()
      }
      const timer = setTimeout(end, ms).unref()
      signal.addEventListener('abort', end)
    })
  }
}

/** Of a message that was taken only in part. */
function rejectedIn(text: string): number {
  try {
    const answer: unknown = JSON.parse(text)
    const partial = isObject(answer) && isObject(answer['partialSuccess']) ? answer['partialSuccess'] : {}
    const [rejected] = asArray([partial['rejectedSpans'] ?? partial['rejectedDataPoints'] ?? 0])
    return Number(rejected) || 0
  } catch {
    return 0
  }
}

/** No URL and no header, which may hold credentials. */
function explain(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  if (cause instanceof Error && 'code' in cause && typeof cause.code === 'string') return cause.code
  return error instanceof Error ? error.name : 'it cannot be reached'
}
