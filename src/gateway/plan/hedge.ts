import { Cancellation, type CancelSignal } from '../../core/cancel.ts'
import { GatewayError } from '../../core/error.ts'
import type { Reply } from '../../core/reply.ts'

/** Which share of requests may be raced: earned a bit with each request, spent whole, and never saved up for a storm. */
export class HedgeBudget {
  readonly #share: number
  #credit: number

  constructor(share: number) {
    this.#share = share
    this.#credit = share > 0 ? 1 : 0
  }

  request(): void {
    this.#credit = Math.min(this.#credit + this.#share, MOST_SAVED)
  }

  take(): boolean {
    if (this.#credit < 1) return false
    this.#credit--
    return true
  }
}

const MOST_SAVED = 10

export interface Race {
  readonly afterMs: number
  readonly signal: CancelSignal
  readonly first: (signal: Cancellation) => Promise<Reply>
  /** Asked when the first is late; undefined: there is nobody to race, or no budget for it. */
  readonly second: () => ((signal: Cancellation) => Promise<Reply>) | undefined
}

/**
 * The first one's reply, or the second one's when that has content sooner. The loser is canceled. It fails when both have
 * failed, with the first one's failure.
 */
export function race({ afterMs, signal, first, second }: Race): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const runners: Cancellation[] = []
    let running = 0
    let failure: unknown
    let isDecided = false
    const run = (start: (signal: Cancellation) => Promise<Reply>, isFirst: boolean): void => {
      const own = new Cancellation(signal)
      runners.push(own)
      running++
      start(own).then(
        (reply) => {
          running--
          if (isDecided) {
            // It was there at the same moment, and nobody will read it.
            if (reply.body.type === 'stream') reply.body.source.cancel()
            return
          }
          isDecided = true
          clearTimeout(timer)
          for (const other of runners) if (other !== own) other.abort(lost())
          resolve(reply)
        },
        (error: unknown) => {
          running--
          if (isFirst) failure = error
          if (isDecided || running > 0) return
          isDecided = true
          clearTimeout(timer)
          reject(failure)
        },
      )
    }
    const timer = setTimeout(() => {
      const other = isDecided ? undefined : second()
      if (other) run(other, false)
    }, afterMs)
    run(first, true)
  })
}

function lost(): GatewayError {
  return new GatewayError('Another target answered first.', { kind: 'canceled', status: 499 })
}
