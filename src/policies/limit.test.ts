import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { makeTools } from '../../test/support/tools.ts'
import { makeCall } from '../../test/support/call.ts'
import type { Call } from '../core/call.ts'
import { Caller } from '../core/caller.ts'
import { MemoryCounters, untilWindowEnds, type Counters } from '../core/counters.ts'
import type { Next, PolicyOptions } from '../core/policy.ts'
import type { Reply } from '../core/reply.ts'
import { Trail } from '../core/trail.ts'
import { limit } from './limit.ts'

const YEAR = 365 * 86_400_000
const CHAT = '{"messages":[{"role":"user","content":"hi"}]}'
const head = { headers: {}, search: new URLSearchParams() }
const reply: Reply = {
  body: { type: 'whole', text: 'ok' },
  dropped: [],
  finished: Promise.resolve({}),
}
const next: Next = () => Promise.resolve(reply)

/** Beginning with the first millisecond of every period but the month. */
beforeEach(() => {
  vi.useFakeTimers()
  vi.advanceTimersByTime(untilWindowEnds(YEAR))
})
afterEach(() => {
  vi.useRealTimers()
})

function chat(): Call {
  return { ...makeCall(CHAT), caller: new Caller(head), trail: new Trail() }
}

/** One worker's route `name`, with its limit. */
function limited(
  options: PolicyOptions,
  counters: Counters = new MemoryCounters(),
  name = 'r',
): (call?: Call) => Promise<Reply> {
  const route = { name, type: 'llm/v1/chat', model: { name: 'm', provider: 'p' } } as const
  const layer = limit.create(options, makeTools({ route, counters }))
  if (!layer) throw new Error('no layer')
  return (call = chat()) => layer(call, next)
}

describe('a limit of calls', () => {
  test('is no layer where none is configured', () => {
    expect(limit.create(undefined, makeTools())).toBeUndefined()
  })

  test("lets so many through and refuses the others with MLflow's words, until the period is over", async () => {
    const ask = limited({ calls: 2, renewal_period: 'minute', key: null })
    expect(await ask()).toBe(reply)
    expect(await ask()).toBe(reply)
    vi.advanceTimersByTime(17_500)
    await expect(ask()).rejects.toMatchObject({
      kind: 'busy',
      status: 429,
      message: 'Rate limit exceeded: 2 per 1 minute',
      retryAfter: '43',
    })
    vi.advanceTimersByTime(42_500)
    expect(await ask()).toBe(reply)
  })

  test.each([
    ['second', '1'],
    ['minute', '60'],
    ['hour', '3600'],
    ['day', '86400'],
    ['year', '31536000'],
  ])('is renewed with each %s', async (renewal_period, retryAfter) => {
    const ask = limited({ calls: 1, renewal_period })
    await ask()
    await expect(ask()).rejects.toMatchObject({ retryAfter })
    vi.advanceTimersByTime(Number(retryAfter) * 1000 - 1)
    await expect(ask()).rejects.toMatchObject({ retryAfter: '1' })
    vi.advanceTimersByTime(1)
    expect(await ask()).toBe(reply)
  })

  test('of a month is renewed every 30 days', async () => {
    const month = 30 * 86_400_000
    vi.advanceTimersByTime(untilWindowEnds(month))
    const ask = limited({ calls: 1, renewal_period: 'month' })
    await ask()
    vi.advanceTimersByTime(month - 1)
    await expect(ask()).rejects.toMatchObject({ status: 429 })
    vi.advanceTimersByTime(1)
    expect(await ask()).toBe(reply)
  })

  test('holds for all workers that share their counters, and not for another route', async () => {
    const counters = new MemoryCounters()
    const options = { calls: 1, renewal_period: 'hour' }
    await limited(options, counters)()
    await expect(limited(options, counters)()).rejects.toMatchObject({ status: 429 })
    expect(await limited(options, counters, 'other')()).toBe(reply)
  })

  test('that is raised by a reload counts the calls of before', async () => {
    const counters = new MemoryCounters()
    await limited({ calls: 1, renewal_period: 'hour' }, counters)()
    const raised = limited({ calls: 2, renewal_period: 'hour' }, counters)
    expect(await raised()).toBe(reply)
    await expect(raised()).rejects.toMatchObject({ status: 429 })
  })

  test('says in the trail why a call was refused', async () => {
    const ask = limited({ calls: 1, renewal_period: 'hour' })
    const passed = chat()
    await ask(passed)
    expect(passed.trail.decisions).toEqual([])
    const refused = chat()
    await expect(ask(refused)).rejects.toMatchObject({ status: 429 })
    expect(refused.trail.decisions).toEqual([{ by: 'limit', what: 'refused: call 2 of 1 in this hour' }])
  })
})
