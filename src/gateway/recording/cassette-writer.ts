import { randomBytes } from 'node:crypto'
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'

/** So many cassettes may wait for the disk. */
const MAX_PENDING = 1024

/** So many bytes of exchanges are held, of those under way and those that wait. */
const MAX_HELD_BYTES = 64 * 1024 * 1024

/** What became of the exchanges so far. */
export interface RecordingCounts {
  written: number
  /** Not kept, because too much waited for the disk or was under way. */
  dropped: number
  /** The disk refused them. */
  failed: number
}

export interface PendingCassette {
  readonly recordedAt: Date
  readonly target: string
  /** What is given back when it is written. */
  readonly heldBytes: number
  /** The file's text; called when it is its turn. */
  write(): string
}

interface WriterSetup {
  directory: string
  warn(message: string): void
  maxPending?: number
  maxHeldBytes?: number
}

/**
 * Writes cassettes to a directory one after the other, after their exchanges are over. It keeps nobody waiting and throws
 * nothing: what does not fit is dropped and counted.
 */
export class CassetteWriter {
  readonly counts: RecordingCounts = { written: 0, dropped: 0, failed: 0 }
  readonly #setup: Required<WriterSetup>
  readonly #pending: PendingCassette[] = []
  #working: Promise<void> | undefined
  #heldBytes = 0
  #warnedOf = ''

  constructor(setup: WriterSetup) {
    this.#setup = { maxPending: MAX_PENDING, maxHeldBytes: MAX_HELD_BYTES, ...setup }
  }

  /** Whether so many bytes more may be held. */
  hold(bytes: number): boolean {
    if (this.#heldBytes + bytes > this.#setup.maxHeldBytes) return false
    this.#heldBytes += bytes
    return true
  }

  release(bytes: number): void {
    this.#heldBytes -= bytes
  }

  add(cassette: PendingCassette): void {
    if (this.#pending.length >= this.#setup.maxPending) {
      this.release(cassette.heldBytes)
      this.drop()
      return
    }
    this.#pending.push(cassette)
    this.#working ??= this.#work()
  }

  /** An exchange is not kept. */
  drop(): void {
    this.counts.dropped++
    this.#warn('dropped', 'the disk is slower than the traffic, so some exchanges are not recorded')
  }

  /** Resolves when nothing waits any more. */
  async idle(): Promise<void> {
    while (this.#working) await this.#working
  }

  async #work(): Promise<void> {
    for (;;) {
      // Between two cassettes, clients have their turn.
      await nextTurn()
      const cassette = this.#pending.shift()
      if (!cassette) break
      try {
        await this.#write(cassette)
        this.counts.written++
        if (this.#warnedOf !== 'dropped') this.#warnedOf = ''
      } catch (error) {
        this.counts.failed++
        const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
        this.#warn(code, `a cassette could not be written to ${this.#setup.directory} (${code})`)
      } finally {
        this.release(cassette.heldBytes)
      }
    }
    this.#working = undefined
  }

  async #write(cassette: PendingCassette): Promise<void> {
    const { directory } = this.#setup
    const name = nameOf(cassette)
    const temporary = join(directory, `.${name}.tmp`)
    const text = cassette.write()
    await mkdir(directory, { recursive: true, mode: 0o700 })
    try {
      await writeFile(temporary, text, { flag: 'wx', mode: 0o600 })
      await rename(temporary, join(directory, name))
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => undefined)
      throw error
    }
  }

  /** Once for each reason in a row. */
  #warn(reason: string, message: string): void {
    if (this.#warnedOf === reason) return
    this.#warnedOf = reason
    this.#setup.warn(message)
  }
}

/** Names sort by time, and never meet, whatever other workers write. */
function nameOf({ recordedAt, target }: PendingCassette): string {
  const time = recordedAt.toISOString().replaceAll(/[-:]/g, '')
  const place = target.replaceAll(/[^\w-]+/g, '_').slice(0, 64)
  return `${time}-${randomBytes(4).toString('hex')}-${place}.json`
}
