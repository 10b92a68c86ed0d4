import type { Worker } from 'node:cluster'
import { randomUUID } from 'node:crypto'
import type { GatewayConfig, ServerConfig } from '../config/schema.ts'
import { clock } from '../core/counters.ts'
import type { Database } from '../core/database.ts'
import type { Ledger, LimitAlert } from '../core/limits.ts'
import { DEFAULT_LIMIT_SETTINGS } from '../gateway/limits/settings.ts'
import { MemoryLedger, SharedLedger, withoutStore } from '../stores/index.ts'
import { Ledgers } from './ledgers.ts'
import { warnOfLimit } from './limit-warnings.ts'
import type { Logger } from './log.ts'
import { RestoredLedger } from './restored-ledger.ts'

export interface LimitPlaneSetup {
  readonly log: Logger
  readonly database: Database
  readonly config: GatewayConfig
  /** Resolves when what requests have used is in the database, as far as that can be. */
  complete(this: void): Promise<void>
  /** Tells those outside. */
  tell(this: void, alert: LimitAlert): void
}

/** What the primary does about limits: keeps the sums of its workers, or looks at those in Redis, and tells of them. */
export class LimitPlane {
  /** Names this run of the gateway among those that share limits with it. */
  readonly gateway: string = randomUUID()
  /** The sums of this gateway's workers. */
  readonly local: Ledger
  readonly #setup: LimitPlaneSetup
  readonly #ledgers: Ledgers
  readonly #shared: SharedLedger | undefined
  #server: ServerConfig
  #neighbours = 1

  constructor(setup: LimitPlaneSetup) {
    const { log, database, config, complete } = setup
    this.#setup = setup
    this.#server = config.server
    const restored = new RestoredLedger({
      ledger: new MemoryLedger({ tell: (alert) => this.tell(alert) }),
      usage: database.usage,
      now: clock,
      // Where several gateways write into one table, each goes on with its share of what they used.
      gateways: () => (database.engine === 'postgres' ? this.#gateways() : 1),
      complete,
      warn: (message) => log.warn(message),
    })
    this.#ledgers = new Ledgers({
      local: restored,
      // The workers say so, too.
      report: () => undefined,
      tell: (alert) => this.tell(alert),
      back: () => restored.forget(),
    })
    this.#ledgers.begin({ gateway: this.gateway, process: 'primary' })
    this.#begin()
    // Redis is quicker: where there is one, the database is not asked.
    if (database.engine === 'postgres' && !this.#server.redisUrl) this.#shared = this.#share(restored)
    this.local = this.#shared ?? restored
  }

  /** Whether those are in this process's memory, and not in the database. */
  get isLocal(): boolean {
    return this.#shared === undefined
  }

  /** Where the sums are now. */
  get ledger(): Ledger {
    return this.#server.redisUrl ? this.#ledgers.of(this.#server) : this.local
  }

  tell(alert: LimitAlert): void {
    warnOfLimit(this.#setup.log, alert)
    this.#setup.tell(alert)
  }

  gone({ id }: Pick<Worker, 'id'>): void {
    this.#ledgers.gone(String(id))
  }

  reload({ server }: GatewayConfig): void {
    this.#server = server
    this.#begin()
    this.#ledgers.retain(this.#server)
  }

  /** What has ended is kept. */
  async close(): Promise<void> {
    await this.#shared?.close()
  }

  #gateways(): number {
    return Math.max(this.#ledgers.gateways, this.#neighbours)
  }

  /** Sums for all gateways of the database. */
  #share(restored: RestoredLedger): SharedLedger {
    const { log, database } = this.#setup
    const { limits = DEFAULT_LIMIT_SETTINGS } = this.#server
    return new SharedLedger({
      buckets: database.buckets,
      holder: this.gateway,
      fallback: withoutStore({
        policy: limits.onFailure,
        local: restored,
        gateways: () => this.#gateways(),
      }),
      tell: (alert) => this.tell(alert),
      report: (message) => log.warn(message),
      heard: (gateways) => (this.#neighbours = gateways),
      back: () => restored.forget(),
    })
  }

  /** A package that is missing is the workers' to tell: they cannot start without it. */
  #begin(): void {
    try {
      this.#ledgers.of(this.#server)
    } catch {
      this.#server = { ...this.#server }
      delete this.#server.redisUrl
    }
  }
}
