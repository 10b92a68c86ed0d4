import type { CancelSignal } from '../../core/cancel.ts'
import { toGatewayError } from '../../core/error.ts'
import type { Entry } from './entry.ts'

/**
 * How a flight ended: with an answer; without one, because who flew it left; or without one that can be shared (a
 * failure, an answer too large).
 */
export type Landing = Entry | 'left' | 'nothing'

/** One request under way, for which others of the same kind wait. */
export class Flight {
  readonly #landed: Promise<Landing>
  #land: (landing: Landing) => void = () => undefined

  constructor() {
    this.#landed = new Promise((resolve) => {
      this.#land = resolve
    })
  }

  /** The first landing counts. */
  land(landing: Landing): void {
    this.#land(landing)
  }

  /** Rejects with the signal's reason when the one who waits leaves. */
  landing(signal: CancelSignal): Promise<Landing> {
    return new Promise((resolve, reject) => {
      const leave = (): void => reject(toGatewayError(signal.reason))
      if (signal.aborted) return leave()
      signal.addEventListener('abort', leave)
      void this.#landed.then((landing) => {
        signal.removeEventListener('abort', leave)
        resolve(landing)
      })
    })
  }
}
