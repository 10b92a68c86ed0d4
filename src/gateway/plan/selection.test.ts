import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { makeCall } from '../../../test/support/call.ts'
import { makeGroup, makeTarget, spoil } from '../../../test/support/plan.ts'
import type { Call } from '../../core/call.ts'
import { hasAvailable, reachable, Selection } from './selection.ts'
import { targetsOf } from './plan.ts'

const FREE = { headers: new Map([['x-tier', ['free']]]) }

function chat(headers: Record<string, string> = {}): Call {
  return makeCall('{"messages":[{"role":"user","content":"hi"}]}', { headers })
}

/** The names that a selection gives until it gives none. */
function all(selection: Selection): string[] {
  const names: string[] = []
  for (let target = selection.next(0); target; target = selection.next(0)) {
    names.push(target.name)
    selection.spend(target)
  }
  return names
}

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

describe('a selection', () => {
  test('gives each target once', () => {
    const group = makeGroup({ targets: ['a', 'b', 'c'].map((name) => makeTarget(name)) })
    expect(all(new Selection(group, chat()))).toEqual(['a', 'b', 'c'])
  })

  test('passes over those that cannot serve the request, unless none can', () => {
    const serves = (): boolean => false
    const group = makeGroup({ targets: [makeTarget('a', { serves }), makeTarget('b')] })
    expect(all(new Selection(group, chat()))).toEqual(['b'])
    expect(reachable(group, chat()).map(({ name }) => name)).toEqual(['b'])
    const none = makeGroup({ targets: [makeTarget('a', { serves }), makeTarget('b', { serves })] })
    expect(hasAvailable(none, chat(), 0)).toBe(false)
    expect(new Selection(none, chat()).leastBad(0)?.name).toBe('a')
  })

  test('gives the same one until it is spent', () => {
    const selection = new Selection(makeGroup({ targets: [makeTarget('a'), makeTarget('b')] }), chat())
    expect([selection.next(0)?.name, selection.next(0)?.name]).toEqual(['a', 'a'])
  })

  test('passes over those that are open, cooling, drained, or not for this request', () => {
    const group = makeGroup({
      targets: [
        spoil(makeTarget('open'), { openMs: 1000 }),
        spoil(makeTarget('cooling'), { coolMs: 1000 }),
        { weight: 0, inside: makeTarget('drained') },
        { weight: 1, condition: FREE, inside: makeTarget('free') },
        makeTarget('ok'),
      ],
    })
    expect(all(new Selection(group, chat()))).toEqual(['ok'])
    expect(all(new Selection(group, chat({ 'x-tier': 'free' })))).toEqual(['free', 'ok'])
  })

  test('finds its way into groups within groups, and out of those that have nothing left', () => {
    const keys = makeGroup({ targets: [makeTarget('a#1'), makeTarget('a#2')] })
    const inner = makeGroup({ targets: [{ weight: 1, inside: keys }, makeTarget('b')] })
    const dead = makeGroup({ targets: [spoil(makeTarget('x'), { openMs: 1 })] })
    const group = makeGroup({
      targets: [{ weight: 1, inside: dead }, { weight: 1, inside: inner }, makeTarget('c')],
    })
    expect(all(new Selection(group, chat()))).toEqual(['a#1', 'a#2', 'b', 'c'])
    expect(targetsOf(group).map(({ name }) => name)).toEqual(['x', 'a#1', 'a#2', 'b', 'c'])
  })

  test('keeps to the conditions and weights of the groups around', () => {
    const inner = makeGroup({ targets: [makeTarget('a'), { weight: 0, inside: makeTarget('b') }] })
    const group = makeGroup({ targets: [{ weight: 1, condition: FREE, inside: inner }, makeTarget('c')] })
    expect(reachable(group, chat()).map(({ name }) => name)).toEqual(['c'])
    expect(reachable(group, chat({ 'x-tier': 'free' })).map(({ name }) => name)).toEqual(['a', 'c'])
  })

  test('of one branch asks no strategy, but does look at its health', () => {
    const target = makeTarget('a')
    const group = makeGroup({ targets: [target] })
    const choose = vi.spyOn(group.strategy, 'choose')
    expect(new Selection(group, chat()).next(0)).toBe(target)
    spoil(target, { openMs: 1 })
    expect(new Selection(group, chat()).next(0)).toBeUndefined()
    expect(choose).not.toHaveBeenCalled()
  })

  test('counts for shares with its first choice alone', () => {
    const targets = ['a', 'b'].map((name) => makeTarget(name))
    const group = makeGroup({ targets, strategy: 'weighted' })
    const choose = vi.spyOn(group.strategy, 'choose')
    const selection = new Selection(group, chat())
    selection.next(0)
    selection.next(0)
    expect(choose.mock.calls.map(([, isFirst]) => isFirst)).toEqual([true, false])
  })
})

describe('the least bad target', () => {
  test('is the one that is to be healthy again the soonest', () => {
    const group = makeGroup({
      targets: [
        spoil(makeTarget('a'), { openMs: 5000 }),
        spoil(makeTarget('b'), { coolMs: 2000 }),
        spoil(makeTarget('c'), { openMs: 3000 }),
      ],
    })
    const selection = new Selection(group, chat())
    expect(selection.next(0)).toBeUndefined()
    const first = selection.leastBad(0)
    expect(first?.name).toBe('b')
    if (first) selection.spend(first)
    expect(selection.leastBad(0)?.name).toBe('c')
  })

  test('is none that is drained or not for this request', () => {
    const group = makeGroup({
      targets: [
        { weight: 0, inside: makeTarget('drained') },
        { weight: 1, condition: FREE, inside: makeTarget('free') },
      ],
    })
    expect(new Selection(group, chat()).leastBad(0)).toBeUndefined()
  })
})

test('a group is available when one target of it is, however deep', () => {
  const inner = makeGroup({ targets: [spoil(makeTarget('a'), { openMs: 1000 }), makeTarget('b')] })
  const group = makeGroup({
    targets: [spoil(makeTarget('c'), { openMs: 1000 }), { weight: 1, inside: inner }],
  })
  expect(hasAvailable(group, chat(), 0)).toBe(true)
  for (const target of targetsOf(group)) spoil(target, { openMs: 1000 })
  expect(hasAvailable(group, chat(), 0)).toBe(false)
  expect(hasAvailable(group, chat(), 1000)).toBe(true)
})
