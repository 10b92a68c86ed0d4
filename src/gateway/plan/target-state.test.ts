import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { BREAKER, makeFailure } from '../../../test/support/plan.ts'
import type { ErrorKind } from '../../core/error.ts'
import { TargetState, TargetStates, type StateListener } from './target-state.ts'

const OF_A_REQUEST = { breaker: BREAKER, isProbe: false }

let state: TargetState

beforeEach(() => {
  vi.useFakeTimers({ now: Date.UTC(2026, 0, 1) })
  state = new TargetState('a', () => undefined)
})
afterEach(() => {
  vi.useRealTimers()
})

function fail(kind: ErrorKind, { now = 0, retryAfter }: { now?: number; retryAfter?: string } = {}): void {
  const isProbe = state.begin(now)
  state.fail(now, makeFailure(kind, retryAfter), { breaker: BREAKER, isProbe })
}

function succeed(now: number, tookMs = 0): void {
  state.begin(now - tookMs)
  state.succeed(now, { tookMs, breaker: BREAKER })
  state.finish(now, { finish: {}, answeredAt: now, breaker: BREAKER, isStream: true })
}

describe('the count of what is under way', () => {
  test('goes up with a request and down with its end, whichever it is', () => {
    state.begin(0)
    state.begin(0)
    state.begin(0)
    expect(state.inFlight).toBe(3)
    state.fail(0, makeFailure('server_error'), OF_A_REQUEST)
    state.fail(0, makeFailure('canceled'), OF_A_REQUEST)
    state.succeed(0, { tookMs: 1, breaker: BREAKER })
    expect(state.inFlight).toBe(1)
    state.finish(5, { finish: {}, answeredAt: 0, breaker: BREAKER, isStream: true })
    expect(state).toMatchObject({ inFlight: 0, requests: 3, failures: 1 })
  })
})

describe("a target's breaker", () => {
  test.each(['connect', 'timeout', 'server_error', 'overloaded', 'bad_response', 'truncated'] as const)(
    'is opened by many of %s',
    (kind) => {
      for (let index = 0; index < BREAKER.failures; index++) fail(kind)
      expect(state.isAvailable(0)).toBe(false)
    },
  )

  test.each(['bad_request', 'context_window', 'content_policy', 'not_found', 'canceled', 'busy'] as const)(
    'is not opened by any number of %s',
    (kind) => {
      for (let index = 0; index < 50; index++) fail(kind)
      expect(state.isAvailable(0)).toBe(true)
    },
  )

  test('is opened by one refused key', () => {
    fail('auth')
    expect(state.isAvailable(0)).toBe(false)
    expect(state.badnessMs(0)).toBe(BREAKER.cooldownMs)
  })

  test.each([
    ['bad_request', 'closed'],
    ['content_policy', 'closed'],
    ['rate_limit', 'half-open'],
    ['canceled', 'half-open'],
    ['busy', 'half-open'],
    ['internal', 'half-open'],
    ['draining', 'half-open'],
    ['server_error', 'open'],
    ['auth', 'open'],
  ] as const)('whose one try ends with %s is %s', (kind, expected) => {
    fail('auth')
    fail(kind, { now: BREAKER.cooldownMs })
    expect(state.breaker.state(BREAKER.cooldownMs)).toBe(expected)
    // Whoever tried, another may when it is time.
    expect(state.breaker.isPassable(BREAKER.cooldownMs * 2)).toBe(true)
  })

  test('lets no second one try because a request from before it opened was canceled', () => {
    state.begin(0)
    fail('auth')
    expect(state.begin(BREAKER.cooldownMs)).toBe(true)
    state.fail(BREAKER.cooldownMs, makeFailure('canceled'), OF_A_REQUEST)
    expect(state.isAvailable(BREAKER.cooldownMs)).toBe(false)
  })

  test('counts a stream that breaks off', () => {
    for (let index = 0; index < BREAKER.failures; index++) {
      state.begin(0)
      state.succeed(0, { tookMs: 1, breaker: { ...BREAKER, share: 1 } })
      state.finish(0, {
        finish: { error: makeFailure('truncated') },
        answeredAt: 0,
        breaker: { ...BREAKER, share: 1 },
        isStream: true,
      })
    }
    expect(state.isAvailable(0)).toBe(false)
    expect(state).toMatchObject({ inFlight: 0, failures: BREAKER.failures })
  })

  test.each(['canceled', 'content_policy'] as const)('does not count a stream that ends with %s', (kind) => {
    for (let index = 0; index < 20; index++) {
      state.begin(0)
      state.succeed(0, { tookMs: 1, breaker: BREAKER })
      state.finish(0, {
        finish: { error: makeFailure(kind) },
        answeredAt: 0,
        breaker: BREAKER,
        isStream: true,
      })
    }
    expect(state.isAvailable(0)).toBe(true)
  })

  test.each(['server_error', 'ok'] as const)(
    'that a new configuration has taken away keeps nobody out after the next %s',
    (end) => {
      fail('auth')
      const now = BREAKER.cooldownMs
      const isProbe = state.begin(now)
      if (end === 'ok') {
        state.succeed(now, { tookMs: 0, breaker: undefined })
        state.finish(now, { finish: {}, answeredAt: now, breaker: undefined, isStream: true })
      } else state.fail(now, makeFailure(end), { breaker: undefined, isProbe })
      expect(state.isAvailable(now)).toBe(true)
    },
  )
})

