import { Cancellation, type CancelSignal } from '../../core/cancel.ts'
import { GatewayError, toGatewayError } from '../../core/error.ts'

/** The one time limit of a request, whatever is tried in it. */
export class Deadline {
  readonly signal: Cancellation
  readonly #at: number
  readonly #timer: NodeJS.Timeout
  /** Whether time was up before the request was done. */
  isOver = false

  constructor(parent: CancelSignal, totalMs: number) {
    this.signal = new Cancellation(parent)
    this.#at = performance.now() + totalMs
    this.#timer = setTimeout(() => {
      this.isOver = true
      this.signal.abort(late(totalMs, 'an answer'))
    }, totalMs)
  }

  /** What is left of it. */
  get remainingMs(): number {
    return this.#at - performance.now()
  }

  done(): void {
    clearTimeout(this.#timer)
    this.signal.release()
  }
}

/** Fails what the signal belongs to with a timeout, saying what had not come by then. */
export function abortAfter(signal: Cancellation, ms: number, awaited: string): NodeJS.Timeout {
  return setTimeout(() => signal.abort(late(ms, awaited)), ms)
}

function late(ms: number, awaited: string): GatewayError {
  const message = `The provider did not give ${awaited} within ${ms / 1000} seconds.`
  return new GatewayError(message, { kind: 'timeout', status: 504 })
}

/** Wait, unless the signal is aborted: then it rejects at once with the reason. */
export function pause(ms: number, signal: CancelSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      clearTimeout(timer)
      reject(toGatewayError(signal.reason))
    }
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', onAbort)
      resolve()
    }, ms)
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort)
  })
}
