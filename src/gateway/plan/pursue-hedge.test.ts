import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { makePlan, makeSettings, Stage, type Act } from '../../../test/support/plan.ts'
import { attemptsOf, endFakeTime, makeChatCall, settle, underWay } from '../../../test/support/pursuit.ts'
import { pursue } from './pursue.ts'
import { RetryBudget } from './retry-budget.ts'

let stage: Stage

beforeEach(() => {
  vi.useFakeTimers({ now: Date.UTC(2026, 0, 1) })
  stage = new Stage()
})
afterEach(endFakeTime)

describe('hedging', () => {
  const hedged = makeSettings({ hedge: { afterMs: 800, budget: 0.05 } })
  const late: Act = { result: 'ok', afterMs: 2000 }

  test('asks a second target when the first is late, and cancels the slower', async () => {
    const [a, b] = [
      stage.target('a', [late]),
      stage.target('b', [{ result: 'ok', afterMs: 100, streamMs: 5000 }]),
    ]
    const outcome = await settle({ targets: [a, b], settings: hedged })
    expect(outcome).toMatchObject({ end: 'b', tookMs: 900 })
    expect(attemptsOf(outcome)).toBe('first a canceled, hedge b ok')
    expect(stage.ledger.map(({ signal }) => signal.aborted)).toEqual([true, false])
    expect(underWay(a, b)).toBe(0)
  })

  test('notes what the slower was sent for nothing, and what that costs where a price is known', async () => {
    const sooner: Act = { result: 'ok', afterMs: 100 }
    const [priced, unpriced] = [
      stage.target('priced', [late], { price: { input: 2, output: 8 } }),
      stage.target('unpriced', [late]),
    ]
    for (const loser of [priced, unpriced]) {
      const { call } = await settle({ targets: [loser, stage.target('b', [sooner])], settings: hedged })
      const [lost, won] = call.trail.attempts
      const tokens = lost?.lostInputTokens ?? 0
      expect(tokens).toBeGreaterThan(0)
      expect(lost?.lostUsd).toBe(loser === priced ? (tokens * 2) / 1_000_000 : undefined)
      expect(won).not.toHaveProperty('lostInputTokens')
    }
  })

  test('is won by the first when that is sooner after all', async () => {
    const [a, b] = [
      stage.target('a', [{ result: 'ok', afterMs: 900, streamMs: 5000 }]),
      stage.target('b', [late]),
    ]
    const outcome = await settle({ targets: [a, b], settings: hedged })
    expect(attemptsOf(outcome)).toBe('first a ok, hedge b canceled')
    expect(underWay(a, b)).toBe(0)
  })

  test('keeps to its budget', async () => {
    const [a, b] = [stage.target('a', [late]), stage.target('b', ['ok'])]
    const run = pursue(makePlan({ targets: [a, b], settings: hedged }), {
      budget: new RetryBudget(),
      random: () => 0,
    })
    for (let index = 0; index < 100; index++) {
      const reply = run(makeChatCall())
      await vi.runAllTimersAsync()
      await reply
    }
    const races = stage.asked.filter((name) => name === 'b').length
    expect(races).toBeGreaterThanOrEqual(5)
    expect(races).toBeLessThanOrEqual(6)
  })

  test('that fails on both sides goes on to a third target, and not to those again', async () => {
    const [a, b] = [
      stage.target('a', [{ result: 'server_error', afterMs: 1500 }]),
      stage.target('b', [{ result: 'auth', afterMs: 10 }]),
    ]
    const c = stage.target('c', ['ok'])
    const outcome = await settle({ targets: [a, b, c], settings: hedged })
    expect(attemptsOf(outcome)).toBe('first a server_error, hedge b auth, failover c ok')
    expect(underWay(a, b, c)).toBe(0)
  })

  test('does not make a refused key of the second the failure of the first', async () => {
    const [a, b] = [
      stage.target('a', [{ result: 'server_error', afterMs: 1500 }, 'ok']),
      stage.target('b', [{ result: 'auth', afterMs: 10 }]),
    ]
    const outcome = await settle({ targets: [a, b], settings: hedged })
    expect(attemptsOf(outcome)).toBe('first a server_error, hedge b auth, retry a ok')
  })

  test('ends with the client, on both sides', async () => {
    const [a, b] = [stage.target('a', ['silence']), stage.target('b', ['silence'])]
    const outcome = await settle({ targets: [a, b], settings: hedged }, { leaveAfterMs: 1000 })
    expect(outcome).toMatchObject({ end: 'canceled', tookMs: 1000 })
    expect(attemptsOf(outcome)).toBe('first a canceled, hedge b canceled')
    expect(underWay(a, b)).toBe(0)
  })

  test('does not take place with one target', async () => {
    const outcome = await settle({ targets: [stage.target('a', [late])], settings: hedged })
    expect(attemptsOf(outcome)).toBe('first a ok')
  })
})
