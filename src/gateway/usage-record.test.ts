import { expect, test } from 'vitest'
import { GatewayError } from '../core/error.ts'
import { Trail } from '../core/trail.ts'
import type { CallRecord } from './record.ts'
import { priceVersionOf, toAbortedRecord, toUsageRecord } from './usage-record.ts'

const PRICE = { input: 1, output: 2 }
const ROUTE = { name: 'r', type: 'llm/v1/chat', model: { name: 'm', provider: 'p' } } as const
const CUT = new GatewayError('cut', { kind: 'truncated', status: 502 })

function record(changes: Partial<CallRecord> = {}): CallRecord {
  const trail = new Trail()
  trail.attempts.push({
    route: 'r',
    target: 'p/m',
    model: { name: 'm', provider: 'p' },
    price: PRICE,
    reason: 'first',
    startedMs: 0,
    tookMs: 5,
    waitedMs: 0,
    outcome: 'ok',
  })
  return {
    id: 'c1',
    path: '/v1/messages',
    dialect: 'anthropic',
    caller: undefined,
    route: ROUTE,
    status: 200,
    stream: true,
    durationMs: 1100,
    firstByteMs: 100,
    usage: { inputTokens: 1000, outputTokens: 50 },
    isEstimated: false,
    requestBytes: 10,
    responseBytes: 20,
    dropped: [],
    error: undefined,
    trail,
    ...changes,
  }
}

test('a record tells the cost, the price it comes from and the speed', () => {
  expect(toUsageRecord(record())).toMatchObject({
    outcome: 'ok',
    target: 'p/m',
    costUsd: 0.0011,
    priceVersion: priceVersionOf(PRICE),
    tokensPerSecond: 50,
    tokens: { input: 1000, output: 50 },
    attempts: [{ target: 'p/m', outcome: 'ok', tookMs: 5, lostUsd: null }],
  })
})

test('a cost that is not known is null: no usage, or no price', () => {
  expect(toUsageRecord(record({ usage: undefined })).costUsd).toBeNull()
  const trail = new Trail()
  for (const { price: _price, ...attempt } of record().trail.attempts) trail.attempts.push(attempt)
  expect(toUsageRecord(record({ trail }))).toMatchObject({ costUsd: null, priceVersion: null })
})

test('what no provider was asked for and what our cache answered cost nothing', () => {
  expect(toUsageRecord(record({ trail: new Trail(), usage: undefined })).costUsd).toBe(0)
  const { trail } = record()
  trail.cache = 'hit'
  expect(toUsageRecord(record({ trail }))).toMatchObject({ costUsd: 0, cache: 'hit' })
})

test.each([
  ['a failure', { status: 502, error: CUT }, 'error'],
  ['a failure after the first content', { status: 200, error: CUT }, 'cut'],
  [
    'a client that left',
    { status: 499, error: new GatewayError('left', { kind: 'canceled', status: 499 }) },
    'canceled',
  ],
])('%s has an outcome of its own', (_what, changes, outcome) => {
  expect(toUsageRecord(record(changes)).outcome).toBe(outcome)
})

test('a stream that has only begun is kept as an aborted one of unknown cost', () => {
  expect(toAbortedRecord(record({ usage: undefined }))).toMatchObject({ outcome: 'aborted', costUsd: null })
})
