import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { makeCall } from '../../../test/support/call.ts'
import { makeGroup, makeTarget } from '../../../test/support/plan.ts'
import type { Branch, PlanTarget } from '../plan/plan.ts'
import type { TargetReport } from '../plan/report.ts'
import { Selection } from '../plan/selection.ts'
import { sharesOf, trialOrder } from './trial-order.ts'
import { viewOf } from './view.ts'

const CALL = makeCall('{"messages":[{"role":"user","content":"hi"}]}')
const NAMES = ['a', 'b', 'c', 'd']

function branches(weights: readonly number[]): Branch[] {
  return weights.map((weight, index) => ({ weight, inside: makeTarget(NAMES[index] ?? '') }))
}

/** Numbers from 0 to 1, always the same ones. */
function mulberry(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

describe('the shares', () => {
  it.each(['weighted', 'priority', 'least_busy', 'cost', 'latency'] as const)(
    'of strategy %s make a whole, and are those of real choices',
    (strategy) => {
      const random = mulberry(7)
      const group = makeGroup({ strategy, random, targets: branches([4, 3, 2, 1]) })
      const view = viewOf(CALL, [group], { reports: [], now: 0 })
      const shares = [...sharesOf(group, view).values()]
      const counts = group.branches.map(() => 0)
      for (let i = 0; i < 10_000; i++) {
        const index = group.branches.indexOf(group.strategy.choose(group.branches, true))
        counts[index] = (counts[index] ?? 0) + 1
      }
      expect(shares.reduce((one, other) => one + other)).toBeCloseTo(1)
      expect(counts.map((count) => count / 10_000)).toEqual(shares.map((share) => expect.closeTo(share, 1)))
    },
  )

  it('of two at random are the number of pairs in which one is the better', () => {
    const group = makeGroup({ strategy: 'latency', targets: branches([1, 1, 1]) })
    const slow = (target: string, firstContentMs: number): TargetReport => ({
      ...viewOf(CALL, [], { reports: [], now: 0 }).stateOf(makeTarget(target)),
      firstContentMs,
    })
    const reports = [slow('a', 300), slow('b', 100), slow('c', 200)]
    const view = viewOf(CALL, [group], { reports, now: 0 })
    const shares = [...sharesOf(group, view)].map(([{ name }, share]) => [name, share])
    expect(shares).toEqual([
      ['a', 0],
      ['b', 2 / 3],
      ['c', 1 / 3],
    ])
  })
})

describe('the order', () => {
  it('is the one in which targets are really tried, of whatever weights, conditions and nesting', () => {
    const strategies = fc.constantFrom('priority', 'cost', 'weighted')
    const weights = fc.array(fc.nat({ max: 5 }), { minLength: 1, maxLength: 4 })
    const inner = fc.option(fc.nat({ max: 3 }), { nil: undefined })
    fc.assert(
      fc.property(
        strategies,
        fc.tuple(weights, inner, fc.nat({ max: 9 })),
        (strategy, [own, nested, seed]) => {
          const made = branches(own)
          for (const [index, { inside }] of made.entries()) {
            if ('run' in inside) inside.state.inFlight = (seed * (index + 3)) % 7
          }
          // What a group is owed that no request began with is not known beforehand.
          const inside = makeGroup({ strategy: 'priority', targets: branches([1, 1]) })
          if (nested !== undefined) made.push({ weight: nested, inside })
          const group = makeGroup({ strategy, targets: made })
          const view = viewOf(CALL, [group], { reports: [], now: 0 })
          const expected = trialOrder(group, view)
          const selection = new Selection(group, CALL)
          const really: PlanTarget[] = []
          for (let next = selection.next(0); next; next = selection.next(0)) {
            really.push(next)
            selection.spend(next)
          }
          expect(expected).toEqual(really)
        },
      ),
    )
  })

  it('goes to the other branches before it comes back to the keys of one', () => {
    const keys = makeGroup({ strategy: 'weighted', targets: branches([1, 1]) })
    const lone = makeTarget('lone')
    const targets = [
      { weight: 60, inside: keys },
      { weight: 40, inside: lone },
    ]
    const group = makeGroup({ strategy: 'weighted', targets })
    const view = viewOf(CALL, [group], { reports: [], now: 0 })
    expect(trialOrder(group, view).map(({ name }) => name)).toEqual(['a', 'lone', 'b'])
    expect(trialOrder(group, view, lone).map(({ name }) => name)).toEqual(['lone', 'a', 'b'])
  })
})
