import { Breaker } from './breaker.ts'
import type { ConnectionListener, RedisClient } from './connect.ts'

/** The most that a request waits for a server that says nothing, */
const TIMEOUT_MS = 50
/** and for one that is busy with those before it. */
const LONGEST_MS = 1000
/** A timer that comes so late was kept by this process itself, which has read no answers meanwhile. */
const LAG_MS = 20

export interface RedisLinkSetup {
  readonly connect: (listener: ConnectionListener) => Promise<RedisClient>
  /** Told, in a sentence, when the server is given up for a while and when it is back. */
  readonly report: (message: string) => void
  /** The most that a request waits for a server that says nothing; 50. */
  readonly timeoutMs?: number
  /** What it means that the server does not answer. */
  readonly meaning: string
  /** The server answers on a new connection, or has answered again. */
  readonly back?: () => void
}

/**
 * The way to a Redis server. One that is gone costs nothing; one that is silent costs a request 50 ms, and after five of
 * them nothing, until it answers on a new connection or half a minute is over.
 */
export class RedisLink {
  readonly #setup: RedisLinkSetup
  readonly #client: Promise<RedisClient | undefined>
  #breaker = new Breaker()
  #isConnected = false
  #isClosed = false
  #answeredAt = 0
  /** What was last reported. */
  #isGone = false

  /** Connects in the background. */
  constructor(setup: RedisLinkSetup) {
    this.#setup = setup
    this.#client = setup
      .connect((isReady) => this.#onConnection(isReady))
      .catch(() => {
        this.#onConnection(false)
        return undefined
      })
  }

  /** Whether it may be asked now. Followed by `ask`, or by nothing. */
  get isUp(): boolean {
    return !this.#isClosed && this.#isConnected && !this.#breaker.isOpen
  }

  /** Undefined: it was not asked, or did not answer in time. Then it may have done it all the same. */
  async ask<Result>(command: (client: RedisClient) => Promise<Result>): Promise<Result | undefined> {
    if (this.#isClosed || !this.#isConnected || !this.#breaker.allows()) return undefined
    const wasOpen = this.#breaker.isOpen
    try {
      const result = await this.#within(this.#run(command))
      this.#answeredAt = performance.now()
      this.#breaker.succeeded()
      if (wasOpen) this.#setup.back?.()
      return result
    } catch {
      this.#breaker.failed()
      return undefined
    } finally {
      this.#tell()
    }
  }

  /** From now on nothing is asked. */
  close(): void {
    this.#isClosed = true
    void this.#client.then((client) => client?.disconnect())
  }

  async #run<Result>(command: (client: RedisClient) => Promise<Result>): Promise<Result | undefined> {
    const client = await this.#client
    return client && command(client)
  }

  #within<Result>(result: Promise<Result>): Promise<Result> {
    const { timeoutMs = TIMEOUT_MS } = this.#setup
    return new Promise((resolve, reject) => {
      const askedAt = performance.now()
      let timer: NodeJS.Timeout
      const wait = (ms: number): void => {
        const dueAt = performance.now() + ms
        // A process that was busy for so long finds the timer before the answer, which may be there already.
        timer = setTimeout(() => setImmediate(late, dueAt), ms)
      }
      const late = (dueAt: number): void => {
        const now = performance.now()
        const isOwnFault = now - dueAt > LAG_MS
        const since = isOwnFault ? now : this.#answeredAt
        const left = Math.min(since + timeoutMs, askedAt + LONGEST_MS) - now
        if (left > 0) wait(left)
        else reject(new Error('no answer in time'))
      }
      wait(timeoutMs)
      result.then(resolve, reject).finally(() => clearTimeout(timer))
    })
  }

  #onConnection(isReady: boolean): void {
    this.#isConnected = isReady
    // A server that has just greeted a connection answers, whatever there was before.
    if (isReady) this.#breaker = new Breaker()
    this.#tell()
    if (isReady && !this.#isClosed) this.#setup.back?.()
  }

  #tell(): void {
    const isGone = !this.#isConnected || this.#breaker.isOpen
    if (this.#isClosed || isGone === this.#isGone) return
    this.#isGone = isGone
    const { report, meaning } = this.#setup
    report(isGone ? `Redis does not answer: until it does, ${meaning}.` : 'Redis answers again.')
  }
}
