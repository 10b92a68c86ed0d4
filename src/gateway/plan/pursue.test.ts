import { Readable } from 'node:stream'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import {
  BREAKER,
  makeFallback,
  makeGroup,
  makeSettings,
  makeTarget,
  RETRIES,
  spoil,
  Stage,
  type Act,
} from '../../../test/support/plan.ts'
import { attemptsOf, endFakeTime, makeChatCall, settle, underWay } from '../../../test/support/pursuit.ts'
import type { ClientRequest, RawClientRequest } from '../../core/dialect.ts'
import type { ErrorKind } from '../../core/error.ts'
import { RetryBudget } from './retry-budget.ts'

let stage: Stage

beforeEach(() => {
  vi.useFakeTimers({ now: Date.UTC(2026, 0, 1) })
  stage = new Stage()
})
afterEach(endFakeTime)

describe('one target', () => {
  test('answers, and nothing more is done', async () => {
    const a = stage.target('a', ['ok'])
    const outcome = await settle({ targets: [a] })
    expect(outcome).toMatchObject({ end: 'a', tookMs: 0 })
    expect(attemptsOf(outcome)).toBe('first a ok')
    expect(underWay(a)).toBe(0)
  })

  test('is asked again after waits that double, and no more often than the retries allow', async () => {
    const a = stage.target('a', ['server_error'])
    const outcome = await settle({ targets: [a] })
    expect(outcome).toMatchObject({ end: 'server_error', tookMs: 125 + 250 })
    expect(outcome.call.trail.attempts.map(({ waitedMs }) => waitedMs)).toEqual([0, 125, 250])
    expect(outcome.call.trail.waitedMs).toBe(375)
    expect(attemptsOf(outcome)).toBe('first a server_error, retry a server_error, retry a server_error')
    expect(underWay(a)).toBe(0)
  })

  test.each([
    // Half of the spread later than asked: the random number of these tests.
    ['1', 1125],
    ['0.25', 281],
    ['Thu, 01 Jan 2026 00:00:03 GMT', 3375],
    ['-5', 125],
    ['abc', 125],
  ])('that has too much to do and says %s is asked again after %i ms', async (retryAfter, waitMs) => {
    const a = stage.target('a', [{ result: 'rate_limit', retryAfter }, 'ok'])
    expect(await settle({ targets: [a] })).toMatchObject({ end: 'a', tookMs: waitMs })
  })

  test.each([
    ['11', 300_000],
    ['5', 5000],
  ])('that asks for %s s is left for a fallback at once, with %i ms left', async (retryAfter, totalMs) => {
    const a = stage.target('a', [{ result: 'rate_limit', retryAfter }])
    const f = stage.target('f', ['ok'])
    const settings = makeSettings({ timeout: { totalMs } })
    expect(await settle({ targets: [a], fallbacks: [makeFallback(f)], settings })).toMatchObject({
      end: 'f',
      tookMs: 0,
    })
    expect(stage.asked).toEqual(['a', 'f'])
  })

  test('whose breaker opens is not asked again', async () => {
    const a = stage.target('a', ['server_error'])
    for (let index = 1; index < BREAKER.failures; index++) a.state.breaker.fail(0, BREAKER)
    expect(await settle({ targets: [a] })).toMatchObject({ end: 'server_error', tookMs: 0 })
    expect(stage.asked).toEqual(['a'])
  })

  test('whose breaker others open during a wait is not asked again', async () => {
    const a = stage.target('a', ['server_error', 'ok'])
    const f = stage.target('f', ['ok'])
    setTimeout(() => spoil(a, { openMs: 30_000 }), 60)
    const outcome = await settle({ targets: [a], fallbacks: [makeFallback(f)] })
    expect(outcome.end).toBe('f')
    expect(stage.asked).toEqual(['a', 'f'])
  })

  test('is asked again by no more requests than the fleet may repeat', async () => {
    const budget = new RetryBudget()
    const a = stage.target('a', ['server_error'], {
      settings: { ...makeSettings(), timeout: { totalMs: 1 } },
    })
    const settings = makeSettings({ retries: { ...RETRIES, max: 1 } })
    const lazy = { ...BREAKER, failures: 10_000 }
    const target = { ...a, settings: { ...settings, breaker: lazy } }
    const outcomes = await Promise.all(
      Array.from({ length: 100 }, () => settle({ targets: [target], settings }, { budget })),
    )
    expect(stage.asked).toHaveLength(120)
    expect(
      outcomes.filter(({ call }) => call.trail.decisions.some(({ by }) => by === 'retries')),
    ).toHaveLength(80)
  })
})

