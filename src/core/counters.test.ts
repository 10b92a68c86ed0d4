import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { clock, MemoryCounters, untilWindowEnds } from './counters.ts'

const MINUTE = 60_000

/** Beginning with the first millisecond of a minute. */
beforeEach(() => {
  vi.useFakeTimers()
  vi.advanceTimersByTime(untilWindowEnds(MINUTE))
})
afterEach(() => {
  vi.useRealTimers()
})

describe('counters in memory', () => {
  test('add up within a window and begin anew with the next', () => {
    const counters = new MemoryCounters()
    expect(counters.add('a', 1, MINUTE)).toBe(1)
    expect(counters.add('a', 2, MINUTE)).toBe(3)
    vi.advanceTimersByTime(MINUTE - 1)
    expect(counters.add('a', 1, MINUTE)).toBe(4)
    vi.advanceTimersByTime(1)
    expect(counters.add('a', 1, MINUTE)).toBe(1)
  })

  test('keep keys and lengths of window apart', () => {
    const counters = new MemoryCounters()
    counters.add('a', 5, MINUTE)
    expect(counters.add('b', 1, MINUTE)).toBe(1)
    expect(counters.add('a', 1, 1000)).toBe(1)
    expect(counters.add('a', 1, MINUTE)).toBe(6)
  })

  test('are not misled by a clock that is set back', () => {
    const counters = new MemoryCounters()
    counters.add('a', 1, MINUTE)
    vi.setSystemTime(0)
    expect(counters.add('a', 1, MINUTE)).toBe(2)
  })

  test('remember so many keys, and forget the first for a new one', () => {
    const counters = new MemoryCounters(2)
    counters.add('a', 1, MINUTE)
    counters.add('b', 1, MINUTE)
    expect(counters.add('b', 1, MINUTE)).toBe(2)
    counters.add('c', 1, MINUTE)
    expect(counters.add('b', 1, MINUTE)).toBe(3)
    expect(counters.add('a', 1, MINUTE)).toBe(1)
  })
})

describe('the end of a window', () => {
  test.each([
    [0, 60_000],
    [1, 59_999],
    [59_999, 1],
    [60_000, 60_000],
  ])('at %i is %i ms away', (now, expected) => {
    expect(untilWindowEnds(MINUTE, now)).toBe(expected)
  })

  test('is told by the time since 1970', () => {
    vi.useRealTimers()
    expect(Math.abs(clock() - Date.now())).toBeLessThan(60_000)
  })
})
