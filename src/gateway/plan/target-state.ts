import type { ErrorKind, GatewayError } from '../../core/error.ts'
import type { BreakerSettings } from '../../core/plan-settings.ts'
import type { Finish } from '../../core/reply.ts'
import { retryAfterMs } from './backoff.ts'
import { Breaker } from './breaker.ts'
import { PeakEwma } from './peak-ewma.ts'

/** Without a hint a target that said "too many" is spared for this long, and never longer than the other. */
const COOL_MS = 1_000
const LONGEST_COOL_MS = 60_000

/** What a worker knows of one target with one key. It outlives a reload of the configuration. */
export class TargetState {
  readonly key: string
  readonly breaker: Breaker
  readonly firstContentMs: PeakEwma = new PeakEwma()
  /** Milliseconds per token of answers that were long enough to tell. */
  readonly tokenMs: PeakEwma = new PeakEwma()
  inFlight = 0
  requests = 0
  failures = 0
  inputTokens = 0
  cacheReadTokens = 0
  #coolUntil = 0
  /** When it said so. */
  #cooledAt = 0

  constructor(key: string, listener: StateListener) {
    this.key = key
    this.breaker = new Breaker((state, untilMs) => listener(key, state, untilMs))
  }

  /** How long the target is to be spared because it has too much to do. */
  coolingMs(now: number): number {
    return Math.max(this.#coolUntil - now, 0)
  }

  isAvailable(now: number): boolean {
    return now >= this.#coolUntil && this.breaker.isPassable(now)
  }

  /** How bad a choice it is while unavailable: the time until it is not. */
  badnessMs(now: number): number {
    return Math.max(this.coolingMs(now), this.breaker.remainingMs(now))
  }

  /** A request goes. Whether it is the one that tries a half-open breaker. */
  begin(now: number): boolean {
    this.inFlight++
    this.requests++
    return this.breaker.enter(now)
  }

  /** The first content, or a whole answer, is there. */
  succeed(now: number, { tookMs, breaker }: { tookMs: number; breaker: BreakerSettings | undefined }): void {
    this.firstContentMs.add(tookMs, now)
    // What had been taken before says nothing about now.
    if (now - tookMs >= this.#cooledAt) this.#coolUntil = 0
    if (breaker) this.breaker.succeed(now, breaker)
    else this.breaker.close()
  }

  /** Its stream broke off, though the answer goes on elsewhere. */
  breakOff(now: number, { kind }: GatewayError, breaker: BreakerSettings | undefined): void {
    this.failures++
    if (breaker && TARGETS_FAULT.has(kind)) this.breaker.fail(now, breaker)
  }

  /** The answer has ended, well or not. */
  finish(now: number, { finish, answeredAt, breaker, isStream }: Ending): void {
    const { usage, error } = finish
    this.inFlight--
    if (error && breaker && TARGETS_FAULT.has(error.kind)) {
      this.failures++
      this.breaker.breakOff(now, breaker)
    }
    this.inputTokens += usage?.inputTokens ?? 0
    this.cacheReadTokens += usage?.cacheReadTokens ?? 0
    const tokens = usage?.outputTokens ?? 0
    if (isStream && tokens >= ENOUGH_TOKENS && now > answeredAt)
      this.tokenMs.add((now - answeredAt) / tokens, now)
  }

  /** There is no answer. */
  fail(now: number, error: GatewayError, { breaker, isProbe }: Asked): void {
    const { kind } = error
    this.inFlight--
    if (isProbe) this.breaker.abandon()
    if (SAYS_NOTHING.has(kind)) return
    this.failures++
    if (kind === 'rate_limit') {
      const asked = retryAfterMs(error.retryAfter, Date.now()) ?? COOL_MS
      this.#coolUntil = now + Math.min(asked, LONGEST_COOL_MS)
      this.#cooledAt = now
    } else if (!breaker) {
      // One that an earlier configuration had must not stay half-open for ever.
      this.breaker.close()
    } else if (kind === 'auth') this.breaker.trip(now, breaker.cooldownMs)
    else if (TARGETS_FAULT.has(kind)) this.breaker.fail(now, breaker)
    // The provider is there and has looked at the request.
    else this.breaker.succeed(now, breaker)
  }
}

interface Asked {
  breaker: BreakerSettings | undefined
  /** What `begin` said. */
  isProbe: boolean
}

interface Ending {
  finish: Finish
  /** When its first content was there. */
  answeredAt: number
  breaker: BreakerSettings | undefined
  /** Only a stream's tokens come one after the other. */
  isStream: boolean
}

/** Fewer tokens than this say nothing about speed. */
const ENOUGH_TOKENS = 20

/** Failures that are none of the target's, and do not show that it is well either. */
const SAYS_NOTHING: ReadonlySet<ErrorKind> = new Set<ErrorKind>(['canceled', 'draining', 'busy', 'internal'])

/** Failures that say something about the target. */
const TARGETS_FAULT: ReadonlySet<ErrorKind> = new Set<ErrorKind>([
  'connect',
  'timeout',
  'server_error',
  'overloaded',
  'bad_response',
  'truncated',
])

export type StateListener = (key: string, state: 'open' | 'closed', untilMs: number) => void

/** The states of a worker's targets, by key. */
export class TargetStates {
  readonly #states = new Map<string, TargetState>()
  /** Called when a breaker changes here. */
  listener: StateListener = () => undefined

  of(key: string): TargetState {
    const known = this.#states.get(key)
    if (known) return known
    const state = new TargetState(key, (...change) => this.listener(...change))
    this.#states.set(key, state)
    return state
  }

  /** What another worker found. */
  apply({ key, state, untilMs }: { key: string; state: 'open' | 'closed'; untilMs: number }): void {
    const { breaker } = this.of(key)
    if (state === 'closed') breaker.close()
    else breaker.openUntil(performance.now() + untilMs)
  }

  /** Forget what no configuration names any more. */
  keepOnly(keys: ReadonlySet<string>): void {
    for (const [key, { inFlight }] of this.#states) {
      if (!keys.has(key) && inFlight === 0) this.#states.delete(key)
    }
  }
}
