import { describe, expect, test } from 'vitest'
import { makeGroup, makeTarget } from '../../../../test/support/plan.ts'
import type { Branch, PlanTarget } from '../plan.ts'
import { createStrategy, STRATEGIES, type StrategyName } from './index.ts'

const NOW = performance.now()

function strategy(name: StrategyName, random: () => number = Math.random): (branches: Branch[]) => string {
  const made = createStrategy(name, { phase: 0, random })
  return (branches) => nameOf(made.choose(branches, true))
}

function nameOf({ inside }: Branch): string {
  return 'run' in inside ? inside.name : `group of ${inside.branches.map(nameOf).join(' ')}`
}

interface Known {
  busy?: number
  firstMs?: number
  tokenMs?: number
  /** Of a million tokens, in USD. */
  usd?: number
  weight?: number
}

function target(name: string, { busy = 0, firstMs, tokenMs, usd }: Known = {}): PlanTarget {
  const made = makeTarget(name, usd === undefined ? {} : { price: { input: usd, output: usd } })
  made.state.inFlight = busy
  if (firstMs !== undefined) made.state.firstContentMs.add(firstMs, NOW)
  if (tokenMs !== undefined) made.state.tokenMs.add(tokenMs, NOW)
  return made
}

function branch(name: string, known: Known = {}): Branch {
  return { weight: known.weight ?? 1, inside: target(name, known) }
}

/** Choices of a sequence, over and over. */
function cycle(...values: number[]): () => number {
  let index = 0
  return () => values[index++ % values.length] ?? 0
}

test.each(STRATEGIES)('%s is called by its name, and cannot choose of nothing', (name) => {
  const made = createStrategy(name, { phase: 0, random: () => 0 })
  expect(made.name).toBe(name)
  expect(() => made.choose([], true)).toThrow(RangeError)
})

test('priority takes the first of the file', () => {
  expect(strategy('priority')([branch('a', { busy: 99 }), branch('b')])).toBe('a')
})

describe('least_busy', () => {
  test.each([
    ['the one with least under way', { busy: 3 }, { busy: 2 }, 'b'],
    ['the first of equals', { busy: 2 }, { busy: 2 }, 'a'],
    ['the one with least for its weight', { busy: 4, weight: 4 }, { busy: 2, weight: 1 }, 'a'],
  ])('takes %s', (_what, a, b, expected) => {
    expect(strategy('least_busy')([branch('a', a), branch('b', b)])).toBe(expected)
  })

  test('sums up what is under way in a group', () => {
    const inside = makeGroup({ targets: [target('b', { busy: 2 }), target('c', { busy: 2 })] })
    expect(strategy('least_busy')([branch('a', { busy: 3 }), { weight: 1, inside }])).toBe('a')
  })
})

describe('cost', () => {
  test.each([
    ['the cheaper', { usd: 0.02 }, { usd: 0.01 }, 'b'],
    ['the first of equals', { usd: 0.01 }, { usd: 0.01 }, 'a'],
    ['a known price before an unknown one', {}, { usd: 99 }, 'b'],
    ['the first where no price is known', {}, {}, 'a'],
    ['what costs nothing', { usd: 0.01 }, { usd: 0 }, 'b'],
  ])('takes %s', (_what, a, b, expected) => {
    expect(strategy('cost')([branch('a', a), branch('b', b)])).toBe(expected)
  })

  test('takes a group for what its cheapest costs', () => {
    const inside = makeGroup({ targets: [target('b', { usd: 5 }), target('c', { usd: 1 })] })
    expect(strategy('cost')([branch('a', { usd: 2 }), { weight: 1, inside }])).toBe('group of b c')
  })
})

describe('latency', () => {
  const randoms = [0, 0.2, 0.4, 0.6, 0.8, 0.999]

  test.each([
    ['the faster to its first content', { firstMs: 900 }, { firstMs: 300 }],
    ['the faster with tokens', { firstMs: 300, tokenMs: 40 }, { firstMs: 400, tokenMs: 5 }],
    ['the less busy of equals', { firstMs: 300, busy: 4 }, { firstMs: 300, busy: 3 }],
    ['a slower one when the faster has too much to do', { firstMs: 300, busy: 9 }, { firstMs: 900, busy: 1 }],
    ['one of which nothing is known', { firstMs: 1 }, {}],
    ['a known one before an unknown one that has not answered yet', { busy: 1 }, { firstMs: 900, busy: 5 }],
    ['the less busy when nothing is known', { busy: 2 }, { busy: 1 }],
  ])('of two takes %s', (_what, worse, better) => {
    for (const one of randoms) {
      for (const other of randoms) {
        const choose = strategy('latency', cycle(one, other))
        expect(choose([branch('worse', worse), branch('better', better)])).toBe('better')
        expect(choose([branch('better', better), branch('worse', worse)])).toBe('better')
      }
    }
  })

  test('compares two different ones, so that the slowest of many is never chosen and others than the fastest are', () => {
    const branches = ['a', 'b', 'c', 'd'].map((name, index) => branch(name, { firstMs: 100 * (index + 1) }))
    const chosen = new Map<string, number>()
    for (const one of [0, 0.25, 0.5, 0.75]) {
      for (const other of [0, 0.34, 0.67]) {
        const name = strategy('latency', cycle(one, other))(branches)
        chosen.set(name, (chosen.get(name) ?? 0) + 1)
      }
    }
    expect(Object.fromEntries(chosen)).toEqual({ a: 6, b: 4, c: 2 })
  })

  test('tries a slow one again when nothing was heard of it for long', () => {
    const slow = target('slow')
    slow.state.firstContentMs.add(30_000, NOW - 90_000)
    const branches: Branch[] = [branch('fast', { firstMs: 200 }), { weight: 1, inside: slow }]
    expect(strategy('latency')(branches)).toBe('slow')
  })
})
