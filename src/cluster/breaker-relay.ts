import type { Worker } from 'node:cluster'
import type { BreakerNews } from '../core/breaker-news.ts'
import type { Secret } from '../core/secret.ts'
import { connectRedis, RedisBreakers } from '../stores/index.ts'
import type { BreakerChange, ToWorker } from './messages.ts'

interface Relayed {
  /** Every worker that hears. */
  workers(): Worker[]
  send(worker: Worker, message: ToWorker): void
}

/**
 * Tells every worker which breakers the others have found open or closed, and a new one those that are open; where there
 * is a Redis, other gateways too.
 */
export class BreakerRelay {
  readonly #fleet: Relayed
  readonly #gateway: string
  /** When each open one lets a request try; of the monotonic clock. */
  readonly #open = new Map<string, number>()
  #shared: { readonly url: string; readonly breakers: RedisBreakers } | undefined

  /** `gateway` names this one among those that share a Redis. */
  constructor(fleet: Relayed, gateway: string) {
    this.#fleet = fleet
    this.#gateway = gateway
  }

  /** Where other gateways are met from now on; undefined: nowhere. */
  use(redisUrl: Secret | undefined): void {
    const url = redisUrl?.reveal()
    if (url === this.#shared?.url) return
    this.#shared?.breakers.close()
    if (!redisUrl || url === undefined) {
      this.#shared = undefined
      return
    }
    const breakers = new RedisBreakers({
      gateway: this.#gateway,
      connect: (listener) => connectRedis(redisUrl, listener),
      heard: (news) => this.#heard(news),
      open: () => this.#stillOpen(),
    })
    this.#shared = { url, breakers }
  }

  /** How long each breaker that is not closed stays open, by key; 0 and less: one request may try. */
  openMs(now: number): ReadonlyMap<string, number> {
    return new Map([...this.#open].map(([key, until]) => [key, until - now]))
  }

  receive(from: Worker, change: BreakerChange): void {
    this.#note(change)
    for (const worker of this.#fleet.workers()) if (worker !== from) this.#fleet.send(worker, change)
    const { key, state, untilMs } = change
    this.#shared?.breakers.tell({ key, state, untilMs })
  }

  welcome(worker: Worker): void {
    for (const news of this.#stillOpen()) this.#fleet.send(worker, { type: 'breaker', ...news })
  }

  #heard(news: BreakerNews): void {
    this.#note(news)
    for (const worker of this.#fleet.workers()) this.#fleet.send(worker, { type: 'breaker', ...news })
  }

  #note({ key, state, untilMs }: BreakerNews): void {
    if (state === 'open') this.#open.set(key, performance.now() + untilMs)
    else this.#open.delete(key)
  }

  #stillOpen(): BreakerNews[] {
    const now = performance.now()
    for (const [key, until] of this.#open) if (until <= now) this.#open.delete(key)
    return [...this.#open].map(([key, until]) => ({ key, state: 'open', untilMs: until - now }))
  }
}
