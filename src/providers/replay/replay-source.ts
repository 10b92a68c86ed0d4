import { bytesOf, type RecordedChunk } from '../../cassettes/cassette.ts'
import type { ByteSink, ByteSource } from '../../core/bytes.ts'
import type { CancelSignal } from '../../core/cancel.ts'
import { toGatewayError, type GatewayError } from '../../core/error.ts'

/** So many chunks without a pause before the event loop has its turn. */
const BATCH = 32

interface ReplayPlan {
  readonly chunks: readonly RecordedChunk[]
  /** When the head was there, as the chunks count it; undefined to deliver as fast as the sink takes them. */
  readonly headMs: number | undefined
  /** What the answer ends with, when that is not its end. */
  readonly failure: GatewayError | undefined
  readonly signal: CancelSignal
  /** Called once, when nothing more will happen. */
  onSettled(source: ReplaySource): void
}

/** Recorded bytes, chunk by chunk as they came, in their own time or at once. */
export class ReplaySource implements ByteSource {
  readonly #plan: ReplayPlan
  #sink: ByteSink | undefined
  #failure: GatewayError | undefined
  #next = 0
  #isPaused = false
  #isSettled = false
  /** The time at which the recording's clock was at the head; later by what the sink held it back. */
  #zero = 0
  #timer: NodeJS.Timeout | undefined
  #turn: NodeJS.Immediate | undefined

  constructor(plan: ReplayPlan) {
    this.#plan = plan
    plan.signal.addEventListener('abort', this.#onAbort)
  }

  flow(sink: ByteSink): void {
    if (this.#isSettled || this.#sink) return
    this.#sink = sink
    this.#zero = performance.now()
    if (this.#plan.signal.aborted) this.#onAbort()
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
    this.#zero += Math.max(performance.now() - this.#zero - this.#dueMs(), 0)
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
    if (this.#failure) {
      this.#turn = setImmediate(this.#deliver)
      return
    }
    if (this.#isPaused) return
    const waitMs = this.#dueMs() - (performance.now() - this.#zero)
    if (waitMs > 0) this.#timer = setTimeout(this.#deliver, waitMs)
    else this.#turn = setImmediate(this.#deliver)
  }

  /** When the next chunk comes, counted from the head. */
  #dueMs(): number {
    const { headMs, chunks } = this.#plan
    return headMs === undefined ? 0 : Math.max((chunks[this.#next]?.ms ?? 0) - headMs, 0)
  }

  #unschedule(): void {
    clearTimeout(this.#timer)
    clearImmediate(this.#turn)
    this.#timer = undefined
    this.#turn = undefined
  }

  readonly #deliver = (): void => {
    this.#unschedule()
    const sink = this.#sink
    if (this.#isSettled || !sink) return
    const { chunks, failure } = this.#plan
    for (let written = 0; written < BATCH && !this.#failure; written++) {
      const chunk = chunks[this.#next]
      if (!chunk) {
        if (!failure) {
          this.#settle()
          sink.end()
          return
        }
        this.#failure = failure
        break
      }
      if (this.#dueMs() > performance.now() - this.#zero) break
      this.#next++
      sink.data(bytesOf(chunk))
      // The sink may have paused, cancelled or aborted in between.
      if (this.#isPaused || this.#isSettled) break
    }
    if (!this.#failure) {
      this.#schedule()
      return
    }
    if (this.#isSettled) return
    this.#settle()
    sink.error(this.#failure)
  }

  #settle(): void {
    if (this.#isSettled) return
    this.#isSettled = true
    this.#unschedule()
    this.#plan.signal.removeEventListener('abort', this.#onAbort)
    this.#plan.onSettled(this)
  }
}
