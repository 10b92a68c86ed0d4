import type { Worker } from 'node:cluster'
import type { BreakerChange, ToWorker } from './messages.ts'

interface Relayed {
  /** Every worker that hears. */
  workers(): Worker[]
  send(worker: Worker, message: ToWorker): void
}

/** Tells every worker which breakers the others have found open or closed, and a new one those that are open. */
export class BreakerRelay {
  readonly #fleet: Relayed
  /** When each open one lets a request try; of the monotonic clock. */
  readonly #open = new Map<string, number>()

  constructor(fleet: Relayed) {
    this.#fleet = fleet
  }

  /** How long each breaker that is not closed stays open, by key; 0 and less: one request may try. */
  openMs(now: number): ReadonlyMap<string, number> {
    return new Map([...this.#open].map(([key, until]) => [key, until - now]))
  }

  receive(from: Worker, change: BreakerChange): void {
    if (change.state === 'open') this.#open.set(change.key, performance.now() + change.untilMs)
    else this.#open.delete(change.key)
    for (const worker of this.#fleet.workers()) if (worker !== from) this.#fleet.send(worker, change)
  }

  welcome(worker: Worker): void {
    const now = performance.now()
    for (const [key, until] of this.#open) {
      if (until <= now) this.#open.delete(key)
      else this.#fleet.send(worker, { type: 'breaker', key, state: 'open', untilMs: until - now })
    }
  }
}
