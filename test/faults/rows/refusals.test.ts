import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Behaviour } from '../rig/behaviour.ts'
import type { LedgerEntry } from '../rig/ledger.ts'
import type { Outcome, Shot } from '../rig/outcome.ts'
import { ANSWERS, refuses, refusesFor } from '../rig/provider-faults.ts'
import { IS_WHOLE } from '../rig/report.ts'
import { shotOf } from '../rig/shots.ts'
import { attemptsOf, FaultStage, type RouteSpec, type TargetSpec } from '../rig/stage.ts'
import { BODIES, type WireDialect } from '../rig/wire-bodies.ts'

const ONE = { at: 'one' } as const
const TWO = { at: 'two', speaks: 'anthropic' } as const
const OWN_DIALECTS: readonly WireDialect[] = ['openai', 'anthropic', 'gemini']
const BREAKER = { circuit_breaker: { failures: 5, window: '30s', cooldown: '30s' } }

/** What a provider may say with a 429, and what becomes of it. */
const WAITS: readonly {
  name: string
  headers: Record<string, string>
  becomes: 'waits' | 'gives up' | 'ignores'
  leastMs?: number
}[] = [
  { name: 'one-second', headers: { 'retry-after': '1' }, becomes: 'waits', leastMs: 980 },
  { name: 'an-hour', headers: { 'retry-after': '3600' }, becomes: 'gives up' },
  { name: 'negative', headers: { 'retry-after': '-5' }, becomes: 'ignores' },
  { name: 'a-word', headers: { 'retry-after': 'abc' }, becomes: 'ignores' },
  { name: 'exponent', headers: { 'retry-after': '1e9' }, becomes: 'ignores' },
  { name: 'decades', headers: { 'retry-after': '1000000000' }, becomes: 'gives up' },
  { name: 'milliseconds', headers: { 'retry-after-ms': '400' }, becomes: 'waits', leastMs: 390 },
  {
    name: 'milliseconds-first',
    headers: { 'retry-after-ms': '400', 'retry-after': '3600' },
    becomes: 'waits',
    leastMs: 390,
  },
]

function routes(): RouteSpec[] {
  const alone = (name: string, target: TargetSpec = ONE): RouteSpec => ({ name, targets: [target] })
  const fallbackTo = (route: string, on?: readonly string[]): Record<string, unknown> => ({
    retries: { max: 0 },
    fallbacks: [on ? { route, on } : { route }],
  })
  return [
    alone('other', TWO),
    ...WAITS.map(({ name }) => alone(name)),
    alone('a-date'),
    alone('retry-info', { at: 'one', speaks: 'gemini' }),
    { name: 'long-wait-pair', targets: [ONE, TWO] },
    { name: 'long-wait-fallback', targets: [ONE], more: fallbackTo('other') },
    { name: 'burst', targets: [ONE], more: BREAKER },
    { name: 'wave', targets: [ONE] },
    ...OWN_DIALECTS.map((speaks) => alone(`fails-${speaks}`, { at: 'one', speaks })),
    { name: 'key-pair', targets: [ONE, TWO], more: BREAKER },
    { name: 'key-fallback', targets: [ONE], more: { ...BREAKER, ...fallbackTo('other') } },
    { name: 'key-alone', targets: [ONE] },
    { name: 'mistake-pair', targets: [ONE, TWO] },
    { name: 'mistake-fallback', targets: [ONE], more: fallbackTo('other') },
    { name: 'long-fallback', targets: [ONE], more: fallbackTo('other', ['context_window']) },
  ]
}

let stage: FaultStage

beforeAll(async () => {
  stage = await FaultStage.start(routes())
})

afterAll(() => stage?.close())

beforeEach(() => stage.mend())

/** One request for each route, at once. */
function oneFor(names: readonly string[], more: Partial<Shot> = {}): Shot[] {
  const first = stage.takeNumbers(names.length)
  return names.map((route, index) => shotOf({ marker: `T1R${first + index}`, route, ...more }))
}

function on(outcomes: readonly Outcome[], route: string): Outcome {
  const found = outcomes.find(({ shot }) => shot.route === route)
  if (!found) throw new Error(`nobody asked for ${route}`)
  return found
}