describe('a target that has too much to do', () => {
  test.each([
    [undefined, 1000],
    ['nonsense', 1000],
    ['5', 5000],
    ['0.5', 500],
    ['3600', 60_000],
    ['Thu, 01 Jan 2026 00:00:07 GMT', 7000],
  ])('and says %s is spared for %i ms', (retryAfter, ms) => {
    fail('rate_limit', retryAfter === undefined ? {} : { retryAfter })
    expect(state.coolingMs(0)).toBe(ms)
    expect(state.isAvailable(ms - 1)).toBe(false)
    expect(state.isAvailable(ms)).toBe(true)
  })

  test('is no longer spared when it answers', () => {
    fail('rate_limit', { retryAfter: '30' })
    succeed(100, 50)
    expect(state.isAvailable(100)).toBe(true)
  })

  test('is still spared when what it had taken before is answered', () => {
    state.begin(0)
    fail('rate_limit', { now: 100, retryAfter: '30' })
    state.succeed(200, { tookMs: 200, breaker: BREAKER })
    expect(state.coolingMs(200)).toBe(29_900)
  })
})

describe('the measures of a target', () => {
  test('are the time to the first content, and the time of a token of long answers', () => {
    state.begin(0)
    state.succeed(300, { tookMs: 300, breaker: BREAKER })
    const usage = { inputTokens: 50, outputTokens: 100, cacheReadTokens: 40 }
    state.finish(2300, { finish: { usage }, answeredAt: 300, breaker: BREAKER, isStream: true })
    expect(state.firstContentMs.value).toBe(300)
    expect(state.tokenMs.value).toBe(20)
    expect(state).toMatchObject({ inputTokens: 50, cacheReadTokens: 40 })
  })

  test.each([
    ['too few of them', 19, 2000, true],
    ['those that were all there at once', 100, 0, true],
    ['a whole answer', 100, 2000, false],
  ])('learn nothing of tokens from %s', (_what, outputTokens, ms, isStream) => {
    state.begin(0)
    state.finish(ms, { finish: { usage: { outputTokens } }, answeredAt: 0, breaker: BREAKER, isStream })
    expect(state.tokenMs.value).toBeUndefined()
  })
})

describe('the states of a worker', () => {
  test('are one for each key, and outlive who asks', () => {
    const states = new TargetStates()
    expect(states.of('a')).toBe(states.of('a'))
    expect(states.of('a')).not.toBe(states.of('b'))
  })

  test('tell of their breakers, with their key, to whoever listens now', () => {
    const states = new TargetStates()
    const told = vi.fn<StateListener>()
    states.of('a')
    states.listener = told
    states.of('a').breaker.trip(0, 500)
    expect(told.mock.calls).toEqual([['a', 'open', 500]])
  })

  test('take over what another worker found, and do not tell it on', () => {
    const states = new TargetStates()
    const told = vi.fn<StateListener>()
    states.listener = told
    vi.advanceTimersByTime(1000)
    states.apply({ key: 'a', state: 'open', untilMs: 500 })
    expect(states.of('a').badnessMs(1100)).toBe(400)
    states.apply({ key: 'a', state: 'closed', untilMs: 0 })
    expect(states.of('a').isAvailable(1100)).toBe(true)
    expect(told).not.toHaveBeenCalled()
  })

  test('are forgotten when nothing names them, but not while they are in use', () => {
    const states = new TargetStates()
    const before = ['a', 'b', 'c'].map((key) => states.of(key))
    states.of('b').begin(0)
    states.keepOnly(new Set(['a']))
    expect(before.map((state) => states.of(state.key) === state)).toEqual([true, true, false])
  })
})
