import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { answering, Trail, type AttemptReason, type AttemptRecord } from './trail.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

function attempt(reason: AttemptReason, startedMs: number, tookMs?: number): AttemptRecord {
  const model = { name: 'm', provider: 'p' }
  const record: AttemptRecord = { route: 'r', target: 'a', model, reason, startedMs, waitedMs: 0 }
  return tookMs === undefined ? record : { ...record, tookMs }
}

describe('a trail', () => {
  test('begins with the request', () => {
    vi.advanceTimersByTime(1234)
    expect(new Trail().startedAt).toBe(performance.now())
  })

  test('keeps what was decided, in order, with the target where there is one', () => {
    const trail = new Trail()
    trail.note('circuit_breaker', 'open for another 12 s', 'a')
    trail.note('retries', 'the retry budget is used up')
    expect(trail.decisions).toEqual([
      { by: 'circuit_breaker', what: 'open for another 12 s', target: 'a' },
      { by: 'retries', what: 'the retry budget is used up' },
    ])
  })
})

describe("the gateway's own share of the time", () => {
  test('is what no provider took and was no wait on purpose', () => {
    const trail = new Trail()
    trail.attempts.push(attempt('first', 1, 300), attempt('retry', 402, 200))
    trail.waitedMs = 100
    expect(trail.overheadMs(trail.startedAt + 607)).toBe(7)
  })

  test('counts two that raced once', () => {
    const trail = new Trail()
    trail.attempts.push(attempt('first', 0, 1000), attempt('hedge', 800, 200))
    expect(trail.overheadMs(trail.startedAt + 1002)).toBe(2)
  })

  test('is never negative', () => {
    const trail = new Trail()
    trail.waitedMs = 1000
    expect(trail.overheadMs(trail.startedAt + 10)).toBe(0)
  })

  test('of one that is under way is what came before it', () => {
    const trail = new Trail()
    trail.attempts.push(attempt('first', 3))
    expect(trail.overheadMs(trail.startedAt + 10)).toBe(3)
  })
})

describe('the attempt that answered', () => {
  const failed: AttemptRecord = { ...attempt('first', 0, 5), outcome: 'server_error' }
  const won: AttemptRecord = { ...attempt('failover', 5, 5), outcome: 'ok' }
  const lost: AttemptRecord = { ...attempt('hedge', 6, 4), outcome: 'canceled' }

  test.each([
    ['the one that went well', [failed, won, lost], won],
    ['the last one when none did', [failed, lost], lost],
    ['none before the first', [], undefined],
  ])('is %s', (_what, attempts, expected) => {
    expect(answering({ attempts })).toBe(expected)
  })
})