// The first of all: what was asked before would count for its budget.
it('F11: under a burst of 429 the attempts stay within 1.2 per request and 3', async () => {
  stage.one.provider.plays('burst', refuses(429, { 'retry-after': '1' }))
  const ratePerSecond = IS_WHOLE ? 200 : 60
  const requests = ratePerSecond * (IS_WHOLE ? 30 : 3)
  const { outcomes, ends, ledger, bystanders } = await stage.play({
    row: 11,
    fault: IS_WHOLE ? '429 for 30 s at 200 requests per second' : '429 for 3 s',
    expected: 'attempts at most 1.2 x requests + 3 per worker, no waves of retries',
    routes: ['burst'],
    requests,
    ratePerSecond,
    note: (score) => `most retries within 100 ms: ${busiestTenth(retriesIn(score.ledger))}`,
  })
  expect(ends).toEqual({ '429 error': outcomes.length })
  expect(ledger.length).toBeLessThanOrEqual(1.2 * outcomes.length + 0.2 * bystanders.length + 3)
  expect(busiestTenth(retriesIn(ledger))).toBeLessThan(ratePerSecond / 2)
})

it('F10: a Retry-After is waited for, or given up on, or ignored', async () => {
  await stage.earnRetries(8)
  const { provider } = stage.one
  for (const { name, headers } of WAITS) provider.plays(name, [refuses(429, headers), ANSWERS])
  const date = new Date(Date.now() + 3_000).toUTCString()
  provider.plays('a-date', [refuses(429, { 'retry-after': date }), ANSWERS])
  provider.plays('retry-info', [refusesFor('1s'), ANSWERS])
  const names = [...WAITS.map(({ name }) => name), 'a-date', 'retry-info']
  const { outcomes, facts } = await stage.play({
    row: 10,
    fault: '429 with Retry-After: 1, 3600, a date, -5, abc, 1e9, 1000000000; retry-after-ms; RetryInfo',
    expected: 'waited for / at once 429 / waited for / ignored / ignored / ignored / at once 429; waited for',
    shots: oneFor(names),
  })
  const waited = [...WAITS, { name: 'a-date', becomes: 'waits' as const, leastMs: 1_000 }]
  for (const { name, becomes, leastMs = 0 } of [
    ...waited,
    { name: 'retry-info', becomes: 'waits' as const, leastMs: 980 },
  ]) {
    const outcome = on(outcomes, name)
    const isRetried = becomes !== 'gives up'
    expect([name, outcome.status]).toEqual([name, isRetried ? 200 : 429])
    expect([name, attemptsOf(outcome, facts)]).toEqual([name, isRetried ? 2 : 1])
    expect(outcome.totalMs).toBeGreaterThan(leastMs)
  }
  expect(on(outcomes, 'an-hour').headers['retry-after']).toBe('3600')
})

it('F10: with another target or a fallback nobody waits for it', async () => {
  for (const name of ['long-wait-pair', 'long-wait-fallback']) {
    stage.one.provider.plays(name, refuses(429, { 'retry-after': '3600' }))
  }
  const { outcomes, ends } = await stage.play({
    row: 10,
    fault: '429 with Retry-After: 3600; there is another target, or a fallback',
    expected: 'answered at once, by the other',
    routes: ['long-wait-pair', 'long-wait-fallback'],
  })
  expect(ends).toEqual({ '200 answer': outcomes.length })
})

it('F11: those who were refused at the same moment do not come back at the same moment', async () => {
  await stage.earnRetries(20)
  stage.one.provider.plays('wave', refuses(429, { 'retry-after': '1' }))
  const { ledger } = await stage.play({
    row: 11,
    fault: '429 with Retry-After: 1 to 20 requests at the same moment',
    expected: 'the retries are spread',
    shots: oneFor(Array.from({ length: 20 }, () => 'wave')),
    note: (score) => `the first retries came within ${Math.round(spreadMs(score.ledger))} ms`,
  })
  expect(ledger.length).toBeGreaterThan(30)
  expect(spreadMs(ledger)).toBeGreaterThan(100)
})

