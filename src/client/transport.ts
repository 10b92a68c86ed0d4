import { answerError, statusError, type AnswerContext } from './answer.ts'
import type { Credential } from './credentials.ts'
import { Deadline } from './deadline.ts'
import { GatewayConnectionError, GatewayTimeoutError } from './errors.ts'
import { retryDelayMs, type RetryPolicy } from './retry.ts'

/** The part of the global `fetch` that the client uses. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>

/** Waits between two attempts; rejects with the signal's reason when that is aborted. */
export type Sleep = (delayMs: number, signal: AbortSignal) => Promise<void>

export interface TransportSetup {
  base: string
  headers: Headers
  credential: Credential | undefined
  retry: RetryPolicy
  fetch: Fetch
  sleep: Sleep
}

/** One thing to ask of the gateway; with a `body` it is a POST. */
export interface GatewayRequest {
  /** Begins with a slash; appended to the gateway's URI. */
  path: string
  body?: string
  accept: 'application/json' | 'text/event-stream'
}

/** How long and how far a call may go. */
export interface Limits {
  timeoutMs: number
  signal: AbortSignal | undefined
}

type Outcome = { response: Response } | { error: GatewayConnectionError }

/** Sends requests, repeats those that may yet succeed, and turns the rest into errors. */
export class Transport {
  readonly #setup: TransportSetup

  constructor(setup: TransportSetup) {
    this.#setup = setup
  }

  /** The parsed JSON of the answer. */
  async json(request: GatewayRequest, limits: Limits): Promise<unknown> {
    const deadline = this.deadline(request, limits)
    try {
      const response = await this.open(request, deadline)
      const context = this.context(request, response)
      const text = await readText(context, deadline)
      try {
        return JSON.parse(text)
      } catch {
        throw answerError(context, text, 'gave an answer that is not JSON; is the gateway URI right?')
      }
    } finally {
      deadline.end()
    }
  }

  /** An answer with a good status, its body still unread. */
  async open(request: GatewayRequest, deadline: Deadline): Promise<Response> {
    for (let retries = 0; ; retries++) {
      const outcome = await this.#attempt(request, deadline)
      const response = 'response' in outcome ? outcome.response : undefined
      if (response?.ok) return response
      const delayMs = retryDelayMs(this.#setup.retry, retries, response ?? {})
      // Waiting past the deadline would only put a timeout in the place of the real reason.
      if (delayMs === undefined || delayMs >= deadline.remainingMs) {
        if ('error' in outcome) throw outcome.error
        const context = this.context(request, outcome.response)
        throw statusError(context, await readText(context, deadline), retries + 1)
      }
      await response?.body?.cancel()
      await this.#setup.sleep(delayMs, deadline.signal)
      deadline.signal.throwIfAborted()
    }
  }

  deadline(request: GatewayRequest, limits: Limits): Deadline {
    return new Deadline({ ...limits, what: this.#describe(request) })
  }

  context(request: GatewayRequest, response: Response): AnswerContext {
    const { credential } = this.#setup
    return { response, what: this.#describe(request), redact: credential?.redact ?? ((text) => text) }
  }

  async #attempt(request: GatewayRequest, deadline: Deadline): Promise<Outcome> {
    // Not called as a method: a browser's `fetch` refuses any `this` but its window.
    const { fetch } = this.#setup
    try {
      deadline.signal.throwIfAborted()
      return { response: await fetch(this.#url(request), this.#init(request, deadline.signal)) }
    } catch (thrown) {
      const error = connectionError(thrown, deadline, `${this.#describe(request)} could not be sent`)
      if (error instanceof GatewayConnectionError) return { error }
      throw error
    }
  }

  #init(request: GatewayRequest, signal: AbortSignal): RequestInit {
    const { headers: common, credential } = this.#setup
    const headers = new Headers(common)
    headers.set('accept', request.accept)
    if (credential) headers.set('authorization', credential.authorization)
    if (request.body === undefined) return { headers, signal }
    headers.set('content-type', 'application/json')
    return { method: 'POST', headers, signal, body: request.body }
  }

  #url(request: GatewayRequest): string {
    return this.#setup.base + request.path
  }

  #describe(request: GatewayRequest): string {
    return `${request.body === undefined ? 'GET' : 'POST'} ${this.#url(request)}`
  }
}

/** The whole body of an answer as text. */
export async function readText(context: AnswerContext, deadline: Deadline): Promise<string> {
  try {
    return await context.response.text()
  } catch (thrown) {
    throw connectionError(thrown, deadline, `The answer to ${context.what} is not whole`)
  }
}

/** What to throw for a failed fetch or read: the abort's own reason if that was it, else an error of ours. */
export function connectionError(thrown: unknown, deadline: Deadline, problem: string): unknown {
  if (deadline.signal.aborted) return deadline.signal.reason
  const cause = innermostCause(thrown)
  // The limits that Node's fetch sets itself, for when `timeoutMs` is longer.
  if (cause === 'UND_ERR_HEADERS_TIMEOUT' || cause === 'UND_ERR_BODY_TIMEOUT') {
    return new GatewayTimeoutError(`${problem}: nothing came within the 300 s that fetch allows.`, 300_000)
  }
  return new GatewayConnectionError(`${problem}: ${cause}.`, { cause: thrown })
}

/** The code or message at the bottom of a chain of causes, where fetch puts what really happened. */
function innermostCause(thrown: unknown): string {
  let error = thrown
  while (error instanceof Error && error.cause instanceof Error) error = error.cause
  if (!(error instanceof Error)) return String(error)
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message
}
