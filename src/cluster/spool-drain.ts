import { open, readdir, rm, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import type { BodyTable, UsageTable } from '../core/database.ts'
import type { UsageRecord } from '../core/usage-record.ts'
import { readLines, type SpoolSlice } from './read-spool.ts'
import { MAX_LINE_BYTES, readSpoolName } from './spool.ts'

export interface SpoolDrainSetup {
  readonly directory: string
  readonly usage: Pick<UsageTable, 'append' | 'progress'>
  readonly bodies: Pick<BodyTable, 'append'>
  /** How many bytes the spools may have together. */
  readonly maxBytes: () => number
  /** Is told when the spools get full, and when they have room again. */
  readonly room: (isFull: boolean) => void
  readonly warn: (message: string) => void
  /** Whether a process may still write; for tests. */
  readonly isAlive?: (pid: number) => boolean
}

const EVERY_MS = 200
const LONGEST_PAUSE_MS = 10_000
const SLICE_RECORDS = 500
const SLICE_BYTES = 1024 * 1024
/** Room is there again when this share of it is free, so that requests are not let in and out by turns. */
const FREE_AGAIN = 0.9

interface SpoolFile {
  readonly name: string
  /** Nobody will write to it any more. */
  readonly isOver: boolean
}

/**
 * Brings the records of all spools into the database, in slices: those of running workers, of dead ones and of earlier
 * runs. How far a file was read is kept with the records, in one transaction, so that nothing is lost or there twice
 * whenever this process dies. While the database is away the records stay where they are.
 */
export class SpoolDrain {
  readonly #setup: SpoolDrainSetup
  readonly #offsets = new Map<string, number>()
  #timer: NodeJS.Timeout | undefined
  #running: Promise<void> | undefined
  #pauseMs = EVERY_MS
  #isFull = false
  #isStopped = false

  constructor(setup: SpoolDrainSetup) {
    this.#setup = setup
  }

  start(): void {
    this.#timer = setTimeout(() => void this.#turn(), this.#pauseMs).unref()
  }

  /** One last time, for at most `withinMs`: the workers are gone. What is left is for the next start. */
  async stop(withinMs: number): Promise<void> {
    clearTimeout(this.#timer)
    this.#isStopped = true
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, withinMs)
    })
    await Promise.race([this.drain().catch(() => undefined), late])
    clearTimeout(timer)
  }

  /** How many bytes are waiting. */
  get depth(): number {
    return this.#depth
  }
  #depth = 0

  /** Reads all there is. Rejects when the database does not take it. */
  async drain(): Promise<void> {
    await this.#running?.catch(() => undefined)
    this.#running = this.#drainAll()
    await this.#running
  }

  async #turn(): Promise<void> {
    try {
      await this.drain()
      this.#pauseMs = EVERY_MS
    } catch (error) {
      this.#pauseMs = Math.min(this.#pauseMs * 2, LONGEST_PAUSE_MS)
      const reason = error instanceof Error ? error.message : String(error)
      this.#setup.warn(`usage: records stay in the spool, next try in ${this.#pauseMs} ms: ${reason}`)
    }
    if (!this.#isStopped) this.start()
  }

  async #drainAll(): Promise<void> {
    const files = await this.#list()
    let bytes = 0
    let waiting = 0
    let problem: unknown
    for (const file of files) {
      const handle = await open(join(this.#setup.directory, file.name), 'r')
      try {
        // Measured also while the database is away: that is when spools get full.
        if (problem === undefined) await this.#drainFile(file, handle).catch((error) => (problem = error))
        const { size } = await handle.stat()
        const offset = this.#offsets.get(file.name) ?? 0
        waiting += size - offset
        if (file.isOver && problem === undefined && offset >= size) await this.#remove(file)
        else bytes += size
      } finally {
        await handle.close()
      }
    }
    this.#depth = waiting
    this.#tellRoom(bytes)
    if (problem !== undefined) throw problem
  }

  async #list(): Promise<SpoolFile[]> {
    const names = await readdir(this.#setup.directory)
    const files = names.flatMap((name) => {
      const parts = readSpoolName(name)
      return parts ? [{ name, ...parts }] : []
    })
    files.sort((one, other) => one.order - other.order)
    const newest = new Map(files.map(({ pid, name }) => [pid, name]))
    const { isAlive = isRunning } = this.#setup
    return files.map(({ name, pid }) => ({ name, isOver: newest.get(pid) !== name || !isAlive(pid) }))
  }

  async #drainFile(file: SpoolFile, handle: FileHandle): Promise<void> {
    const { usage, bodies, warn } = this.#setup
    const { name: spool } = file
    let offset = this.#offsets.get(spool) ?? (await usage.progress(spool))
    this.#offsets.set(spool, offset)
    let isClosed = false
    for await (const slice of slices(handle, offset)) {
      offset += slice.bytes
      isClosed = slice.isClosed
      if (slice.broken > 0) warn(`usage: ${slice.broken} broken line(s) in ${spool} were left out`)
      // Twice does no harm, and what was read is noted with the records.
      if (slice.bodies.length > 0) await bodies.append(slice.bodies)
      if (slice.records.length > 0) await usage.append(slice.records, { spool, offset })
      this.#offsets.set(spool, offset)
    }
    if (file.isOver && !isClosed) await this.#finish(file, handle)
  }

  /** Its process died: a last line may be torn, and streams may have been under way. */
  async #finish({ name: spool }: SpoolFile, handle: FileHandle): Promise<void> {
    const { usage, warn } = this.#setup
    const { size } = await handle.stat()
    const aborted = await openStreams(handle)
    if (aborted.length > 0) await usage.append(aborted, { spool, offset: size })
    if ((this.#offsets.get(spool) ?? 0) < size) warn(`usage: the torn last line of ${spool} was left out`)
    this.#offsets.set(spool, size)
  }

  async #remove({ name }: SpoolFile): Promise<void> {
    await rm(join(this.#setup.directory, name), { force: true })
    this.#offsets.delete(name)
  }

  #tellRoom(bytes: number): void {
    const { room } = this.#setup
    const isFull = bytes > this.#setup.maxBytes() * (this.#isFull ? FREE_AGAIN : 1)
    if (isFull === this.#isFull) return
    this.#isFull = isFull
    room(isFull)
  }
}

/** The complete lines from `offset` on. A line longer than a slice is none of ours. */
async function* slices(handle: FileHandle, from: number): AsyncGenerator<SpoolSlice> {
  let offset = from
  let buffer = Buffer.allocUnsafe(SLICE_BYTES)
  for (;;) {
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, offset)
    const slice = readLines(buffer.subarray(0, bytesRead), SLICE_RECORDS)
    if (slice.bytes > 0) {
      offset += slice.bytes
      yield slice
    } else if (bytesRead === buffer.length && bytesRead < MAX_LINE_BYTES) {
      buffer = Buffer.allocUnsafe(buffer.length * 2)
    } else if (bytesRead === buffer.length) {
      offset += bytesRead
      yield { ...slice, broken: 1, bytes: bytesRead }
    } else return
  }
}

/** Streams that began in a file and did not end in it. */
async function openStreams(handle: FileHandle): Promise<UsageRecord[]> {
  const byId = new Map<string, UsageRecord>()
  for await (const { open: begun, records, isClosed } of slices(handle, 0)) {
    // Its process went on in another file, and so did its streams.
    if (isClosed) return []
    for (const record of begun) byId.set(record.id, record)
    for (const { id } of records) byId.delete(id)
  }
  return [...byId.values()]
}

/** Signal 0 only asks. A process of another user runs too. */
function isRunning(pid: number): boolean {
  if (pid === process.pid) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
