import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { FullBacklog } from '../rig/full-backlog.ts'
import type { Outcome, Shot } from '../rig/outcome.ts'
import { NEVER_ANSWERS, stallsAfter } from '../rig/provider-faults.ts'
import { IS_WHOLE } from '../rig/report.ts'
import { shotOf } from '../rig/shots.ts'
import { FaultStage, IMPATIENT, type RouteSpec } from '../rig/stage.ts'

const ONE = { at: 'one' } as const
const TWO = { at: 'two', speaks: 'anthropic' } as const
const ONCE = { retries: { max: 1, backoff: { initial: '20ms', max: '60ms' } } }
const LARGE = 5 * 1024 * 1024

let backlog: FullBacklog
let stage: FaultStage

function routes(): RouteSpec[] {
  const stuck = { at: 'one', url: backlog.url } as const
  const soon = { timeout: IMPATIENT }
  const onlyFallback = { ...soon, retries: { max: 0 }, fallbacks: [{ route: 'other' }] }
  return [
    // A single failure would open its breaker.
    { name: 'kept', targets: [ONE], more: { ...ONCE, circuit_breaker: { failures: 1, share: 0 } } },
    { name: 'other', targets: [TWO] },
    { name: 'alone', targets: [ONE], more: { ...soon, ...ONCE } },
    { name: 'pair', targets: [ONE, TWO], more: soon },
    { name: 'with-fallback', targets: [ONE], more: onlyFallback },
    { name: 'stuck', targets: [stuck], more: { ...soon, ...ONCE } },
    { name: 'stuck-pair', targets: [stuck, TWO], more: soon },
    { name: 'stuck-with-fallback', targets: [stuck], more: onlyFallback },
  ]
}

beforeAll(async () => {
  backlog = await FullBacklog.start()
  stage = await FaultStage.start(routes())
})

afterAll(async () => {
  await stage?.close()
  await backlog?.close()
})

beforeEach(() => stage.mend())

/** Nothing in an answer says where the provider is. */
function expectNoAddress(outcomes: readonly Outcome[]): void {
  for (const { body, headers } of outcomes) {
    const { date: _date, ...others } = headers
    const text = body.toString('utf8') + JSON.stringify(others)
    expect(text).not.toMatch(/127\.0\.0\.1|localhost|ECONN|ETIMEDOUT/)
  }
}

// The first of all: other rows use up the retry budget.
it('F4: a retry or a second target may answer', async () => {
  const number = stage.takeNumbers(2)
  stage.one.provider.plays('alone', [stallsAfter(0), {}])
  stage.one.provider.plays('pair', stallsAfter(0))
  const { ends, attempts } = await stage.play({
    row: 4,
    fault: 'headers, then silence, once; or at the first of two targets',
    expected: 'answered, 2 attempts',
    shots: ['alone', 'pair'].map((route, index) => shotOf({ route, marker: `T1R${number + index}` })),
  })
  expect(ends).toEqual({ '200 answer': 2 })
  expect(attempts).toBe(4)
})

const FAR = { row: 1, fault: 'the provider refuses connections' }

it('F1: of one that refuses connections the client hears 502, and not where it is', async () => {
  await stage.one.proxy.set({ connect: 'refuse' })
  const { outcomes, ends, attempts } = await stage.play({
    ...FAR,
    expected: '502 without an address, at most 1 retry',
    routes: ['alone'],
    maxUnseenAttempts: Infinity,
  })
  expect(ends).toEqual({ '502 error': outcomes.length })
  expect(attempts).toBeLessThanOrEqual(2 * outcomes.length)
  expectNoAddress(outcomes)
  expect(outcomes[0]?.verdict.message).toBe('The provider could not be reached.')
  expect(new Set(outcomes.map(({ headers }) => headers['x-should-retry']))).toEqual(new Set(['false']))
})

it('F1: a second target or a fallback answers in its place', async () => {
  await stage.one.proxy.set({ connect: 'refuse' })
  const { outcomes, ends, attempts } = await stage.play({
    ...FAR,
    fault: `${FAR.fault}; there is another target, or a fallback`,
    expected: 'answered, 2 attempts',
    routes: ['pair', 'with-fallback'],
    maxUnseenAttempts: Infinity,
  })
  expect(ends).toEqual({ '200 answer': outcomes.length })
  expect(attempts).toBe(2 * outcomes.length)
})

const FULL = { row: 2, fault: 'connections are never accepted (full backlog)' }

it('F2: of a full backlog the client hears 504 after the connect timeout (where the table has 502)', async () => {
  const { outcomes, ends } = await stage.play({
    ...FULL,
    expected: '504 after the connect timeout, at most 1 retry',
    routes: ['stuck'],
    maxUnseenAttempts: Infinity,
  })
  expect(ends).toEqual({ '504 error': outcomes.length })
  expectNoAddress(outcomes)
  expect(Math.min(...outcomes.map(({ totalMs }) => totalMs))).toBeGreaterThan(450)
})

it('F2: a second target or a fallback answers in its place', async () => {
  const { outcomes, ends, attempts } = await stage.play({
    ...FULL,
    fault: `${FULL.fault}; there is another target, or a fallback`,
    expected: 'answered, 2 attempts',
    routes: ['stuck-pair', 'stuck-with-fallback'],
    maxUnseenAttempts: Infinity,
  })
  expect(ends).toEqual({ '200 answer': outcomes.length })
  expect(attempts).toBe(2 * outcomes.length)
})

