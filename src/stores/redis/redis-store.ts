import type { ByteStore } from '../../core/store.ts'
import { Breaker } from './breaker.ts'
import type { ConnectionListener, RedisClient } from './connect.ts'

/** In front of every key of the gateway's: others may use the same server. */
const PREFIX = 'mlflow-gateway:'

/** The most that a request waits for Redis. */
const TIMEOUT_MS = 50

export interface RedisStoreSetup {
  readonly connect: (listener: ConnectionListener) => Promise<RedisClient>
  /** Told, in a sentence, when the server is given up for a while and when it is back. */
  readonly report: (message: string) => void
}

/**
 * Bytes in a Redis server, for all workers and machines that use it. A server that is gone holds nothing and costs
 * nothing; one that is silent costs a request 50 ms, and after five of them nothing, until it answers on a new
 * connection or half a minute is over.
 */
export class RedisStore implements ByteStore {
  readonly #report: (message: string) => void
  readonly #client: Promise<RedisClient | undefined>
  #breaker = new Breaker()
  #isConnected = false
  #isClosed = false
  /** What was last reported. */
  #isGone = false

  /** Connects in the background. */
  constructor({ connect, report }: RedisStoreSetup) {
    this.#report = report
    this.#client = connect((isReady) => this.#onConnection(isReady)).catch(() => {
      this.#onConnection(false)
      return undefined
    })
  }

  async get(key: string): Promise<Buffer | undefined> {
    return (await this.#try((client) => client.getBuffer(PREFIX + key))) ?? undefined
  }

  async set(key: string, value: Buffer, ttlMs: number): Promise<void> {
    await this.#try((client) => client.set(PREFIX + key, value, 'PX', Math.max(1, Math.ceil(ttlMs))))
  }

  /** From now on it holds nothing. */
  close(): void {
    this.#isClosed = true
    void this.#client.then((client) => client?.disconnect())
  }

  async #try<Result>(command: (client: RedisClient) => Promise<Result>): Promise<Result | undefined> {
    if (this.#isClosed || !this.#isConnected || !this.#breaker.allows()) return undefined
    try {
      const result = await within(TIMEOUT_MS, this.#run(command))
      this.#breaker.succeeded()
      return result
    } catch {
      this.#breaker.failed()
      return undefined
    } finally {
      this.#tell()
    }
  }

  async #run<Result>(command: (client: RedisClient) => Promise<Result>): Promise<Result | undefined> {
    const client = await this.#client
    return client && command(client)
  }

  #onConnection(isReady: boolean): void {
    this.#isConnected = isReady
    // A server that has just greeted a connection answers, whatever there was before.
    if (isReady) this.#breaker = new Breaker()
    this.#tell()
  }

  #tell(): void {
    const isGone = !this.#isConnected || this.#breaker.isOpen
    if (this.#isClosed || isGone === this.#isGone) return
    this.#isGone = isGone
    this.#report(
      isGone
        ? 'Redis does not answer: until it does, nothing is read or kept there.'
        : 'Redis answers again.',
    )
  }
}

function within<Result>(ms: number, result: Promise<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    const late = (): void => reject(new Error(`no answer within ${ms} ms`))
    // A process that was busy for so long finds the timer before the answer, which may be there already.
    const timer = setTimeout(() => setImmediate(late), ms)
    result.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}
