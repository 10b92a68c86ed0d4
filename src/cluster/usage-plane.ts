import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DEFAULT_USAGE, type UsageConfig } from '../config/read-usage.ts'
import type { BodyTable, KeyTable, SpoolProgress, StoredBody, UsageTable } from '../core/database.ts'
import type { UsageRecord } from '../core/usage-record.ts'
import { KeyUses } from './key-uses.ts'
import { readLine } from './read-spool.ts'
import { Retention } from './retention.ts'
import { SpoolDrain } from './spool-drain.ts'
import type { SpoolRoom, UsageBatch, UsageWriterSetup } from './usage-writer.ts'

export interface UsagePlaneSetup {
  /** The data directory; absent: nothing is kept on disk. */
  readonly directory: string | undefined
  readonly usage: UsageTable
  readonly bodies: BodyTable
  readonly keys: Pick<KeyTable, 'touch'>
  readonly config: UsageConfig | undefined
  broadcast(message: SpoolRoom): void
  readonly warn: (message: string) => void
}

const LAST_DRAIN_MS = 5_000
const MOST_WAITING = 10_000

/** What the primary does about records: brings them into the database, and deletes them when they are old. */
export class UsagePlane {
  readonly #setup: UsagePlaneSetup
  readonly #spools: string | undefined
  readonly #drain: SpoolDrain | undefined
  readonly #retention: Retention
  readonly #keyUses: KeyUses
  #config: UsageConfig
  #isFull = false
  /** From workers without a spool. */
  #waiting: { record: UsageRecord; body?: StoredBody }[] = []
  #appending: Promise<void> | undefined
  #catching: Promise<void> | undefined

  constructor(setup: UsagePlaneSetup) {
    const { directory, usage, bodies, keys, config = DEFAULT_USAGE, warn } = setup
    this.#keyUses = new KeyUses({ keys, warn })
    this.#setup = setup
    this.#config = config
    this.#spools = directory === undefined ? undefined : join(directory, 'spool')
    if (this.#spools !== undefined) {
      mkdirSync(this.#spools, { recursive: true, mode: 0o700 })
      this.#drain = new SpoolDrain({
        directory: this.#spools,
        usage: {
          append: (records, progress) => this.#keep(records, progress),
          progress: (spool) => usage.progress(spool),
        },
        bodies,
        maxBytes: () => this.#config.spoolMaxBytes,
        room: (isFull) => this.#tellRoom(isFull),
        warn,
      })
      this.#drain.start()
    }
    this.#retention = new Retention({ usage, bodies, retentionMs: () => this.#config.retentionMs, warn })
    this.#retention.start()
  }

  /** What a new worker is told. */
  forWorker(): UsageWriterSetup {
    const { isKept, whenFull } = this.#config
    return { directory: this.#spools, isKept, whenFull, isFull: this.#isFull }
  }

  /** Bytes on the disk that are not in the database yet. */
  get spoolDepth(): number {
    return this.#drain?.depth ?? 0
  }

  /** Resolves when the records of what has ended are in the database, or cannot be brought there now. */
  async caughtUp(): Promise<void> {
    await this.#appending
    this.#catching ??= (this.#drain?.drain() ?? Promise.resolve())
      .catch(() => undefined)
      .finally(() => (this.#catching = undefined))
    await this.#catching
  }

  reload(config: UsageConfig = DEFAULT_USAGE): void {
    this.#config = config
    this.#tellWorkers()
  }

  receive({ lines }: UsageBatch): void {
    for (const line of lines) {
      const read = readLine(line)
      if (typeof read !== 'object' || 'open' in read) continue
      if (this.#waiting.length < MOST_WAITING) this.#waiting.push(read)
    }
    this.#appending ??= this.#append().finally(() => (this.#appending = undefined))
  }

  /** The workers are gone: what they left is brought in, if that does not take too long. */
  async close(): Promise<void> {
    this.#retention.stop()
    await this.#appending
    await this.#drain?.stop(LAST_DRAIN_MS)
    await this.#keyUses.tell()
  }

  async #keep(records: readonly UsageRecord[], progress?: SpoolProgress): Promise<number> {
    const count = await this.#setup.usage.append(records, progress)
    this.#keyUses.note(records)
    return count
  }

  async #append(): Promise<void> {
    while (this.#waiting.length > 0) {
      const some = this.#waiting.slice(0, 500)
      try {
        const said = some.flatMap(({ body }) => body ?? [])
        if (said.length > 0) await this.#setup.bodies.append(said)
        await this.#keep(some.map(({ record }) => record))
      } catch (error) {
        this.#setup.warn(`usage: ${this.#waiting.length} records wait for the database: ${String(error)}`)
        return
      }
      this.#waiting.splice(0, some.length)
    }
  }

  #tellRoom(isFull: boolean): void {
    this.#isFull = isFull
    this.#setup.warn(isFull ? 'usage: the spool is full' : 'usage: the spool has room again')
    this.#tellWorkers()
  }

  #tellWorkers(): void {
    const { isKept, whenFull } = this.#config
    this.#setup.broadcast({ type: 'spool-room', isKept, isFull: this.#isFull, whenFull })
  }
}