/** When a request came, and whose it was. */
type Arrival = Pick<LedgerEntry, 'at' | 'markers'>

/** All but the first of each client's request. */
function retriesIn(ledger: readonly Arrival[]): Arrival[] {
  const seen = new Set<string>()
  return ledger.filter(({ markers: [marker = ''] }) => seen.size === seen.add(marker).size)
}

/** The most requests that came within a tenth of a second. */
function busiestTenth(arrivals: readonly Arrival[]): number {
  const counts = new Map<number, number>()
  for (const { at } of arrivals) {
    const tenth = Math.floor(at / 100)
    counts.set(tenth, (counts.get(tenth) ?? 0) + 1)
  }
  return Math.max(0, ...counts.values())
}

/** Between the first and the last of the first retries. */
function spreadMs(ledger: readonly Arrival[]): number {
  const seen = new Set<string>()
  const first = retriesIn(ledger).filter(({ markers: [marker = ''] }) => seen.size < seen.add(marker).size)
  const times = first.map(({ at }) => at)
  return Math.max(...times) - Math.min(...times)
}

describe.each([500, 502, 503, 504, 529])('F12: status %i', (status) => {
  it('is tried at most twice more, and then told in the words of the client', async () => {
    await stage.earnRetries(2)
    for (const speaks of OWN_DIALECTS) stage.one.provider.plays(`fails-${speaks}`, refuses(status))
    const { outcomes, attempts, facts } = await stage.play({
      row: 12,
      fault: `${status} from the provider`,
      expected: `at most 2 retries; ${status} in the client's dialect, x-should-retry: false`,
      routes: OWN_DIALECTS.map((speaks) => `fails-${speaks}`),
    })
    expect(Math.max(...outcomes.map((outcome) => attemptsOf(outcome, facts)))).toBeLessThanOrEqual(3)
    expect(attempts).toBeGreaterThan(outcomes.length)
    for (const outcome of outcomes) {
      // Anthropic has a status of its own for a provider that has too much to do.
      const told = status === 503 && outcome.shot.dialect === 'anthropic' ? 529 : status
      expect([outcome.status, outcome.verdict.kind]).toEqual([told, 'error'])
      expect(outcome.headers['x-should-retry']).toBe('false')
    }
  })
})

describe.each([401, 403])('F13: status %i', (status) => {
  const fault = `${status} from the provider`

  it('is a 502 that does not repeat what the provider said about the key', async () => {
    const { key } = stage.one
    const text = `Incorrect API key provided: ${key.slice(0, -8)}. You find yours on the page.`
    stage.one.provider.plays('key-alone', { status, body: BODIES.openai.error(status, text) })
    const { outcomes, ends, attempts } = await stage.play({
      row: 13,
      fault,
      expected: '502, kind auth, no retry, nothing of what the provider says',
      routes: ['key-alone'],
    })
    expect(ends).toEqual({ '502 error': outcomes.length })
    expect(attempts).toBe(outcomes.length)
    for (const { body } of outcomes) expect(body.toString()).not.toMatch(/Incorrect|page/)
    const openai = outcomes.find(({ shot }) => shot.dialect === 'openai')
    expect(openai?.body.toString()).toContain('"upstream_auth_error"')
  })
})

it('F13: a second target or a fallback answers, and the refused key rests', async () => {
  for (const name of ['key-pair', 'key-fallback']) stage.one.provider.plays(name, refuses(401))
  const { outcomes, ends, ledger } = await stage.play({
    row: 13,
    fault: '401 from the first of two targets, or from a route with a fallback',
    expected: 'answered; the key is left alone from then on (its breaker is open)',
    routes: ['key-pair', 'key-fallback'],
  })
  expect(ends).toEqual({ '200 answer': outcomes.length })
  const refused = ledger.filter(({ provider }) => provider === 'one').length
  // Those that were under way when the first was refused, for each of the two routes.
  expect(refused).toBeGreaterThanOrEqual(2)
  expect(refused).toBeLessThan(outcomes.length / 2)
})

