import type { Random } from '../../test/faults/rig/random.ts'
import type { AdminClient } from './admin-client.ts'

export interface SoakKey {
  readonly id: string
  readonly key: string
  readonly version: number
  readonly madeAt: number
}

/** A revoked key may be taken for this long yet, and a new one may be unknown to a worker. */
export const SETTLE_MS = 5_000
const LIVE = 20

/** Keys that come and go while the load runs. */
export class SoakKeys {
  readonly #admin: AdminClient
  readonly #random: Random
  #live: SoakKey[] = []
  /** Revoked long enough ago that nobody may take them any more. */
  readonly #dead: SoakKey[] = []
  made = 0
  revoked = 0

  constructor(admin: AdminClient, random: Random) {
    this.#admin = admin
    this.#random = random
  }

  /** One more key; beyond a number the oldest is revoked. */
  async churn(): Promise<void> {
    const body = { name: `soak ${++this.made}`, tags: { round: String(this.made % 7) } }
    const made: { id: string; key: string; version: number } = JSON.parse(
      await this.#admin.ask('POST', '/admin/keys', { body }),
    )
    const { id, key, version } = made
    this.#live.push({ id, key, version, madeAt: performance.now() })
    if (this.#live.length <= LIVE) return
    const [oldest] = this.#live.splice(0, 1)
    if (!oldest) return
    await this.#admin.ask('DELETE', `/admin/keys/${oldest.id}`, { version: oldest.version })
    this.revoked++
    setTimeout(() => this.#dead.push(oldest), SETTLE_MS).unref()
  }

  /** One that every worker knows; undefined while there is none. */
  pick(): SoakKey | undefined {
    const knownSince = performance.now() - SETTLE_MS
    const known = this.#live.filter(({ madeAt }) => madeAt < knownSince)
    return known.length > 0 ? this.#random.pick(known) : undefined
  }

  /** One that nobody may take; each once. */
  takeDead(): SoakKey | undefined {
    return this.#dead.shift()
  }
}
