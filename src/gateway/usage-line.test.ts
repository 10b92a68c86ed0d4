import { expect, test } from 'vitest'
import { usageRecord } from '../../test/support/usage.ts'
import type { AttemptUsage, UsageRecord } from '../core/usage-record.ts'
import { classifyUsage } from '../core/usage.ts'
import { readUsageRecord, writeUsageLine } from './usage-line.ts'

const ATTEMPT: AttemptUsage = {
  route: 'chat',
  target: 'p/m',
  provider: 'p',
  model: 'm',
  reason: 'first',
  outcome: 'ok',
  startedMs: 0.1,
  tookMs: 2,
  waitedMs: 0,
  lostUsd: null,
}

const USUAL = usageRecord('usual', { attempts: [ATTEMPT], durationMs: 2.5 })

const RECORDS: readonly UsageRecord[] = [
  USUAL,
  usageRecord('refused', { route: null, target: null, provider: null, model: null, status: 404 }),
  usageRecord('who "is" it', {
    keyId: 'k\n1',
    keyName: '{"id":"x"}\u2028',
    user: 'ann \ud800',
    team: '',
    tags: JSON.parse('{"project": "x", "__proto__": "y", "a\\"b": "\\\\"}'),
  }),
  usageRecord('dear', {
    tokens: classifyUsage({ inputTokens: 10, cacheReadTokens: 4, outputTokens: 3, reasoningTokens: 2 }),
    costUsd: 0.000_000_001,
    priceVersion: 'abc',
    tokensPerSecond: 0.1,
    webSearches: 1,
    isEstimated: true,
    cache: 'miss',
  }),
  usageRecord('tried', {
    attempts: [
      { ...ATTEMPT, target: 'q/m', provider: 'q', model: null, outcome: 'busy', lostUsd: 0.5 },
      { ...ATTEMPT, route: 'other', reason: 'fallback', waitedMs: 1 },
    ],
  }),
  usageRecord('nothing used', { tokens: classifyUsage({}), costUsd: 0 }),
]

test.each(RECORDS)('the record $id is the same when it is read', (record) => {
  const line = writeUsageLine(record)
  expect(line).not.toContain('\n')
  expect(readUsageRecord(JSON.parse(line))).toEqual(record)
})

test('what is usual is not written', () => {
  expect(writeUsageLine(USUAL).length).toBeLessThan(JSON.stringify(USUAL).length / 3)
})

test('a number that JSON does not have is not known', () => {
  const line = writeUsageLine(usageRecord('odd', { costUsd: Number.NaN, tokensPerSecond: Infinity }))
  expect(readUsageRecord(JSON.parse(line))).toEqual(usageRecord('odd'))
})

test.each([null, [], {}, 'x', { id: 1, at: 1, attempts: [] }, { id: 'x', at: 1 }])(
  '%o is no record',
  (value) => {
    expect(readUsageRecord(value)).toBeUndefined()
  },
)
