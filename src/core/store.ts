/**
 * Keeps bytes for a while, and may forget them sooner. It never throws and never rejects: one that is broken holds
 * nothing.
 */
export interface ByteStore {
  get(key: string): Buffer | undefined | Promise<Buffer | undefined>
  /** `value` must not change afterwards. */
  set(key: string, value: Buffer, ttlMs: number): void | Promise<void>
}

/** The stores of a process. A store asked for twice is the same one, also after the configuration has changed. */
export interface ByteStores {
  /** This process's own memory. Who asks for the same room shares it. */
  memory(maxBytes: number): ByteStore
  /** The Redis server of the configuration. Throws when it names none. */
  redis(): ByteStore
}
