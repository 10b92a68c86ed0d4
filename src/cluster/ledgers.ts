import type { LedgerPlace } from '../config/build/worker-state.ts'
import { DEFAULT_LIMIT_SETTINGS } from '../gateway/limits/settings.ts'
import type { Ledger, LimitAlert } from '../core/limits.ts'
import { connectRedis, RedisLedger, requireRedisPackage, withoutStore } from '../stores/index.ts'

export interface LedgersSetup {
  /** Of this gateway alone; in use where there is no Redis, or it does not answer. */
  readonly local: Ledger
  readonly report: (message: string) => void
  readonly tell: (alert: LimitAlert) => void
  /** Redis decides again. */
  readonly back?: () => void
}

/** Which process of which gateway. */
export interface LedgerHolder {
  readonly gateway: string
  /** `primary`, or the worker's number. */
  readonly process: string
}

/** The ledgers of a process by where their sums are. They outlive the configuration that asked for them. */
export class Ledgers {
  readonly #setup: LedgersSetup
  /** By URL and by what is done without it. */
  readonly #redis = new Map<string, RedisLedger>()
  #holder: LedgerHolder = { gateway: '', process: '' }
  #gateways = 1

  constructor(setup: LedgersSetup) {
    this.#setup = setup
  }

  /** Called once, before any of the others. */
  begin(holder: LedgerHolder): void {
    this.#holder = holder
  }

  /** How many gateways share their limits, as far as is known. */
  get gateways(): number {
    return this.#gateways
  }

  /** The ledger of such a configuration. Throws when it needs a package that is missing. */
  of({ redisUrl, limits = DEFAULT_LIMIT_SETTINGS }: LedgerPlace): Ledger {
    if (!redisUrl) return this.#setup.local
    requireRedisPackage()
    const { onFailure: policy } = limits
    const key = `${policy} ${redisUrl.reveal()}`
    const { local, ...others } = this.#setup
    const ledger =
      this.#redis.get(key) ??
      new RedisLedger({
        ...others,
        gateway: this.#holder.gateway,
        holder: holderOf(this.#holder),
        connect: (listener) => connectRedis(redisUrl, listener),
        fallback: withoutStore({ policy, local, gateways: () => this.#gateways }),
        heard: (gateways) => (this.#gateways = gateways),
      })
    this.#redis.set(key, ledger)
    return ledger
  }

  /** Another process of this gateway is dead. */
  gone(process: string): void {
    const holder = holderOf({ ...this.#holder, process })
    for (const ledger of this.#redis.values()) void ledger.release(holder)
  }

  /** A configuration like this has taken over: connections that only others use are closed once nothing is open there. */
  retain({ redisUrl, limits = DEFAULT_LIMIT_SETTINGS }: LedgerPlace): void {
    const key = redisUrl && `${limits.onFailure} ${redisUrl.reveal()}`
    for (const [known, ledger] of this.#redis) {
      if (known === key || ledger.openCount > 0) continue
      ledger.close()
      this.#redis.delete(known)
    }
  }
}

function holderOf({ gateway, process }: LedgerHolder): string {
  return `${gateway}/${process}`
}