describe('after a mistake of the caller', () => {
  test.each<ErrorKind>([
    'bad_request',
    'not_found',
    'too_large',
    'method_not_allowed',
    'context_window',
    'content_policy',
  ])('%s no other target is asked, and no fallback that does not name it', async (kind) => {
    const [a, b, f] = [stage.target('a', [kind]), stage.target('b', ['ok']), stage.target('f', ['ok'])]
    const outcome = await settle({
      targets: [a, b],
      fallbacks: [makeFallback(f, ['server_error', 'timeout'])],
    })
    expect(outcome).toMatchObject({ end: kind, tookMs: 0 })
    expect(stage.asked).toEqual(['a'])
  })

  test.each<ErrorKind>(['context_window', 'content_policy'])(
    '%s a fallback that names it is',
    async (kind) => {
      const [a, b, f] = [stage.target('a', [kind]), stage.target('b', ['ok']), stage.target('f', ['ok'])]
      expect((await settle({ targets: [a, b], fallbacks: [makeFallback(f, [kind])] })).end).toBe('f')
      expect(stage.asked).toEqual(['a', 'f'])
    },
  )
})

describe('several targets', () => {
  test.each<ErrorKind>([
    'auth',
    'model_not_found',
    'connect',
    'overloaded',
    'server_error',
    'rate_limit',
    'bad_response',
  ])('take over from each other at once after %s', async (kind) => {
    const [a, b] = [stage.target('a', [kind]), stage.target('b', ['ok'])]
    const outcome = await settle({ targets: [a, b] })
    expect(outcome).toMatchObject({ end: 'b', tookMs: 0 })
    expect(attemptsOf(outcome)).toBe(`first a ${kind}, failover b ok`)
    expect(underWay(a, b)).toBe(0)
  })

  test('with refused keys are each asked once, whatever the retries', async () => {
    const keys = makeGroup({ targets: ['a#1', 'a#2'].map((name) => stage.target(name, ['auth'])) })
    const outcome = await settle({ targets: [{ weight: 1, inside: keys }, stage.target('b', ['auth'])] })
    expect(outcome).toMatchObject({ end: 'auth', tookMs: 0 })
    expect(stage.asked).toEqual(['a#1', 'a#2', 'b'])
  })

  test('are asked once each before one is asked again, and no more often in all', async () => {
    const [a, b] = [stage.target('a', ['server_error']), stage.target('b', ['server_error'])]
    const outcome = await settle({ targets: [a, b] })
    expect(attemptsOf(outcome)).toBe('first a server_error, failover b server_error, retry b server_error')
    expect(outcome.tookMs).toBe(125)
  })

  test('are passed over while they are not healthy', async () => {
    const [a, b] = [stage.target('a', ['ok']), stage.target('b', ['ok'])]
    spoil(a, { openMs: 1000 })
    expect((await settle({ targets: [a, b] })).end).toBe('b')
  })

  test('none of which is healthy: the least bad is tried once', async () => {
    const [a, b] = [stage.target('a', ['server_error']), stage.target('b', ['server_error'])]
    spoil(a, { openMs: 9000 })
    spoil(b, { openMs: 5000 })
    const outcome = await settle({ targets: [a, b] })
    expect(outcome.end).toBe('server_error')
    expect(stage.asked).toEqual(['b'])
    expect(outcome.call.trail.decisions).toMatchObject([{ by: 'circuit_breaker', target: 'b' }])
    expect(underWay(a, b)).toBe(0)
  })

  test('are none when each is drained or for others', async () => {
    const outcome = await settle({ targets: [{ weight: 0, inside: stage.target('a', ['ok']) }] })
    expect(outcome).toMatchObject({ end: 'bad_request', error: { status: 400 } })
    expect(stage.asked).toEqual([])
  })

  test('of which one is half-open: exactly one of many requests tries it', async () => {
    const slow: Act = { result: 'ok', afterMs: 500 }
    const [a, b] = [stage.target('a', [slow]), stage.target('b', [slow])]
    a.state.breaker.openUntil(performance.now() + 1)
    vi.advanceTimersByTime(1)
    await Promise.all(Array.from({ length: 20 }, () => settle({ targets: [a, b] })))
    expect(stage.asked.filter((name) => name === 'a')).toHaveLength(1)
    expect(a.state.breaker.state(performance.now())).toBe('closed')
  })

  test('share a conversation: it stays where it is, until that is not healthy', async () => {
    const targets = ['a', 'b', 'c', 'd'].map((name) => stage.target(name, ['ok']))
    const ask = async (): Promise<string> =>
      (await settle({ targets, strategy: 'weighted' }, { call: makeChatCall({ 'x-session-id': 's-1' }) })).end
    const home = await ask()
    expect(await Promise.all([ask(), ask(), ask(), ask()])).toEqual([home, home, home, home])
    for (const target of targets) if (target.name === home) spoil(target, { openMs: 1000 })
    const other = await ask()
    expect(other).not.toBe(home)
    expect(await ask()).toBe(other)
  })

  test('which are the keys of one share a conversation too', async () => {
    const keys = makeGroup({
      targets: ['a#1', 'a#2', 'a#3'].map((name) => stage.target(name, ['ok'])),
      strategy: 'weighted',
    })
    const ends = new Set<string>()
    for (let index = 0; index < 9; index++) {
      ends.add(
        (
          await settle(
            { targets: [{ weight: 1, inside: keys }], strategy: 'weighted' },
            { call: makeChatCall({ session_id: 's' }) },
          )
        ).end,
      )
    }
    expect(ends.size).toBe(1)
  })
})

