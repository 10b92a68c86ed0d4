import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { makeCall } from '../../../test/support/call.ts'
import {
  BREAKER,
  leave,
  makeGroup,
  makePlan,
  spoil,
  Stage,
  type Act,
  type Seen,
} from '../../../test/support/plan.ts'
import type { Call } from '../../core/call.ts'
import { Cancellation } from '../../core/cancel.ts'
import { toGatewayError, type ErrorKind } from '../../core/error.ts'
import type { PlanSettings } from '../../core/plan-settings.ts'
import { Trail, type AttemptRecord } from '../../core/trail.ts'
import { FALLBACK_KINDS } from './next-step.ts'
import { isTarget, targetsOf, type Branch, type Fallback, type Group, type Plan } from './plan.ts'
import { pursue } from './pursue.ts'
import { RetryBudget } from './retry-budget.ts'
import { STRATEGIES } from './strategies/index.ts'

const RUNS = 500

/** What ends a route's own attempts, whoever is left. */
const LAST: readonly ErrorKind[] = [
  'bad_request',
  'not_found',
  'method_not_allowed',
  'too_large',
  'context_window',
  'content_policy',
  'draining',
  'busy',
  'internal',
]
const KINDS: readonly ErrorKind[] = [
  ...LAST,
  'model_not_found',
  'auth',
  'rate_limit',
  'overloaded',
  'server_error',
  'timeout',
  'connect',
  'bad_response',
  'truncated',
]

/** What providers say, and what of it is worth a wait: in milliseconds. */
const RETRY_AFTER: Readonly<Record<string, number | undefined>> = {
  '0': 0,
  '0.25': 250,
  '3': 3000,
  '10': 10_000,
  '11': Infinity,
  '3600': Infinity,
  '-5': undefined,
  soon: undefined,
}

const ms = (max: number): fc.Arbitrary<number> => fc.integer({ min: 0, max })
const rarely = <Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Value | undefined> =>
  fc.option(value, { nil: undefined, freq: 3 })

const anyAct: fc.Arbitrary<Act> = fc.record(
  {
    result: fc.oneof(
      { weight: 2, arbitrary: fc.constant<Act['result']>('ok') },
      { weight: 1, arbitrary: fc.constant<Act['result']>('silence') },
      { weight: 8, arbitrary: fc.constantFrom<Act['result']>(...KINDS) },
    ),
    afterMs: fc.oneof(fc.constant(0), ms(5000)),
    retryAfter: fc.constantFrom(...Object.keys(RETRY_AFTER)),
    streamMs: fc.oneof(fc.constant(0), ms(20_000)),
    breaksWith: fc.constantFrom<ErrorKind>('truncated', 'overloaded', 'content_policy'),
  },
  { requiredKeys: ['result', 'afterMs', 'streamMs'] },
)

const anySettings: fc.Arbitrary<PlanSettings> = fc.record(
  {
    retries: fc.record({
      max: fc.integer({ min: 0, max: 4 }),
      initialMs: ms(1000),
      maxMs: ms(3000),
      respectRetryAfter: fc.boolean(),
      resumesStreams: fc.constant(false),
    }),
    timeout: fc.record(
      { totalMs: fc.integer({ min: 1, max: 40_000 }), firstTokenMs: ms(4000) },
      { requiredKeys: ['totalMs'] },
    ),
    breaker: fc.constant({ ...BREAKER, failures: 2, cooldownMs: 3000 }),
    hedge: fc.record({ afterMs: ms(3000), budget: fc.constantFrom(0, 0.05, 1) }),
  },
  { requiredKeys: ['retries', 'timeout'] },
)

const anyTarget = fc.record({
  acts: fc.array(anyAct, { minLength: 1, maxLength: 4 }),
  weight: fc.constantFrom(0, 1, 1, 2, 5),
  settings: anySettings,
  health: rarely(fc.oneof(fc.record({ openMs: ms(5000) }), fc.record({ coolMs: ms(5000) }))),
})
type TargetSpec = typeof anyTarget extends fc.Arbitrary<infer Value> ? Value : never

const anyGroup = fc.record({
  strategy: fc.constantFrom(...STRATEGIES),
  /** Those of an inner list are the keys of one, or another route's. */
  targets: fc.array(fc.array(anyTarget, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 3 }),
})
type GroupSpec = typeof anyGroup extends fc.Arbitrary<infer Value> ? Value : never

const anyCase = fc.record({
  group: anyGroup,
  settings: anySettings,
  fallbacks: fc.array(fc.record({ group: anyGroup, on: fc.subarray([...FALLBACK_KINDS]) }), { maxLength: 3 }),
  /** In thousandths. */
  randoms: fc.array(fc.integer({ min: 0, max: 999 }), { minLength: 1, maxLength: 5 }),
  calls: fc.array(
    fc.record({
      startMs: fc.oneof(fc.constant(0), ms(5000)),
      leaveAfterMs: rarely(fc.integer({ min: 1, max: 20_000 })),
      isRaw: fc.constantFrom(false, false, false, true),
      session: fc.boolean(),
    }),
    { minLength: 1, maxLength: 4 },
  ),
})
type Case = typeof anyCase extends fc.Arbitrary<infer Value> ? Value : never

