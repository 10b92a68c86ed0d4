import type { BodyTable, UsageTable } from '../core/database.ts'

const EVERY_MS = 10 * 60_000
const SLICE = 1_000
/** Between two slices others may use the database. */
const BREATH_MS = 50

export interface RetentionSetup {
  readonly usage: Pick<UsageTable, 'prune'>
  readonly bodies: Pick<BodyTable, 'prune'>
  /** Undefined: records are kept for ever. */
  readonly retentionMs: () => number | undefined
  readonly warn: (message: string) => void
  readonly now?: () => number
}

/** Deletes records, and what was said, when they are old enough, in slices, and does nothing between. */
export class Retention {
  readonly #setup: RetentionSetup
  #timer: NodeJS.Timeout | undefined

  constructor(setup: RetentionSetup) {
    this.#setup = setup
  }

  start(): void {
    this.#timer = setTimeout(() => void this.#turn(), BREATH_MS).unref()
  }

  stop(): void {
    clearTimeout(this.#timer)
  }

  /** One slice. Whether there may be more. */
  async pruneOnce(): Promise<boolean> {
    const { usage, bodies, retentionMs, now = Date.now } = this.#setup
    const mayBeMore = (await bodies.prune(now(), SLICE)) === SLICE
    const keptMs = retentionMs()
    if (keptMs === undefined) return mayBeMore
    return (await usage.prune(now() - keptMs, SLICE)) === SLICE || mayBeMore
  }

  async #turn(): Promise<void> {
    const more = await this.pruneOnce().catch((error: unknown) => {
      this.#setup.warn(`usage: old records could not be deleted: ${String(error)}`)
      return false
    })
    this.#timer = setTimeout(() => void this.#turn(), more ? BREATH_MS : EVERY_MS).unref()
  }
}
