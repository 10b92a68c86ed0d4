import type { Cancellation, CancelSignal } from '../../src/core/cancel.ts'
import { GatewayError, toGatewayError, type ErrorKind } from '../../src/core/error.ts'
import type { PlanSettings, RetrySettings } from '../../src/core/plan-settings.ts'
import type { Next } from '../../src/core/policy.ts'
import type { Finish, Reply } from '../../src/core/reply.ts'
import type { RouteInfo } from '../../src/core/route.ts'
import { FALLBACK_KINDS } from '../../src/gateway/plan/next-step.ts'
import type { Branch, Fallback, Group, Plan, PlanTarget } from '../../src/gateway/plan/plan.ts'
import { createStrategy, type StrategyName } from '../../src/gateway/plan/strategies/index.ts'
import { TargetState } from '../../src/gateway/plan/target-state.ts'
import type { Route } from '../../src/gateway/runtime.ts'

export const BREAKER = { failures: 5, windowMs: 30_000, share: 0.5, cooldownMs: 30_000 }

export const RETRIES: RetrySettings = {
  max: 2,
  initialMs: 250,
  maxMs: 4000,
  respectRetryAfter: true,
  resumesStreams: false,
}

/** What a route has without a word about it in its file, but for what a test changes. */
export function makeSettings(changes: Partial<PlanSettings> = {}): PlanSettings {
  return { retries: RETRIES, timeout: { totalMs: 300_000 }, breaker: BREAKER, ...changes }
}

/** A target that answers with its own name, or does what it is told. */
export function makeTarget(name: string, changes: Partial<PlanTarget> = {}): PlanTarget {
  return {
    name,
    route: 'r',
    model: { name: 'm', provider: 'p' },
    price: undefined,
    state: new TargetState(name, () => undefined),
    settings: makeSettings(),
    run: () => Promise.resolve(makeReply(name)),
    ...changes,
  }
}

export function makeReply(text: string, finished: Promise<Finish> = Promise.resolve({})): Reply {
  return { body: { type: 'whole', text }, dropped: [], finished }
}

export function makeFailure(kind: ErrorKind, retryAfter?: string): GatewayError {
  const status = kind === 'rate_limit' ? 429 : 502
  return new GatewayError(`It failed: ${kind}.`, {
    kind,
    status,
    ...(retryAfter === undefined ? {} : { retryAfter }),
  })
}

/** What a target does with one request: it keeps to the signal, as providers do. */
export interface Act {
  /** `silence`: nothing ever comes. */
  readonly result: 'ok' | 'silence' | ErrorKind
  /** Until the failure, or the first content. */
  readonly afterMs?: number
  readonly retryAfter?: string
  /** How long the stream behind the first content is; 0 when it came whole. */
  readonly streamMs?: number
  /** How that stream ends; well, unless it is told. */
  readonly breaksWith?: ErrorKind
}

/** One request that a target has got, and what it does with it. */
export interface Seen {
  /** Of the call. */
  readonly id: string
  readonly target: string
  readonly act: Act
  readonly atMs: number
  readonly signal: CancelSignal
}

/** Targets that act as they are told, and the ledger of what they were asked. */
export class Stage {
  readonly ledger: Seen[] = []

  /** Its acts in their order; the last one is for all further requests. */
  target(
    name: string,
    acts: readonly (Act | Act['result'])[],
    changes: Partial<PlanTarget> = {},
  ): PlanTarget {
    let index = 0
    return makeTarget(name, {
      run: async ({ id, signal }) => {
        const told = acts[Math.min(index++, acts.length - 1)] ?? 'ok'
        const act = typeof told === 'string' ? { result: told } : told
        this.ledger.push({ id, target: name, act, atMs: performance.now(), signal })
        return perform(act, { name, signal })
      },
      ...changes,
    })
  }

  /** Who was asked, in order. */
  get asked(): string[] {
    return this.ledger.map(({ target }) => target)
  }
}

async function perform(act: Act, { name, signal }: { name: string; signal: CancelSignal }): Promise<Reply> {
  const { result, afterMs = 0, retryAfter, streamMs = 0 } = act
  await elapse(result === 'silence' ? Infinity : afterMs, signal)
  if (result === 'silence') throw new Error('silence has no end')
  if (result !== 'ok') throw makeFailure(result, retryAfter)
  if (streamMs === 0) return makeReply(name)
  return makeReply(
    name,
    elapse(streamMs, signal).then(
      () => (act.breaksWith === undefined ? {} : { error: makeFailure(act.breaksWith) }),
      (error: unknown) => ({ error: toGatewayError(error) }),
    ),
  )
}

/** Lets time pass until the signal is aborted: then it fails with the signal's reason. */
function elapse(ms: number, signal: CancelSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      clearTimeout(timer)
      reject(toGatewayError(signal.reason))
    }
    const timer = setTimeout(
      () => {
        signal.removeEventListener('abort', onAbort)
        resolve()
      },
      Math.min(ms, 2 ** 30),
    )
    if (signal.aborted) onAbort()
    else if (ms === 0) {
      clearTimeout(timer)
      resolve()
    } else signal.addEventListener('abort', onAbort)
  })
}

export interface GroupParts {
  targets?: readonly (PlanTarget | Branch)[]
  strategy?: StrategyName
  random?: () => number
}

/** A group of targets of weight 1, or of branches as they are. */
export function makeGroup({
  targets = [makeTarget('a')],
  strategy = 'priority',
  random = Math.random,
}: GroupParts = {}): Group {
  const branches = targets.map((one) => ('inside' in one ? one : { weight: 1, inside: one }))
  return { strategy: createStrategy(strategy, { phase: 0, random }), branches }
}

export interface PlanParts extends GroupParts, Partial<Omit<Plan, 'group'>> {}

/** A plan over targets of weight 1, or branches as they are. */
export function makePlan({ targets, strategy, random, ...rest }: PlanParts = {}): Plan {
  const group = makeGroup({
    ...(targets && { targets }),
    ...(strategy && { strategy }),
    ...(random && { random }),
  })
  return { route: 'r', group, fallbacks: [], settings: makeSettings(), ...rest }
}

/** A fallback to this target alone, for every class of failures unless told. */
export function makeFallback(target: PlanTarget, on: readonly ErrorKind[] = FALLBACK_KINDS): Fallback {
  return { on: new Set(on), plan: makePlan({ route: target.name, targets: [target] }) }
}

/** Opens a target's breaker, or lets it be spared for so long. */
export function spoil(target: PlanTarget, how: { openMs?: number; coolMs?: number }): PlanTarget {
  const { state } = target
  const now = performance.now()
  if (how.openMs !== undefined) state.breaker.openUntil(now + how.openMs)
  if (how.coolMs !== undefined) {
    state.begin(now)
    state.fail(now, makeFailure('rate_limit', String(how.coolMs / 1000)), {
      breaker: BREAKER,
      isProbe: false,
    })
  }
  return target
}

/** The reason for which a client that leaves aborts. */
export function leave(signal: Cancellation): void {
  signal.abort(new GatewayError('The client left.', { kind: 'canceled', status: 499 }))
}

/** A route of which only the name and what it does matter. */
export function makeRoute(info: RouteInfo, run: Next, close: Route['close'] = async () => undefined): Route {
  return { info, plan: makePlan(), run, close }
}
