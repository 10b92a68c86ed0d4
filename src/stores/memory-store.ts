import { LRUCache } from 'lru-cache'
import type { ByteStore } from '../core/store.ts'

/** What an entry costs beside its key and value, roughly: it must not be free to keep a million empty ones. */
const ENTRY_BYTES = 256

/** Bytes in this process's memory: at most so many, and the least recently used are forgotten first. */
export class MemoryStore implements ByteStore {
  readonly #entries: LRUCache<string, Buffer>

  constructor(maxBytes: number) {
    this.#entries = new LRUCache({
      maxSize: maxBytes,
      sizeCalculation: (value, key) => value.length + key.length + ENTRY_BYTES,
      // Compared with the clock at each look: there is no timer to keep the process alive.
      ttlResolution: 0,
      perf: { now: () => performance.now() },
    })
  }

  get(key: string): Buffer | undefined {
    return this.#entries.get(key)
  }

  set(key: string, value: Buffer, ttlMs: number): void {
    this.#entries.set(key, value, { ttl: Math.max(1, Math.ceil(ttlMs)) })
  }
}
