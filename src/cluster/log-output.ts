import type { LogSink } from './log-sink.ts'

/** Writes of several processes to one pipe stay whole up to this size (PIPE_BUF on Linux). */
const MAX_WRITE = 4096
const FLUSH_MS = 200
/** What waits for an output that takes nothing; more is dropped. */
const MAX_WAITING = 8 * 1024 * 1024
/** Until a write that failed is tried again. */
const RETRY_MS = 1_000
const LAST_FLUSH_MS = 2_000

export interface LogOutputSetup {
  sink: LogSink
  /** Lines were dropped, and the output takes them again. */
  recovered?(dropped: number): void
  maxWaiting?: number
}

/**
 * The way of log lines out of the process, in batches. It never waits and never throws: what an output does not take is
 * kept, up to a bound, and counted beyond it.
 */
export class LogOutput {
  readonly #sink: LogSink
  readonly #recovered: (dropped: number) => void
  readonly #maxWaiting: number
  /** Full batches, and the one that is being filled. */
  #batches: string[] = []
  #batch = ''
  #batchBytes = 0
  #waitingBytes = 0
  #isWriting = false
  #flushTimer: NodeJS.Timeout | undefined
  #whenEmpty: (() => void)[] = []
  #untold = 0
  /** Lines that were given up since the start. */
  dropped = 0

  constructor(setup: LogOutputSetup) {
    this.#sink = setup.sink
    this.#recovered = (dropped): void => setup.recovered?.(dropped)
    this.#maxWaiting = setup.maxWaiting ?? MAX_WAITING
  }

  /** One line with its end. */
  write(line: string): void {
    const bytes = Buffer.byteLength(line)
    if (this.#sink.isGone || this.#waitingBytes + bytes > this.#maxWaiting) {
      this.dropped++
      this.#untold++
      return
    }
    this.#waitingBytes += bytes
    if (this.#batchBytes + bytes > MAX_WRITE) this.#closeBatch()
    this.#batch += line
    this.#batchBytes += bytes
    this.#flushTimer ??= setTimeout(() => this.#flush(), FLUSH_MS).unref()
  }

  /** Write what waits, and then call; an output that does not take it is waited for no longer than two seconds. */
  flush(done: () => void = (): void => undefined): void {
    this.#flush()
    if (this.#waitingBytes === 0) {
      done()
      return
    }
    const timer = setTimeout(() => end(), LAST_FLUSH_MS)
    const end = (): void => {
      clearTimeout(timer)
      this.#whenEmpty = this.#whenEmpty.filter((one) => one !== end)
      done()
    }
    this.#whenEmpty.push(end)
  }

  /** At the end of the process, when nothing can be waited for: as much as the output takes at once. */
  flushNow(): void {
    this.#closeBatch()
    // The one that is being written may be out already.
    const rest = this.#isWriting ? this.#batches.slice(1) : this.#batches
    for (const batch of rest) if (!this.#sink.writeNow(batch)) return
  }

  #flush(): void {
    clearTimeout(this.#flushTimer)
    this.#flushTimer = undefined
    this.#closeBatch()
  }

  #closeBatch(): void {
    if (this.#batchBytes === 0) return
    this.#batches.push(this.#batch)
    this.#batch = ''
    this.#batchBytes = 0
    this.#writeNext()
  }

  #writeNext(): void {
    const [batch] = this.#batches
    if (this.#isWriting || batch === undefined) return
    this.#isWriting = true
    this.#sink.write(batch, (error) => {
      if (!error) this.#written(batch)
      else if (this.#sink.isGone) this.#giveUp()
      else setTimeout(() => this.#again(), RETRY_MS).unref()
    })
  }

  #again(): void {
    this.#isWriting = false
    this.#writeNext()
  }

  #giveUp(): void {
    for (const batch of this.#batches) this.dropped += batch.split('\n').length - 1
    this.#batches = []
    this.#waitingBytes = this.#batchBytes
    this.#isWriting = false
    this.#tellEmpty()
  }

  #tellEmpty(): void {
    for (const done of this.#whenEmpty) done()
  }

  #written(batch: string): void {
    this.#isWriting = false
    this.#batches.shift()
    this.#waitingBytes -= Buffer.byteLength(batch)
    if (this.#untold > 0 && this.#waitingBytes < this.#maxWaiting / 2) {
      const dropped = this.#untold
      this.#untold = 0
      this.#recovered(dropped)
    }
    this.#writeNext()
    if (this.#waitingBytes === 0) this.#tellEmpty()
  }
}