const MISTAKES = [
  {
    what: '400 for a prompt that is too long',
    status: 400,
    error: { message: 'This maximum context length is 8192 tokens.', code: 'context_length_exceeded' },
  },
  {
    what: '404 for the model',
    status: 404,
    error: { message: 'The model does not exist.', code: 'model_not_found' },
  },
  { what: '413', status: 413, error: { message: 'The request is too large.', code: null } },
  { what: '400', status: 400, error: { message: 'n must be 1.', code: null } },
] as const

describe.each(MISTAKES)('F14: $what', ({ what, status, error }) => {
  const body = JSON.stringify({ error: { type: 'invalid_request_error', ...error } })

  it('is told to the client in its dialect, without a retry', async () => {
    stage.one.provider.plays('key-alone', { status, body })
    const { outcomes, ends, attempts } = await stage.play({
      row: 14,
      fault: `${what} from the provider`,
      expected: `${status} in the client's dialect, 1 attempt`,
      routes: ['key-alone'],
    })
    expect(ends).toEqual({ [`${status} error`]: outcomes.length })
    expect(attempts).toBe(outcomes.length)
    for (const { verdict } of outcomes) expect(verdict.message).toContain(error.message)
  })
})

it('F14: other targets and fallbacks are not asked, but for a missing model and where the file says so', async () => {
  const tooLong = { status: 400, body: JSON.stringify({ error: MISTAKES[0].error }) } satisfies Behaviour
  for (const name of ['mistake-pair', 'mistake-fallback', 'long-fallback']) {
    stage.one.provider.plays(name, tooLong)
  }
  const { outcomes, facts } = await stage.play({
    row: 14,
    fault: '400 for a prompt that is too long; another target, a fallback, a fallback on context_window',
    expected: '400 with 1 attempt; 400 with 1 attempt; answered by the fallback',
    shots: oneFor(['mistake-pair', 'mistake-fallback', 'long-fallback']),
  })
  const seen = outcomes.map((outcome) => [outcome.status, attemptsOf(outcome, facts)])
  expect(seen).toEqual([
    [400, 1],
    [400, 1],
    [200, 2],
  ])
})

it('F14: a model that one target does not have another may have (by design, where the table passes it on)', async () => {
  const body = JSON.stringify({ error: MISTAKES[1].error })
  for (const name of ['mistake-pair', 'mistake-fallback']) {
    stage.one.provider.plays(name, { status: 404, body })
  }
  const { ends, outcomes } = await stage.play({
    row: 14,
    fault: '404 for the model; there is another target, or a fallback',
    expected: 'answered by the other',
    routes: ['mistake-pair', 'mistake-fallback'],
  })
  expect(ends).toEqual({ '200 answer': outcomes.length })
})

it('F29: a key that the provider repeats reaches nobody', async () => {
  const { key } = stage.one
  const text = `The key "${key}" (${JSON.stringify(key)}) is over its quota.`
  const error = { message: text, type: `t-${key}`, code: key, param: key, [key]: { deep: [key] } }
  const sse = (value: object): string => `data: ${JSON.stringify(value)}\n\n`
  stage.one.provider.plays('key-alone', (entry) => {
    const bodies = BODIES[entry.dialect]
    const status = entry.number % 2 === 0 ? 400 : 500
    if (!entry.isStream)
      return { status, body: JSON.stringify({ error }), headers: { 'retry-after': key, 'x-request-id': key } }
    const [marker = ''] = entry.markers
    const parts = [
      bodies.start(entry.model),
      ...(entry.number % 2 === 0 ? [bodies.piece(`[${marker}:0/2]`, entry.model)] : []),
      sse({ error }),
    ]
    return { writes: () => parts, isFault: true }
  })
  const { outcomes } = await stage.play({
    row: 29,
    fault: 'the provider repeats its key: in an error, in headers, in an error event',
    expected: 'redacted for the client and in the log',
    routes: ['key-alone'],
  })
  for (const { verdict } of outcomes) expect(['error', 'broken']).toContain(verdict.kind)
  expect(outcomes.some(({ body }) => body.toString().includes('[redacted]'))).toBe(true)
})
