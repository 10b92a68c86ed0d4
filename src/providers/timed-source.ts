import type { ByteSink, ByteSource } from '../core/bytes.ts'
import type { CancelSignal } from '../core/cancel.ts'
import { toGatewayError, type GatewayError } from '../core/error.ts'

/** So many writes without a wait before the event loop has its turn. */
const BATCH = 32

export interface TimedChunk {
  readonly bytes: Buffer
  /** Milliseconds behind the chunk before, or behind the beginning; 0 is as soon as the sink takes it. */
  readonly afterMs: number
}

export interface TimedPlan {
  /** Its return value is what the answer ends with, when that is not its proper end. */
  readonly chunks: Iterator<TimedChunk, GatewayError | undefined>
  readonly signal: CancelSignal
  /** Called once, when nothing more will happen. */
  readonly onSettled: () => void
}

/** Bytes of an answer that comes in its own time, one write each: for providers that are not on a network. */
export class TimedSource implements ByteSource {
  readonly #plan: TimedPlan
  #sink: ByteSink | undefined
  #failure: GatewayError | undefined
  #isPaused = false
  #isSettled = false
  #upcoming: TimedChunk | undefined
  #dueAt = 0
  #timer: NodeJS.Timeout | undefined
  #turn: NodeJS.Immediate | undefined

  constructor(plan: TimedPlan) {
    this.#plan = plan
    plan.signal.addEventListener('abort', this.#onAbort)
  }

  flow(sink: ByteSink): void {
    if (this.#isSettled || this.#sink) return
    this.#sink = sink
    if (this.#plan.signal.aborted) this.#onAbort()
    this.#dueAt = performance.now()
    this.#schedule()
  }

  pause(): void {
    this.#isPaused = true
    this.#unschedule()
  }

  resume(): void {
    if (!this.#isPaused) return
    this.#isPaused = false
    // An answer that was held back goes on at its pace; it does not catch up.
    this.#dueAt = Math.max(this.#dueAt, performance.now())
    this.#schedule()
  }

  cancel(): void {
    this.#settle()
  }

  /** Ends with an error: at once while flowing, else as soon as there is a sink. */
  fail(error: GatewayError): void {
    if (this.#isSettled || this.#failure) return
    this.#failure = error
    this.#unschedule()
    this.#schedule()
  }

  readonly #onAbort = (): void => {
    this.fail(toGatewayError(this.#plan.signal.reason))
  }

  #schedule(): void {
    if (this.#isSettled || !this.#sink || this.#timer || this.#turn) return
    if (this.#isPaused && !this.#failure) return
    const waitMs = this.#upcoming && !this.#failure ? this.#dueAt - performance.now() : 0
    if (waitMs > 0) this.#timer = setTimeout(this.#deliver, waitMs)
    else this.#turn = setImmediate(this.#deliver)
  }

  #unschedule(): void {
    clearTimeout(this.#timer)
    clearImmediate(this.#turn)
    this.#timer = undefined
    this.#turn = undefined
  }

  readonly #deliver = (): void => {
    this.#unschedule()
    if (this.#isSettled || !this.#sink) return
    if (this.#failure) this.#end(this.#failure)
    else this.#write(this.#sink, performance.now())
  }

  #write(sink: ByteSink, now: number): void {
    for (let written = 0; written < BATCH; written++) {
      const chunk = this.#upcoming ?? this.#take()
      if (!chunk) return
      if (now < this.#dueAt) break
      this.#upcoming = undefined
      sink.data(chunk.bytes)
      // The sink may have paused, cancelled or aborted in between.
      if (this.#isPaused || this.#isSettled || this.#failure) break
    }
    this.#schedule()
  }

  /** The next chunk, and when it is due; undefined at the end. */
  #take(): TimedChunk | undefined {
    const next = this.#plan.chunks.next()
    if (next.done) {
      this.#end(next.value)
      return undefined
    }
    this.#upcoming = next.value
    this.#dueAt += next.value.afterMs
    return next.value
  }

  #end(failure: GatewayError | undefined): void {
    this.#settle()
    if (failure) this.#sink?.error(failure)
    else this.#sink?.end()
  }

  #settle(): void {
    if (this.#isSettled) return
    this.#isSettled = true
    this.#unschedule()
    this.#plan.signal.removeEventListener('abort', this.#onAbort)
    this.#plan.onSettled()
  }
}
