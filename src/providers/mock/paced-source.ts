import type { CancelSignal } from '../../core/cancel.ts'
import type { ByteSink, ByteSource } from '../../core/bytes.ts'
import { toGatewayError, type GatewayError } from '../../core/error.ts'

/** So many writes without a rate before the event loop has its turn. */
const BATCH = 32

interface Plan {
  chunks: Iterator<string>
  /** Milliseconds between two chunks; 0 is as fast as the sink takes them. */
  intervalMs: number
  signal: CancelSignal
  /** Called once, when nothing more will happen. */
  onSettled(source: PacedSource): void
}

/** Texts delivered as bytes, one write each, at a set rate or as fast as the sink takes them. */
export class PacedSource implements ByteSource {
  readonly #plan: Plan
  #sink: ByteSink | undefined
  #failure: GatewayError | undefined
  #isPaused = false
  #isSettled = false
  #dueAt = 0
  #timer: NodeJS.Timeout | undefined
  #turn: NodeJS.Immediate | undefined

  constructor(plan: Plan) {
    this.#plan = plan
    plan.signal.addEventListener('abort', this.#onAbort)
  }

  flow(sink: ByteSink): void {
    if (this.#isSettled || this.#sink) return
    this.#sink = sink
    if (this.#plan.signal.aborted) this.#onAbort()
    // The first chunk (roles) comes at once, and the first token with it.
    this.#dueAt = performance.now() - this.#plan.intervalMs
    this.#schedule()
  }

  pause(): void {
    this.#isPaused = true
    this.#unschedule()
  }

  resume(): void {
    if (!this.#isPaused) return
    this.#isPaused = false
    // A model that was held back goes on at its rate; it does not catch up.
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
    if (this.#sink) this.#schedule()
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
    const waitMs = this.#plan.intervalMs > 0 ? this.#dueAt - performance.now() : 0
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
    const sink = this.#sink
    if (this.#isSettled || !sink) return
    if (this.#failure) {
      this.#settle()
      sink.error(this.#failure)
      return
    }
    const now = performance.now()
    for (let written = 0; written < BATCH; written++) {
      if (this.#plan.intervalMs > 0 && now < this.#dueAt) break
      const next = this.#plan.chunks.next()
      if (next.done) {
        this.#settle()
        sink.end()
        return
      }
      this.#dueAt += this.#plan.intervalMs
      sink.data(Buffer.from(next.value))
      // The sink may have paused, cancelled or aborted in between.
      if (this.#isPaused || this.#isSettled || this.#failure) break
    }
    this.#schedule()
  }

  #settle(): void {
    if (this.#isSettled) return
    this.#isSettled = true
    this.#unschedule()
    this.#plan.signal.removeEventListener('abort', this.#onAbort)
    this.#plan.onSettled(this)
  }
}
