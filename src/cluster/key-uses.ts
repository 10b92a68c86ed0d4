import type { KeyTable } from '../core/database.ts'
import type { UsageRecord } from '../core/usage-record.ts'

export interface KeyUsesSetup {
  readonly keys: Pick<KeyTable, 'touch'>
  readonly warn: (message: string) => void
}

const EVERY_MS = 5_000
/** In one transaction; the others come the next time. */
const AT_MOST = 500

/** Tells the table of keys when each was last used, from the records of what was asked with it. */
export class KeyUses {
  readonly #setup: KeyUsesSetup
  readonly #uses = new Map<string, number>()
  #timer: NodeJS.Timeout | undefined

  constructor(setup: KeyUsesSetup) {
    this.#setup = setup
  }

  note(records: readonly Pick<UsageRecord, 'keyId' | 'at'>[]): void {
    for (const { keyId, at } of records) {
      if (keyId !== null && at > (this.#uses.get(keyId) ?? 0)) this.#uses.set(keyId, at)
    }
    if (this.#uses.size > 0) this.#timer ??= setTimeout(() => void this.tell(), EVERY_MS).unref()
  }

  /** Never rejects: what cannot be told now is told with the next uses. */
  async tell(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const some = [...this.#uses].slice(0, AT_MOST)
    if (some.length === 0) return
    for (const [id] of some) this.#uses.delete(id)
    try {
      await this.#setup.keys.touch(new Map(some))
    } catch (error) {
      this.note(some.map(([keyId, at]) => ({ keyId, at })))
      this.#setup.warn(`keys: when they were last used cannot be kept: ${String(error)}`)
    }
    this.note([])
  }
}
