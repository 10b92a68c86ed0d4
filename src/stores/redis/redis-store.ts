import type { ByteStore } from '../../core/store.ts'
import { RedisLink, type RedisLinkSetup } from './link.ts'

/** In front of every key of the gateway's: others may use the same server. */
const PREFIX = 'mlflow-gateway:'

/** Bytes in a Redis server, for all workers and machines that use it. A server that is gone holds nothing. */
export class RedisStore implements ByteStore {
  readonly #link: RedisLink

  /** Connects in the background. */
  constructor(setup: Pick<RedisLinkSetup, 'connect' | 'report'>) {
    this.#link = new RedisLink({ ...setup, meaning: 'nothing is read or kept there' })
  }

  async get(key: string): Promise<Buffer | undefined> {
    return (await this.#link.ask((client) => client.getBuffer(PREFIX + key))) ?? undefined
  }

  async set(key: string, value: Buffer, ttlMs: number): Promise<void> {
    await this.#link.ask((client) => client.set(PREFIX + key, value, 'PX', Math.max(1, Math.ceil(ttlMs))))
  }

  /** From now on it holds nothing. */
  close(): void {
    this.#link.close()
  }
}