/** A call on its way, and what came of it. */
interface Watched {
  call: Call & { signal: Cancellation }
  leaveAfterMs: number
  end?: { kind: 'ok' | ErrorKind; atMs: number }
}

const nextTick = setImmediate
const chat = makeCall('{"messages":[{"role":"user","content":"hi"}]}')
const session = makeCall('{"messages":[{"role":"user","content":"hi"}]}', {
  headers: { 'x-session-id': 's' },
})
const raw = {
  operation: 'raw',
  method: 'POST',
  path: '/',
  headers: {},
  passThrough: () => undefined,
  parameterName: (name: string) => name,
} as const

const unhandled: unknown[] = []
const onUnhandled = (reason: unknown): void => {
  unhandled.push(reason)
}
beforeAll(() => {
  process.on('unhandledRejection', onUnhandled)
})
afterAll(() => {
  process.off('unhandledRejection', onUnhandled)
})
afterEach(() => {
  vi.useRealTimers()
})

/** Until nothing more happens at this moment. */
function atRest(): Promise<void> {
  return new Promise((resolve) => {
    nextTick(resolve)
  })
}

class Play {
  readonly stage = new Stage()
  readonly #random: () => number
  readonly plan: Plan
  readonly watched: Watched[] = []
  #names = 0

  constructor({ group, settings, fallbacks, randoms }: Case) {
    let index = 0
    this.#random = (): number => (randoms[index++ % randoms.length] ?? 0) / 1000
    this.plan = {
      ...makePlan({ settings }),
      group: this.#group(group, 'r'),
      fallbacks: fallbacks.map(({ on, group: other }, number): Fallback => {
        const route = `f${number}`
        return { on: new Set(on), plan: { ...makePlan({ route }), group: this.#group(other, route) } }
      }),
    }
  }

  async run(calls: Case['calls']): Promise<void> {
    const next = pursue(this.plan, { budget: new RetryBudget(), random: this.#random })
    for (const [index, { startMs, leaveAfterMs = Infinity, isRaw, session: hasSession }] of calls.entries()) {
      setTimeout(() => {
        const base = hasSession ? session : chat
        const request = isRaw ? raw : base.request
        const call = { ...base, request, id: String(index), signal: new Cancellation(), trail: new Trail() }
        const watched: Watched = { call, leaveAfterMs }
        this.watched.push(watched)
        if (leaveAfterMs !== Infinity) setTimeout(() => leave(call.signal), leaveAfterMs)
        const end = (kind: 'ok' | ErrorKind): void => {
          watched.end = { kind, atMs: performance.now() - call.trail.startedAt }
        }
        next(call).then(
          () => end('ok'),
          (error: unknown) => end(toGatewayError(error).kind),
        )
      }, startMs)
    }
    while (vi.getTimerCount() > 0) {
      vi.advanceTimersToNextTimer()
      await atRest()
    }
  }

  #group({ strategy, targets }: GroupSpec, route: string): Group {
    const branches = targets.map((several): Branch => {
      const inner = several.map((spec) => this.#target(spec, route))
      const [only] = inner
      if (only && inner.length === 1) return only
      return { weight: 1, inside: makeGroup({ targets: inner, strategy: 'weighted' }) }
    })
    return makeGroup({ targets: branches, strategy, random: this.#random })
  }

  #target({ acts, weight, settings, health }: TargetSpec, route: string): Branch {
    const inside = this.stage.target(`t${this.#names++}`, acts, { route, settings })
    if (health) spoil(inside, health)
    return { weight, inside }
  }
}

/** The attempts on the route's own targets, but for the second ones of races. */
function ownOf({ call }: Watched): AttemptRecord[] {
  return call.trail.attempts.filter(({ reason }) => reason !== 'hedge' && reason !== 'fallback')
}

function checkAttempts(watched: Watched, seen: readonly Seen[], { settings, fallbacks }: Plan): void {
  const { attempts } = watched.call.trail
  expect(attempts.map(({ target }) => target)).toEqual(seen.map(({ target }) => target))
  expect(attempts.every(({ outcome }) => outcome !== undefined)).toBe(true)
  const own = ownOf(watched)
  const more = attempts.filter(({ reason }) => reason === 'fallback').map(({ route }) => route)
  const hedges = attempts.filter(({ reason }) => reason === 'hedge')
  const isRaw = watched.call.request.operation === 'raw'
  expect(own.length).toBeLessThanOrEqual(isRaw ? 1 : 1 + settings.retries.max)
  expect(hedges.length).toBeLessThanOrEqual(settings.hedge && !isRaw ? own.length : 0)
  expect(more.length).toBeLessThanOrEqual(isRaw ? 0 : fallbacks.length)
  expect(new Set(more).size).toBe(more.length)
  expect(watched.call.trail.fallbacks).toBe(more.length)
  const fatal = own.findIndex(({ outcome }) => LAST.some((kind) => kind === outcome))
  if (fatal !== -1) expect(own).toHaveLength(fatal + 1)
  const dead = new Set<string>()
  for (const { target, outcome } of attempts) {
    expect(dead).not.toContain(target)
    if (outcome === 'auth' || outcome === 'model_not_found') dead.add(target)
  }
}

function checkWaits(watched: Watched, seen: readonly Seen[], { settings: { retries } }: Plan): void {
  const { trail } = watched.call
  let repetition = 0
  let waitedMs = 0
  for (const [index, attempt] of trail.attempts.entries()) {
    // Timers know no fractions.
    waitedMs += Math.floor(attempt.waitedMs)
    if (attempt.reason !== 'retry') {
      expect(attempt.waitedMs).toBe(0)
      continue
    }
    const earlier = seen.slice(0, index).findLast(({ target }) => target === attempt.target)
    const before = trail.attempts.slice(0, index).findLast(({ target }) => target === attempt.target)
    if (!earlier || !before) throw new Error('a repetition of nothing')
    // A provider whose time was up has said nothing.
    const said = before.message?.startsWith('The provider did not give') ? undefined : earlier.act.retryAfter
    const asked = retries.respectRetryAfter && said !== undefined ? RETRY_AFTER[said] : undefined
    const mostMs = Math.min(retries.initialMs * 2 ** repetition++, retries.maxMs)
    if (asked === undefined) expect(attempt.waitedMs).toBeLessThanOrEqual(mostMs)
    else {
      expect(attempt.waitedMs).toBeGreaterThanOrEqual(asked)
      expect(attempt.waitedMs).toBeLessThanOrEqual(1.25 * asked)
    }
    expect(attempt.startedMs).toBeGreaterThanOrEqual(
      before.startedMs + (before.tookMs ?? 0) + Math.floor(attempt.waitedMs),
    )
  }
  expect(trail.waitedMs).toBeGreaterThanOrEqual(waitedMs)
}

function checkEnd(watched: Watched, { settings, group, fallbacks }: Plan): void {
  const { end, call, leaveAfterMs } = watched
  if (!end) throw new Error('a call that never ends')
  const latestMs = Math.min(settings.timeout.totalMs, leaveAfterMs)
  expect(end.atMs).toBeLessThanOrEqual(latestMs)
  const { attempts } = call.trail
  // Who loses a race ends with it, and only who has lost one is canceled.
  for (const { startedMs, tookMs = 0 } of attempts) {
    expect(startedMs).toBeLessThanOrEqual(end.atMs)
    expect(startedMs + tookMs).toBeLessThanOrEqual(end.atMs + 1e-6)
  }
  const countOf = (mark: string): number =>
    attempts.filter(({ reason, outcome }) => reason === mark || outcome === mark).length
  if (leaveAfterMs === Infinity) expect(countOf('canceled')).toBeLessThanOrEqual(countOf('hedge'))
  const answers = attempts.filter(
    ({ startedMs, tookMs = 0, outcome }) => outcome === 'ok' && startedMs + tookMs <= end.atMs,
  )
  if (end.kind !== 'ok') expect(answers).toEqual([])
  const own = ownOf(watched).at(-1)
  if (end.kind === 'ok' || end.atMs === latestMs) return
  const isForNobody = own === undefined
  if (isForNobody) {
    const all = [group, ...fallbacks.map(({ plan }) => plan.group)].flatMap((one) => one.branches)
    expect(end.kind).toBe('bad_request')
    expect(all.some((branch) => isDrained(branch))).toBe(true)
  } else expect(end.kind).toBe(own.outcome)
}

function isDrained({ weight, inside }: Branch): boolean {
  return weight === 0 || (!isTarget(inside) && inside.branches.every((branch) => isDrained(branch)))
}

test('whatever providers and clients do, the planner keeps to its attempts, its deadline and its waits, and leaves nothing behind', async () => {
  let attempts = 0
  await fc.assert(
    fc.asyncProperty(anyCase, async (one) => {
      vi.useFakeTimers()
      const play = new Play(one)
      await play.run(one.calls)
      const { plan, stage, watched } = play
      attempts += stage.ledger.length
      expect(watched).toHaveLength(one.calls.length)
      for (const each of watched) {
        const seen = stage.ledger.filter(({ id }) => id === each.call.id)
        checkAttempts(each, seen, plan)
        checkWaits(each, seen, plan)
        checkEnd(each, plan)
      }
      const groups = [plan.group, ...plan.fallbacks.map(({ plan: other }) => other.group)]
      for (const { state } of groups.flatMap((group) => targetsOf(group))) {
        expect(state.inFlight).toBe(0)
        // Nobody holds the one try of a half-open breaker for ever.
        expect(state.isAvailable(performance.now() + 1e9)).toBe(true)
      }
    }),
    { numRuns: RUNS },
  )
  expect(attempts).toBeGreaterThan(RUNS)
  vi.useRealTimers()
  await atRest()
  expect(unhandled).toEqual([])
})
