import { constants, fstatSync, openSync, write, writeSync } from 'node:fs'

/** Where log lines go. Nothing of it waits on the event loop, and nothing throws. */
export interface LogSink {
  /** Nobody will ever read it again. */
  readonly isGone: boolean
  /** One write at a time. With an error nothing more can be said of it: it is to be tried again. */
  write(text: string, done: (error?: Error) => void): void
  /** Whether the output took the text at once. */
  writeNow(text: string): boolean
}

/** Until an output that took only a part is asked again. */
const BUSY_MS = 50

/** The process's standard output. */
export function stdoutSink(): LogSink {
  if (process.stdout.isTTY) return new FileSink(terminal())
  // A file's stream in Node writes on the event loop, and ends at its first error.
  const stat = fstatSync(1)
  return stat.isFIFO() || stat.isSocket() ? new PipeSink() : new FileSink(1)
}

/**
 * A description of the terminal of its own: one that is held with Ctrl-S then says that it is busy, where it would hold a
 * thread for as long.
 */
function terminal(): number {
  try {
    return openSync('/dev/tty', constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY)
  } catch {
    return 1
  }
}

/** A file, a device or a terminal; written by Node's threads. */
export class FileSink implements LogSink {
  readonly isGone = false
  readonly #fd: number
  /** What is left of a write that ended in an error. */
  #rest: { of: string; bytes: Buffer } | undefined

  constructor(fd: number) {
    this.#fd = fd
  }

  write(text: string, done: (error?: Error) => void): void {
    const bytes = this.#rest?.of === text ? this.#rest.bytes : Buffer.from(text)
    this.#rest = undefined
    write(this.#fd, bytes, (error, written) => {
      const rest = bytes.subarray(error ? 0 : written)
      if (rest.length === 0) {
        done()
        return
      }
      this.#rest = { of: text, bytes: rest }
      if (error && !isBusy(error)) done(error)
      else setTimeout(() => this.write(text, done), BUSY_MS).unref()
    })
  }

  writeNow(text: string): boolean {
    return writesNow(this.#fd, text)
  }
}

/** A pipe or a socket: Node has made it one that never blocks, and waits for its reader. */
class PipeSink implements LogSink {
  isGone = false

  constructor() {
    // Its stream stays ended after an error.
    process.stdout.on('error', () => (this.isGone = true))
  }

  write(text: string, done: (error?: Error) => void): void {
    process.stdout.write(text, (error) => done(error ?? undefined))
  }

  writeNow(text: string): boolean {
    return !this.isGone && writesNow(1, text)
  }
}

function writesNow(fd: number, text: string): boolean {
  try {
    const bytes = Buffer.from(text)
    return writeSync(fd, bytes) === bytes.length
  } catch {
    return false
  }
}

function isBusy(error: NodeJS.ErrnoException): boolean {
  return error.code === 'EAGAIN' || error.code === 'EINTR'
}
