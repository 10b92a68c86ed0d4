import type { CancelSignal } from '../core/cancel.ts'
import { toGatewayError, type GatewayError } from '../core/error.ts'

/** The longest time `setTimeout` can wait; a longer one would fire at once. */
const LONGEST_MS = 2 ** 31 - 1

interface Waiting {
  /** Infinity waits for the signal alone. */
  ms: number
  signal: CancelSignal
  /** Receives a function that ends the waiting with an error; the one returned takes it back. */
  onStart: (stop: (error: GatewayError) => void) => () => void
}

/** Resolves after a time; rejects with the signal's reason when it is aborted first. Leaves no timer behind. */
export function wait({ ms, signal, onStart }: Waiting): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(toGatewayError(signal.reason))
      return
    }
    const timer = ms === Infinity ? undefined : setTimeout(() => settle(), Math.min(ms, LONGEST_MS))
    const settle = (error?: GatewayError): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
      forget()
      if (error) reject(error)
      else resolve()
    }
    const onAbort = (): void => settle(toGatewayError(signal.reason))
    signal.addEventListener('abort', onAbort)
    const forget = onStart(settle)
  })
}