const MUTE = { row: 3, fault: 'the provider accepts and never answers' }

it('F3: of one that never answers the client hears 504', async () => {
  stage.one.provider.plays('alone', NEVER_ANSWERS)
  const { outcomes, ends, attempts } = await stage.play({
    ...MUTE,
    expected: '504 after the first-token timeout, at most 1 retry',
    routes: ['alone'],
  })
  expect(ends).toEqual({ '504 error': outcomes.length })
  expect(attempts).toBeLessThanOrEqual(2 * outcomes.length)
})

it('F3: so it does when the network swallows everything', async () => {
  await stage.one.proxy.set({ connect: 'blackhole' })
  const { outcomes, ends } = await stage.play({
    ...MUTE,
    fault: 'the network takes connections and passes nothing on',
    expected: '504 after the first-token timeout, at most 1 retry',
    routes: ['alone'],
    maxUnseenAttempts: Infinity,
  })
  expect(ends).toEqual({ '504 error': outcomes.length })
})

it('F3: a second target or a fallback answers in its place', async () => {
  stage.one.provider.plays('pair', NEVER_ANSWERS)
  stage.one.provider.plays('with-fallback', NEVER_ANSWERS)
  const { outcomes, ends, attempts } = await stage.play({
    ...MUTE,
    fault: `${MUTE.fault}; there is another target, or a fallback`,
    expected: 'answered, 2 attempts',
    routes: ['pair', 'with-fallback'],
  })
  expect(ends).toEqual({ '200 answer': outcomes.length })
  expect(attempts).toBe(2 * outcomes.length)
})

it('F4: silence after the headers is retried, and ends in 504', async () => {
  stage.one.provider.plays('alone', stallsAfter(0))
  const { outcomes, ends } = await stage.play({
    row: 4,
    fault: 'headers, then silence',
    expected: '504 after the idle timeout, retries within the budget',
    routes: ['alone'],
    streamShare: 0,
  })
  expect(ends).toEqual({ '504 error': outcomes.length })
})

/** So many requests, one after the other, so that each finds a kept connection. */
function inARow(count: number, more: Partial<Shot> = {}): Shot[] {
  const first = stage.takeNumbers(count)
  return Array.from({ length: count }, (_, index) => {
    const dialect = (['openai', 'anthropic', 'gemini'] as const)[index % 3] ?? 'openai'
    return shotOf({
      marker: `T1R${first + index}`,
      route: 'kept',
      dialect,
      stream: index % 2 === 0,
      dueMs: more.promptBytes ? 300 + index * 900 : index * 60,
      ...more,
    })
  })
}

it.each([
  { how: 'rst', isDelivered: false },
  { how: 'rst', isDelivered: true },
  { how: 'fin', isDelivered: false },
] as const)(
  'F8: a kept connection that ends as it is used ($how, delivered: $isDelivered) is not noticed by the client',
  async (idleRace) => {
    const { proxy } = stage.one
    const racedBefore = proxy.raced
    await proxy.set({ idleRace })
    const { ends, attempts, outcomes, facts } = await stage.play({
      row: 8,
      fault: `${idleRace.how === 'rst' ? 'RST' : 'FIN'} on a reused connection${idleRace.isDelivered ? ', the request was delivered' : ''}`,
      expected: 'answered; one resend over a fresh connection each time, told as an attempt',
      shots: inARow(IS_WHOLE ? 60 : 12),
      maxUnseenAttempts: Infinity,
      note: () => `${proxy.raced - racedBefore} connections ended so`,
    })
    const raced = proxy.raced - racedBefore
    expect(ends).toEqual({ '200 answer': outcomes.length })
    expect(raced).toBeGreaterThan(0)
    expect(attempts).toBe(outcomes.length + raced)
    expect(facts.stdout).not.toContain('circuit_breaker')
  },
)

it('F9: a body of 5 MB that is cut off on a reused connection is sent once more, as 1 request with 2 attempts', async () => {
  const { proxy } = stage.one
  const racedBefore = proxy.raced
  await proxy.set({ idleRace: { how: 'fin' } })
  const first = stage.takeNumbers(1)
  const small = shotOf({ marker: `T1R${first}`, route: 'kept' })
  const large = inARow(IS_WHOLE ? 12 : 3, { promptBytes: LARGE })
  const { ends, attempts, outcomes, facts } = await stage.play({
    row: 9,
    fault: 'FIN while a body of 5 MB is being sent on a reused connection',
    expected: 'answered after one resend; 1 line in the log, 2 attempts',
    shots: [small, ...large],
    maxUnseenAttempts: Infinity,
    maxResidentMiB: 600,
  })
  const raced = proxy.raced - racedBefore
  expect(ends).toEqual({ '200 answer': outcomes.length })
  expect(raced).toBeGreaterThan(0)
  expect(attempts).toBeGreaterThanOrEqual(outcomes.length + raced)
  const ids = facts.stdout.matchAll(/"id":"([^"]+)"/g)
  const counts = [...ids].filter(([, id]) => id === outcomes.at(-1)?.headers['x-gateway-request-id'])
  expect(counts).toHaveLength(1)
})
