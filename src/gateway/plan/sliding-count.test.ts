import { describe, expect, test } from 'vitest'
import { SlidingCount } from './sliding-count.ts'

describe('a sliding count', () => {
  test('counts what happened within the window', () => {
    const count = new SlidingCount(10_000)
    for (const now of [0, 1, 999, 5000, 9999]) count.add(now)
    expect(count.total(9999)).toBe(5)
  })

  test('forgets by tenths of the window, the oldest first', () => {
    const count = new SlidingCount(10_000)
    count.add(500)
    count.add(1500)
    count.add(1600)
    expect([10_499, 11_000, 12_000].map((now) => count.total(now))).toEqual([2, 0, 0])
  })

  test('is exact at the edges of its buckets', () => {
    const count = new SlidingCount(1000)
    count.add(0)
    expect(count.total(999)).toBe(1)
    expect(count.total(1000)).toBe(0)
  })

  test('has forgotten all after a long silence, and counts on', () => {
    const count = new SlidingCount(1000)
    for (let now = 0; now < 1000; now += 10) count.add(now)
    expect(count.total(1e12)).toBe(0)
    count.add(1e12)
    expect(count.total(1e12 + 1)).toBe(1)
  })

  test.each([0, 1, 7])('of %i ms comes to an end too', (windowMs) => {
    const count = new SlidingCount(windowMs)
    count.add(1234.5)
    expect(count.total(1234.5)).toBe(1)
    expect(count.total(1334.5)).toBe(0)
  })
})
