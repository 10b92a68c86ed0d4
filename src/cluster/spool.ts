import { closeSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { hostname } from 'node:os'

export interface SpoolSetup {
  /** It exists. */
  readonly directory: string
  readonly maxFileBytes?: number
  /** In place of the system's: gives how many bytes it has written, or throws. */
  readonly write?: (fd: number, data: string | Buffer) => number
}

const MAX_FILE_BYTES = 64 * 1024 * 1024
/** The longest line of a record without what was said; records never come near it. */
export const MAX_RECORD_BYTES: number = 64 * 1024
/** The longest line: with the largest bodies, of which JSON makes six bytes for each. */
export const MAX_LINE_BYTES: number = 16 * 1024 * 1024
/** Tells a reader that nothing more comes: without it the process died. */
export const CLOSED_LINE = '{"closed":true}'
const RETRY_MS = 250

/**
 * A worker's own file of records, one JSON line each. A line is with the operating system when `append` returns, so that
 * only the machine's death can lose it. While the disk is full lines wait here, and `isStuck` says so.
 */
export class Spool {
  readonly #setup: SpoolSetup
  readonly #write: (fd: number, data: string | Buffer) => number
  readonly #prefix = `${nodeName()}-${process.pid}-${Date.now()}`
  #fd: number | undefined
  #files = 0
  #fileBytes = 0
  /** Not written yet; the first may be the rest of a line. */
  #waiting: Buffer[] = []
  #timer: NodeJS.Timeout | undefined

  constructor(setup: SpoolSetup) {
    this.#setup = setup
    this.#write = setup.write ?? writeData
  }

  /** The disk takes nothing for now. */
  get isStuck(): boolean {
    return this.#waiting.length > 0
  }

  /** Counts the files: the one that the next line is for. */
  get file(): number {
    return this.#fd === undefined ? this.#files + 1 : this.#files
  }

  /** `json` is one line, without its end. */
  append(json: string): void {
    if (json.length > MAX_LINE_BYTES) throw new RangeError(`a record of ${json.length} characters`)
    this.#add(`${json}\n`)
    if (this.#fileBytes >= (this.#setup.maxFileBytes ?? MAX_FILE_BYTES)) this.rotate()
  }

  #add(line: string): void {
    if (this.isStuck) this.#waiting.push(Buffer.from(line))
    else this.#put(line)
  }

  /** What the disk does not take waits. */
  #put(line: string): void {
    let written = 0
    try {
      written = this.#write(this.#open(), line)
      this.#fileBytes += written
      // A character has a byte at least: most lines are done here.
      if (written >= line.length && written === Buffer.byteLength(line)) return
    } catch {
      // Tried again below, and from then on by the clock.
    }
    this.#waiting.push(Buffer.from(line).subarray(written))
    this.#flush()
  }

  /** The file is done; the next line begins another. */
  rotate(): void {
    if (this.#fd === undefined || this.isStuck) return
    this.#add(`${CLOSED_LINE}\n`)
    if (this.isStuck) return
    closeSync(this.#fd)
    this.#fd = undefined
    this.#fileBytes = 0
  }

  #flush(): void {
    try {
      for (let bytes = this.#waiting[0]; bytes; bytes = this.#waiting[0]) {
        const fd = this.#open()
        const written = this.#write(fd, bytes)
        this.#fileBytes += written
        if (written === bytes.length) this.#waiting.shift()
        else this.#waiting[0] = bytes.subarray(written)
      }
    } catch {
      this.#timer ??= setInterval(() => this.#flush(), RETRY_MS).unref()
      return
    }
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  #open(): number {
    if (this.#fd !== undefined) return this.#fd
    this.#files++
    const name = `${this.#prefix}-${this.#files}.jsonl`
    this.#fd = openSync(join(this.#setup.directory, name), 'ax', 0o600)
    this.#fileBytes = 0
    return this.#fd
  }
}

export interface SpoolName {
  readonly pid: number
  /** Grows with each file of processes of this number. */
  readonly order: number
}

/** What the name of a spool file says; undefined for other files. */
export function readSpoolName(name: string): SpoolName | undefined {
  const [, pid, startedAt, count] = /-(\d+)-(\d+)-(\d+)\.jsonl$/.exec(name) ?? []
  if (pid === undefined) return undefined
  // Milliseconds since 1970 leave room for a thousand files.
  return { pid: Number(pid), order: Number(startedAt) * 1000 + Number(count) }
}

function writeData(fd: number, data: string | Buffer): number {
  return typeof data === 'string' ? writeSync(fd, data) : writeSync(fd, data)
}

function nodeName(): string {
  return hostname()
    .replaceAll(/[^A-Za-z0-9]/g, '_')
    .slice(0, 40)
}
