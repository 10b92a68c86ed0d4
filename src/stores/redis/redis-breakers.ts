import type { BreakerNews } from '../../core/breaker-news.ts'
import { isObject } from '../../core/json.ts'
import type { RedisClient } from './connect.ts'
import { RedisLink, type RedisLinkSetup } from './link.ts'

const CHANNEL = 'mlflow-gateway:breakers'
/** By key: until when it is open, in milliseconds since 1970. For gateways that come later. */
const OPEN = 'mlflow-gateway:open-breakers'
/** Nobody's word keeps a target away for longer. */
const LONGEST_MS = 600_000

export interface RedisBreakersSetup {
  readonly connect: RedisLinkSetup['connect']
  /** Tells this gateway's messages from others'. */
  readonly gateway: string
  /** What another gateway has found. */
  heard(news: BreakerNews): void
  /** Those that this gateway knows to be open, for when Redis is back. */
  open(): Iterable<BreakerNews>
}

/** Which breakers are open, for all gateways that use one Redis. Nothing waits for it, and without it nothing is lost. */
export class RedisBreakers {
  readonly #setup: RedisBreakersSetup
  readonly #link: RedisLink
  readonly #listener: Promise<RedisClient | undefined>

  /** Connects in the background, twice: who listens cannot speak. */
  constructor(setup: RedisBreakersSetup) {
    this.#setup = setup
    this.#link = new RedisLink({
      connect: setup.connect,
      // Those who count there say so, too.
      report: () => undefined,
      meaning: '',
      back: () => void this.#meet(),
    })
    this.#listener = setup.connect((isReady) => void (isReady && this.#listen())).catch(() => undefined)
  }

  tell(news: BreakerNews): void {
    const { gateway } = this.#setup
    const { key, state, untilMs } = news
    const message = JSON.stringify({ gateway, ...news })
    void this.#link.ask(async (client) => {
      if (state === 'open') await client.hset(OPEN, key, String(Date.now() + untilMs))
      else await client.hdel(OPEN, key)
      await client.publish(CHANNEL, message)
    })
  }

  close(): void {
    this.#link.close()
    void this.#listener.then((client) => client?.disconnect())
  }

  async #listen(): Promise<void> {
    const client = await this.#listener
    client?.removeAllListeners('message')
    client?.on('message', (_channel, text) => this.#hear(text))
    await client?.subscribe(CHANNEL).catch(() => undefined)
  }

  /** What was found while this gateway, or Redis, was not there. */
  async #meet(): Promise<void> {
    for (const news of this.#setup.open()) this.tell(news)
    const known = await this.#link.ask((client) => client.hgetall(OPEN))
    for (const [key, until] of Object.entries(known ?? {})) {
      const untilMs = Number(until) - Date.now()
      if (untilMs > 0) this.#take({ key, state: 'open', untilMs })
      else void this.#link.ask((client) => client.hdel(OPEN, key))
    }
  }

  #hear(text: string): void {
    const message = parse(text)
    if (!isObject(message) || message['gateway'] === this.#setup.gateway) return
    const { key, state, untilMs } = message
    if (typeof key !== 'string' || typeof untilMs !== 'number') return
    if (state === 'open' || state === 'closed') this.#take({ key, state, untilMs })
  }

  #take({ untilMs, ...news }: BreakerNews): void {
    if (Number.isFinite(untilMs)) this.#setup.heard({ ...news, untilMs: Math.min(untilMs, LONGEST_MS) })
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
