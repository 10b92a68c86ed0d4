import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { MemoryStore } from './memory-store.ts'

beforeEach(() => {
  vi.useFakeTimers()
  // At 0 the clock is no clock to the cache.
  vi.advanceTimersByTime(1)
})
afterEach(() => {
  vi.useRealTimers()
})

const MINUTE = 60_000

describe('the store in memory', () => {
  test('never holds more than it may, and forgets first what was not used for longest', () => {
    const store = new MemoryStore(10_000)
    const kilobyte = Buffer.alloc(1000)
    store.set('used', kilobyte, MINUTE)
    for (let index = 0; index < 100; index++) {
      store.set(`${index}`, kilobyte, MINUTE)
      expect(store.get('used')).toBe(kilobyte)
    }
    const held = Array.from({ length: 100 }, (_, index) => index).filter((index) => store.get(`${index}`))
    expect(held).toEqual([94, 95, 96, 97, 98, 99])
  })

  test('counts what an entry costs beside its bytes', () => {
    const store = new MemoryStore(10_000)
    for (let index = 0; index < 1000; index++) store.set(`${index}`, Buffer.alloc(0), MINUTE)
    expect(
      Array.from({ length: 1000 }, (_, index) => store.get(`${index}`)).filter(Boolean).length,
    ).toBeLessThan(40)
  })

  test('does not take what is larger than itself, and keeps the rest', () => {
    const store = new MemoryStore(1000)
    store.set('a', Buffer.from('x'), MINUTE)
    store.set('b', Buffer.alloc(1001), MINUTE)
    expect(store.get('b')).toBeUndefined()
    expect(store.get('a')).toBeDefined()
  })

  test('forgets on time, and needs no timer for it', () => {
    const store = new MemoryStore(1000)
    store.set('a', Buffer.from('x'), MINUTE)
    expect(vi.getTimerCount()).toBe(0)
    vi.advanceTimersByTime(MINUTE)
    expect(store.get('a')).toBeDefined()
    vi.advanceTimersByTime(1)
    expect(store.get('a')).toBeUndefined()
  })
})