describe('what can be sent only once', () => {
  const body = { stream: Readable.from([]) }
  const base = { passThrough: () => undefined, parameterName: (name: string) => name }
  const raw: RawClientRequest = { ...base, operation: 'raw', method: 'POST', path: '/x', headers: {}, body }
  const upload: ClientRequest = { ...base, operation: 'transcription', stream: false, upload: () => body }

  test.each([
    ['a raw request', raw],
    ['an upload', upload],
  ])('is: %s', async (_what, request) => {
    const [a, b, f] = [
      stage.target('a', ['server_error']),
      stage.target('b', ['ok']),
      stage.target('f', ['ok']),
    ]
    const settings = makeSettings({ hedge: { afterMs: 0, budget: 1 } })
    const outcome = await settle(
      { targets: [a, b], fallbacks: [makeFallback(f)], settings },
      { call: { ...makeChatCall(), request } },
    )
    expect(outcome.end).toBe('server_error')
    expect(stage.asked).toEqual(['a'])
  })
})

describe('the time limits', () => {
  test('end a request at its deadline, whatever is tried in it', async () => {
    const targets = ['a', 'b'].map((name) => stage.target(name, [{ result: 'server_error', afterMs: 700 }]))
    const f = stage.target('f', ['ok'])
    const settings = makeSettings({ timeout: { totalMs: 1000 } })
    const outcome = await settle({ targets, fallbacks: [makeFallback(f)], settings })
    expect(outcome).toMatchObject({ end: 'timeout', tookMs: 1000, error: { status: 504 } })
    expect(stage.asked).toEqual(['a', 'b'])
    expect(underWay(...targets)).toBe(0)
  })

  test('leave a target that has not begun to answer for the next', async () => {
    const settings = makeSettings({ timeout: { totalMs: 60_000, firstTokenMs: 2000 } })
    const [a, b] = [stage.target('a', ['silence'], { settings }), stage.target('b', ['ok'], { settings })]
    const outcome = await settle({ targets: [a, b], settings })
    expect(outcome).toMatchObject({ end: 'b', tookMs: 2000 })
    expect(attemptsOf(outcome)).toBe('first a timeout, failover b ok')
    expect(underWay(a, b)).toBe(0)
  })

  test('do not end a stream whose first content came in time', async () => {
    const settings = makeSettings({ timeout: { totalMs: 60_000, firstTokenMs: 2000 } })
    const a = stage.target('a', [{ result: 'ok', afterMs: 1999, streamMs: 30_000 }], { settings })
    const outcome = await settle({ targets: [a], settings })
    expect(attemptsOf(outcome)).toBe('first a ok')
    expect(underWay(a)).toBe(0)
  })

  test('end a stream at the deadline of its request', async () => {
    const settings = makeSettings({ timeout: { totalMs: 5000 } })
    const a = stage.target('a', [{ result: 'ok', afterMs: 1000, streamMs: 30_000 }])
    const outcome = await settle({ targets: [a], settings })
    expect(attemptsOf(outcome)).toBe('first a timeout')
    expect(underWay(a)).toBe(0)
  })
})

