import type { BreakerSettings } from '../../core/plan-settings.ts'
import { SlidingCount } from './sliding-count.ts'

export type BreakerState = 'closed' | 'open' | 'half-open'

/** Told of every change, so that other workers learn of it. `untilMs` counts from now. */
export type BreakerListener = (state: 'open' | 'closed', untilMs: number) => void

/**
 * Keeps requests away from a target that fails. Open for the cooldown, then one request may try (half-open): its success
 * closes the breaker, its failure opens it again. Times are of the monotonic clock, in milliseconds.
 */
export class Breaker {
  readonly #listener: BreakerListener
  #failures: SlidingCount | undefined
  #tries: SlidingCount | undefined
  /** 0: closed. */
  #openUntil = 0
  #isProbing = false

  constructor(listener: BreakerListener = () => undefined) {
    this.#listener = listener
  }

  state(now: number): BreakerState {
    if (this.#openUntil === 0) return 'closed'
    return now < this.#openUntil ? 'open' : 'half-open'
  }

  /** How long until a request may try; 0 when one may. */
  remainingMs(now: number): number {
    return Math.max(this.#openUntil - now, 0)
  }

  /** Whether a request may go now. */
  isPassable(now: number): boolean {
    return this.#openUntil === 0 || (now >= this.#openUntil && !this.#isProbing)
  }

  /** A request goes. Whether it is the one that tries a half-open breaker. */
  enter(now: number): boolean {
    if (this.#openUntil === 0 || !this.isPassable(now)) return false
    this.#isProbing = true
    return true
  }

  succeed(now: number, { windowMs }: BreakerSettings): void {
    this.#tries ??= new SlidingCount(windowMs)
    this.#tries.add(now)
    if (this.#openUntil === 0) return
    this.close()
    this.#listener('closed', 0)
  }

  fail(now: number, settings: BreakerSettings): void {
    this.#tries ??= new SlidingCount(settings.windowMs)
    this.#tries.add(now)
    this.breakOff(now, settings)
  }

  /** A request that had succeeded fails after all: one more failure, but not one more try. */
  breakOff(now: number, settings: BreakerSettings): void {
    const { failures, windowMs, share, cooldownMs } = settings
    this.#failures ??= new SlidingCount(windowMs)
    this.#tries ??= new SlidingCount(windowMs)
    this.#failures.add(now)
    const failed = this.#failures.total(now)
    const isBad = failed >= failures && failed >= share * this.#tries.total(now)
    const failedAgain = this.#isProbing || this.state(now) === 'half-open'
    if (isBad || failedAgain) this.trip(now, cooldownMs)
  }

  /** Open at once: there is no point in counting (a refused credential). */
  trip(now: number, cooldownMs: number): void {
    const wasOpen = this.state(now) === 'open'
    this.openUntil(now + cooldownMs)
    if (!wasOpen) this.#listener('open', cooldownMs)
  }

  /** The one that tried came to no end that says anything: another may. */
  abandon(): void {
    this.#isProbing = false
  }

  /** As another worker found it. */
  openUntil(until: number): void {
    this.#openUntil = Math.max(until, 1)
    this.#isProbing = false
  }

  close(): void {
    this.#openUntil = 0
    this.#isProbing = false
    this.#failures = undefined
    this.#tries = undefined
  }
}
