import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { MemoryCounters, untilWindowEnds } from '../core/counters.ts'
import { answerCount, PrimaryCounters, type CountQuestion } from './counters.ts'

const HOUR = 3_600_000

beforeEach(() => {
  vi.useFakeTimers()
  vi.advanceTimersByTime(untilWindowEnds(HOUR))
})
afterEach(() => {
  vi.useRealTimers()
})

/** A primary with some workers, that answers unless it is stuck. */
class Primary {
  readonly counters = new MemoryCounters()
  readonly asked: CountQuestion[] = []
  isStuck = false
  isPipeFull = false

  worker(): PrimaryCounters {
    const worker = new PrimaryCounters((question) => {
      this.asked.push(question)
      if (!this.isStuck) void this.answer(worker, question)
      return !this.isPipeFull
    })
    return worker
  }

  async answer(worker: PrimaryCounters, question: CountQuestion): Promise<void> {
    worker.receive(await answerCount(this.counters, question))
  }
}

describe('the counters of a worker', () => {
  test('hold across the workers of a primary', async () => {
    const primary = new Primary()
    const [one, two] = [primary.worker(), primary.worker()]
    expect(await one.add('a', 1, HOUR)).toBe(1)
    expect(await two.add('a', 2, HOUR)).toBe(3)
    expect(await Promise.all([one.add('a', 1, HOUR), two.add('b', 1, HOUR), two.add('a', 1, HOUR)])).toEqual([
      4, 1, 5,
    ])
    expect(vi.getTimerCount()).toBe(0)
  })

  test('go by what the worker alone has counted when the primary is silent for a second', async () => {
    const primary = new Primary()
    const worker = primary.worker()
    await primary.worker().add('a', 10, HOUR)
    expect(await worker.add('a', 1, HOUR)).toBe(11)
    primary.isStuck = true
    const answered = vi.fn<(sum: number) => void>()
    const sum = Promise.resolve(worker.add('a', 1, HOUR)).then(answered)
    await vi.advanceTimersByTimeAsync(999)
    expect(answered).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1)
    await sum
    expect(answered).toHaveBeenCalledExactlyOnceWith(2)
  })

  test('make nobody wait for a primary that is known to be silent, until it answers again', async () => {
    const primary = new Primary()
    const worker = primary.worker()
    primary.isStuck = true
    const first = worker.add('a', 1, HOUR)
    await vi.advanceTimersByTimeAsync(1000)
    await first
    expect(worker.add('a', 1, HOUR)).toBe(2)
    primary.isStuck = false
    for (const question of primary.asked) await primary.answer(worker, question)
    expect(await worker.add('a', 1, HOUR)).toBe(3)
    expect(primary.asked).toHaveLength(3)
    expect(vi.getTimerCount()).toBe(0)
  })

  test('write no more into a full pipe until the primary reads it', async () => {
    const primary = new Primary()
    const worker = primary.worker()
    primary.isStuck = true
    primary.isPipeFull = true
    expect([1, 1, 1].map((amount) => worker.add('a', amount, HOUR))).toEqual([1, 2, 3])
    expect(primary.asked).toHaveLength(1)
    primary.isStuck = false
    primary.isPipeFull = false
    for (const question of primary.asked) await primary.answer(worker, question)
    await worker.add('a', 1, HOUR)
    expect(primary.asked).toHaveLength(2)
  })

  test('ignore an answer to nothing', () => {
    const worker = new Primary().worker()
    expect(() => worker.receive({ type: 'counted', id: 99, sum: 1 })).not.toThrow()
  })
})
