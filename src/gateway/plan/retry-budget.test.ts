import { describe, expect, test } from 'vitest'
import { RetryBudget } from './retry-budget.ts'

/** How many of so many requests' retries the budget lets through at one time. */
function granted(budget: RetryBudget, { tries, now }: { tries: number; now: number }): number {
  let count = 0
  for (let index = 0; index < tries; index++) if (budget.take(now)) count++
  return count
}

describe('the retry budget', () => {
  test.each([
    [0, 3],
    [1, 3],
    [15, 3],
    [20, 4],
    [100, 20],
    [1000, 200],
  ])('of %i requests in ten seconds lets %i be repeated', (requests, repeats) => {
    const budget = new RetryBudget()
    for (let index = 0; index < requests; index++) budget.request(1000)
    expect(granted(budget, { tries: 2000, now: 1500 })).toBe(repeats)
  })

  test('comes back when the repetitions of the past are forgotten', () => {
    const budget = new RetryBudget()
    expect(granted(budget, { tries: 5, now: 0 })).toBe(3)
    expect(granted(budget, { tries: 5, now: 9000 })).toBe(0)
    expect(granted(budget, { tries: 5, now: 10_000 })).toBe(3)
  })

  test('shrinks to the least when the requests of the past are forgotten', () => {
    const budget = new RetryBudget()
    for (let index = 0; index < 1000; index++) budget.request(0)
    expect(granted(budget, { tries: 100, now: 11_000 })).toBe(3)
  })
})
