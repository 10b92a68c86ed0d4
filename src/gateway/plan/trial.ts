import type { Call } from '../../core/call.ts'
import type { GatewayError } from '../../core/error.ts'
import type { Finish } from '../../core/reply.ts'
import { newSpanId } from '../../core/trace.ts'
import type { AttemptReason, AttemptRecord } from '../../core/trail.ts'
import type { PlanTarget } from './plan.ts'

/** Why a target is asked, and how long was waited before. */
export interface How {
  readonly reason: AttemptReason
  readonly waitedMs: number
}

/** One request to one target: its record in the trail, and what the target's state learns of it. */
export class Trial {
  readonly target: PlanTarget
  readonly record: AttemptRecord
  readonly #startedAt = performance.now()
  readonly #isProbe: boolean
  #answeredAt = 0
  #hasBroken = false

  constructor(target: PlanTarget, { trail }: Call, { reason, waitedMs }: How) {
    this.target = target
    this.record = {
      route: target.route,
      target: target.name,
      model: target.model,
      ...(target.price && { price: target.price }),
      reason,
      startedMs: this.#startedAt - trail.startedAt,
      waitedMs,
      ...(trail.trace && { spanId: newSpanId() }),
    }
    trail.attempts.push(this.record)
    this.#isProbe = target.state.begin(this.#startedAt)
  }

  /** Its first content, or a whole answer, is there. */
  answered(): void {
    const now = performance.now()
    const { state, settings } = this.target
    this.#answeredAt = now
    this.record.tookMs = now - this.#startedAt
    this.record.outcome = 'ok'
    state.succeed(now, { tookMs: this.record.tookMs, breaker: settings.breaker })
  }

  /** There is no answer. */
  failed(error: GatewayError): void {
    const now = performance.now()
    const { state, settings } = this.target
    this.record.tookMs = now - this.#startedAt
    this.#tell(error)
    state.fail(now, error, { breaker: settings.breaker, isProbe: this.#isProbe })
  }

  /** Its stream broke off; the answer may go on elsewhere. */
  broke(error: GatewayError): void {
    const { state, settings } = this.target
    this.#hasBroken = true
    this.#tell(error)
    state.breakOff(performance.now(), error, settings.breaker)
  }

  /** The answer has ended. `isOutOfTime`: because the request's time was up, which is no fault of the target's. */
  finished({ usage, error }: Finish, { isStream, isOutOfTime }: Ending): void {
    const { state, settings } = this.target
    const isBlamed = error !== undefined && !this.#hasBroken && !isOutOfTime
    const finish: Finish = { ...(usage && { usage }), ...(isBlamed && { error }) }
    const answeredAt = this.#answeredAt
    state.finish(performance.now(), { finish, answeredAt, breaker: settings.breaker, isStream })
    if (error) this.#tell(error)
  }

  #tell(error: GatewayError): void {
    this.record.outcome = error.kind
    this.record.message = error.message
  }
}

interface Ending {
  isStream: boolean
  isOutOfTime: boolean
}
