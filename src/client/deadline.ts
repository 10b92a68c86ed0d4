import { GatewayTimeoutError } from './errors.ts'

/** Timers count in 32 bits and fire at once beyond that; so long a time is as good as none. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

export interface DeadlineOptions {
  /** Milliseconds from `start`; `Infinity` for none. */
  timeoutMs: number
  /** The caller's own signal. */
  signal: AbortSignal | undefined
  /** What is waited for, for the timeout's message. */
  what: string
}

/** One signal for the two ways a call may have to stop, the caller's signal and time; its `reason` tells which. */
export class Deadline {
  readonly #options: DeadlineOptions
  readonly #controller = new AbortController()
  readonly #forward: () => void
  #timer: ReturnType<typeof setTimeout> | undefined
  #endsAt = Infinity

  constructor(options: DeadlineOptions) {
    const { signal } = options
    this.#options = options
    this.#forward = () => this.#controller.abort(signal?.reason)
    if (signal?.aborted) this.#forward()
    else signal?.addEventListener('abort', this.#forward, { once: true })
    this.start()
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  get remainingMs(): number {
    return this.#endsAt - performance.now()
  }

  /** Begins to count, from zero. */
  start(): void {
    this.pause()
    const { timeoutMs } = this.#options
    if (timeoutMs > LONGEST_TIMER_MS) return
    this.#endsAt = performance.now() + timeoutMs
    this.#timer = setTimeout(() => this.#controller.abort(this.timeoutError()), timeoutMs)
  }

  /** Stops counting: the next move is the caller's. */
  pause(): void {
    clearTimeout(this.#timer)
    this.#endsAt = Infinity
  }

  /** Lets go of the timer and of the caller's signal. */
  end(): void {
    this.pause()
    this.#options.signal?.removeEventListener('abort', this.#forward)
  }

  /** Ends whatever still uses the signal. */
  cancel(): void {
    this.end()
    this.#controller.abort()
  }

  timeoutError(): GatewayTimeoutError {
    const { timeoutMs, what } = this.#options
    return new GatewayTimeoutError(`No answer to ${what} within ${timeoutMs} ms.`, timeoutMs)
  }
}

/** Resolves after `delayMs`; rejects with the signal's reason when that comes first. */
export async function sleep(delayMs: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()
  await new Promise<void>((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer)
      reject(signal.reason)
    }
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop)
      resolve()
    }, delayMs)
    signal.addEventListener('abort', stop, { once: true })
  })
}
