import { describe, expect, test } from 'vitest'
import { makeTarget } from '../../../../test/support/plan.ts'
import type { Branch } from '../plan.ts'
import { Weighted } from './weighted.ts'

function branchesOf(...weights: number[]): Branch[] {
  return weights.map((weight, index) => ({ weight, inside: makeTarget(String(index)) }))
}

/** How often each branch was chosen in so many requests. */
function count(strategy: Weighted, branches: readonly Branch[], requests: number): number[] {
  const counts = branches.map(() => 0)
  for (let index = 0; index < requests; index++) {
    const chosen = branches.indexOf(strategy.choose(branches, true))
    counts[chosen] = (counts[chosen] ?? 0) + 1
  }
  return counts
}

const WEIGHTS = [
  [1, 1],
  [70, 30],
  [5, 1, 1],
  [3, 7, 11, 2],
  [1, 1, 1, 1, 1],
  [100, 1],
]

describe('shares by weight', () => {
  test.each(WEIGHTS)('are exact: %j', (...weights) => {
    const branches = branchesOf(...weights)
    const strategy = new Weighted()
    const sum = weights.reduce((one, other) => one + other)
    for (let round = 0; round < 4; round++) expect(count(strategy, branches, sum)).toEqual(weights)
  })

  test.each(WEIGHTS)('are exact wherever one begins to count: %j', (...weights) => {
    const branches = branchesOf(...weights)
    const strategy = new Weighted()
    const sum = weights.reduce((one, other) => one + other)
    count(strategy, branches, Math.floor(sum / 3) + 1)
    expect(count(strategy, branches, sum)).toEqual(weights)
  })

  test.each(WEIGHTS)('are exact over workers, which do not all begin with the same: %j', (...weights) => {
    const branches = branchesOf(...weights)
    const sum = weights.reduce((one, other) => one + other)
    const workers = [0, 1, 2, 3].map((phase) => new Weighted(phase))
    for (const worker of workers) expect(count(worker, branches, 2 * sum)).toEqual(weights.map((w) => 2 * w))
  })

  test('are never off by more than one request on the way', () => {
    const weights = [3, 7, 11, 2]
    const branches = branchesOf(...weights)
    const strategy = new Weighted()
    const counts = weights.map(() => 0)
    for (let request = 1; request <= 230; request++) {
      const chosen = branches.indexOf(strategy.choose(branches, true))
      counts[chosen] = (counts[chosen] ?? 0) + 1
      for (const [index, weight] of weights.entries()) {
        expect(Math.abs((counts[index] ?? 0) - (request * weight) / 23)).toBeLessThan(1.5)
      }
    }
  })

  test('of fractions are exact too', () => {
    expect(count(new Weighted(), branchesOf(0.1, 0.2, 0.7), 1000)).toEqual([100, 200, 700])
  })

  test('are spread, not in blocks', () => {
    const branches = branchesOf(5, 1, 1)
    const strategy = new Weighted()
    const order = Array.from({ length: 7 }, () => branches.indexOf(strategy.choose(branches, true)))
    expect(order.join('')).toBe('0010200')
  })

  test('hold among those that are left while one is not, and for all when it is back', () => {
    const branches = branchesOf(4, 2, 1)
    const strategy = new Weighted()
    const [one, two, three] = branches
    if (!one || !two || !three) throw new Error('three')
    expect(count(strategy, branches, 70)).toEqual([40, 20, 10])
    expect(count(strategy, [two, three], 30)).toEqual([20, 10])
    expect(count(strategy, branches, 70)).toEqual([40, 20, 10])
  })

  test('are not moved by second choices', () => {
    const branches = branchesOf(2, 1)
    const strategy = new Weighted()
    const counts = [0, 0]
    for (let request = 0; request < 30; request++) {
      const chosen = branches.indexOf(strategy.choose(branches, true))
      counts[chosen] = (counts[chosen] ?? 0) + 1
      strategy.choose(branches, false)
    }
    expect(counts).toEqual([20, 10])
  })

  test('let each worker begin elsewhere', () => {
    const branches = branchesOf(1, 1, 1)
    expect([0, 1, 2].map((phase) => branches.indexOf(new Weighted(phase).choose(branches, true)))).toEqual([
      0, 1, 2,
    ])
  })
})