test('nothing is tried after the first content: a stream that breaks off is told as such', async () => {
  const a = stage.target('a', [{ result: 'ok', streamMs: 100, breaksWith: 'truncated' }])
  const b = stage.target('b', ['ok'])
  const outcome = await settle({ targets: [a, b] })
  expect(outcome.end).toBe('a')
  expect(outcome.call.trail.attempts).toMatchObject([
    { outcome: 'truncated', message: 'It failed: truncated.' },
  ])
  expect(stage.asked).toEqual(['a'])
  expect(underWay(a, b)).toBe(0)
})

describe('a client that leaves', () => {
  test.each([
    ['an attempt', [{ result: 'silence' }], 400, 400],
    ['a wait', [{ result: 'rate_limit', retryAfter: '9' }], 400, 400],
    ['a stream', [{ result: 'ok', afterMs: 100, streamMs: 9000 }], 400, 100],
  ] as const)('during %s ends it at once', async (_what, acts, leaveAfterMs, tookMs) => {
    const [a, f] = [stage.target('a', acts), stage.target('f', ['ok'])]
    const outcome = await settle({ targets: [a], fallbacks: [makeFallback(f)] }, { leaveAfterMs })
    expect(outcome.tookMs).toBe(tookMs)
    expect(stage.asked).toEqual(['a'])
    expect(underWay(a)).toBe(0)
  })

  test('during a wait is not told as having waited for all of it', async () => {
    const a = stage.target('a', [{ result: 'rate_limit', retryAfter: '9' }])
    const { call } = await settle({ targets: [a] }, { leaveAfterMs: 400 })
    expect(call.trail.waitedMs).toBe(400)
  })

  test('while a half-open breaker is tried leaves the try to another', async () => {
    const a = stage.target('a', ['silence'])
    a.state.breaker.openUntil(performance.now() + 1)
    vi.advanceTimersByTime(1)
    await settle({ targets: [a] }, { leaveAfterMs: 10 })
    expect(a.state.isAvailable(performance.now())).toBe(true)
  })
})

test('a target that throws what is no failure of a provider is a fault of ours', async () => {
  const a = makeTarget('a', { run: () => Promise.reject(new TypeError('sk-canary')) })
  const outcome = await settle({ targets: [a, makeTarget('b')] })
  expect(outcome.end).toBe('internal')
  expect(JSON.stringify(outcome.call.trail)).not.toContain('sk-canary')
  expect(underWay(a)).toBe(0)
})
