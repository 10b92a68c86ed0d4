import type { Secret } from '../core/secret.ts'
import type { ByteStore, ByteStores } from '../core/store.ts'
import { MemoryStore } from './memory-store.ts'
import { connectRedis, requireRedisPackage } from './redis/connect.ts'
import { RedisStore } from './redis/redis-store.ts'

export { SharedLedger } from './ledger/shared-ledger.ts'
export { withoutStore } from './ledger/without-store.ts'
export { connectRedis, requireRedisPackage } from './redis/connect.ts'
export { RedisBreakers } from './redis/redis-breakers.ts'
export { RedisLedger } from './redis/redis-ledger.ts'
export { MemoryLedger } from './memory-ledger.ts'
export { type DatabasePlace, openDatabase } from './open-database.ts'
export { listAll } from './list-all.ts'
export { takeKeyring } from './vault/keyring.ts'
export { Vault } from './vault/vault.ts'

/** Every store of this process. They outlive the configuration that asked for them: a reload forgets nothing. */
export class Stores {
  readonly #report: (message: string) => void
  readonly #memory = new Map<number, MemoryStore>()
  /** By URL. */
  readonly #redis = new Map<string, RedisStore>()

  /** `report` is told what an operator should know, in a sentence. */
  constructor(report: (message: string) => void) {
    this.#report = report
  }

  /** The stores as a configuration with this `server.redis_url` sees them. */
  of(redisUrl: Secret | undefined): ByteStores {
    return {
      memory: (maxBytes) => this.#memoryOf(maxBytes),
      redis: () => this.#redisOf(redisUrl),
    }
  }

  /** A configuration with this URL has taken over: connections to other servers are closed. */
  retain(redisUrl: Secret | undefined): void {
    for (const [url, store] of this.#redis) {
      if (url === redisUrl?.reveal()) continue
      store.close()
      this.#redis.delete(url)
    }
  }

  #memoryOf(maxBytes: number): ByteStore {
    const store = this.#memory.get(maxBytes) ?? new MemoryStore(maxBytes)
    this.#memory.set(maxBytes, store)
    return store
  }

  #redisOf(redisUrl: Secret | undefined): ByteStore {
    if (!redisUrl)
      throw new Error('A route keeps answers in Redis, but server.redis_url does not say where it is.')
    requireRedisPackage()
    const url = redisUrl.reveal()
    const store =
      this.#redis.get(url) ??
      new RedisStore({ connect: (listener) => connectRedis(redisUrl, listener), report: this.#report })
    this.#redis.set(url, store)
    return store
  }
}
