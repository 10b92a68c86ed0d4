import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { makeFallback, makeSettings, RETRIES, spoil, Stage } from '../../../test/support/plan.ts'
import { endFakeTime, settle, underWay } from '../../../test/support/pursuit.ts'
import type { ErrorKind } from '../../core/error.ts'
import type { PlanTarget } from './plan.ts'

let stage: Stage

beforeEach(() => {
  vi.useFakeTimers({ now: Date.UTC(2026, 0, 1) })
  stage = new Stage()
})
afterEach(endFakeTime)

describe('fallbacks', () => {
  const failing = (kind: ErrorKind = 'server_error'): PlanTarget => stage.target('a', [kind])
  const settings = makeSettings({ retries: { ...RETRIES, max: 0 } })

  test('are tried once each, in order, and only for their classes', async () => {
    const fallbacks = [
      makeFallback(stage.target('f1', ['server_error'])),
      makeFallback(stage.target('f2', ['ok']), ['rate_limit']),
      makeFallback(stage.target('f3', ['bad_request'])),
      makeFallback(stage.target('f4', ['ok'])),
    ]
    const outcome = await settle({ targets: [failing()], fallbacks, settings })
    expect(outcome.end).toBe('f4')
    expect(stage.asked).toEqual(['a', 'f1', 'f3', 'f4'])
    expect(outcome.call.trail.fallbacks).toBe(3)
  })

  test("that fail too leave the client with its own route's failure", async () => {
    const fallbacks = [makeFallback(stage.target('f', ['auth']))]
    expect((await settle({ targets: [failing('overloaded')], fallbacks, settings })).end).toBe('overloaded')
  })

  test('come first while no own target is healthy and they are', async () => {
    const a = spoil(stage.target('a', ['ok']), { openMs: 1000 })
    const [f1, f2] = [spoil(stage.target('f1', ['ok']), { openMs: 1000 }), stage.target('f2', ['ok'])]
    const fallbacks = [makeFallback(f1), makeFallback(f2)]
    expect((await settle({ targets: [a], fallbacks, settings })).end).toBe('f2')
    expect(stage.asked).toEqual(['f2'])
  })

  test.each([
    { on: 'rate_limit', second: { coolMs: 1000 }, asked: 'f' },
    { on: 'overloaded', second: { coolMs: 1000 }, asked: 'a' },
    { on: 'overloaded', second: { openMs: 1000 }, asked: 'f' },
    { on: 'rate_limit', second: { openMs: 1000 }, asked: 'a' },
  ] as const)(
    'for $on come first or not when one of its own is turned away and the other has $second',
    async ({ on, second, asked }) => {
      const a = spoil(stage.target('a', ['ok']), { coolMs: 500 })
      const b = spoil(stage.target('b', ['ok']), second)
      const fallbacks = [makeFallback(stage.target('f', ['ok']), [on])]
      await settle({ targets: [a, b], fallbacks, settings })
      expect(stage.asked).toEqual([asked])
    },
  )

  test('that came first and failed are not tried again after the least bad of its own', async () => {
    const a = spoil(failing(), { openMs: 1000 })
    const fallbacks = [makeFallback(stage.target('f', ['server_error']))]
    const outcome = await settle({ targets: [a], fallbacks, settings })
    expect(outcome.end).toBe('server_error')
    expect(stage.asked).toEqual(['f', 'a'])
  })

  test('are not begun, and not waited for, when the client has left', async () => {
    const a = stage.target('a', [{ result: 'server_error', afterMs: 100 }])
    const f1 = stage.target('f1', ['silence'])
    const fallbacks = [makeFallback(f1), makeFallback(stage.target('f2', ['ok']))]
    const outcome = await settle({ targets: [a], fallbacks, settings }, { leaveAfterMs: 150 })
    expect(outcome).toMatchObject({ end: 'canceled', tookMs: 150 })
    expect(stage.asked).toEqual(['a', 'f1'])
    expect(underWay(a, f1)).toBe(0)
  })
})
