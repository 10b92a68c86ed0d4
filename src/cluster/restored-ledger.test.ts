import { expect, test } from 'vitest'
import type { UsageQuery, UsageTotals } from '../core/database.ts'
import type { Claim, LimitRule } from '../core/limits.ts'
import { MemoryLedger } from '../stores/index.ts'
import { RestoredLedger } from './restored-ledger.ts'

const RULE: LimitRule = {
  id: 'team a|cost/month/all',
  meter: 'cost',
  most: 10,
  window: { kind: 'calendar', per: 'month' },
  by: 'all',
  action: 'reject',
  alertAt: [],
}
const CLAIM: Claim = { rule: RULE, bucket: `${RULE.id}=`, amount: 1_000_000_000, of: { team: 'a' } }
const START = Date.UTC(2030, 4, 20)

const TOTALS: UsageTotals = {
  group: ['p/m', null],
  requests: 12,
  errors: 0,
  inputTokens: 100,
  cacheReadTokens: 0,
  outputTokens: 50,
  costUsd: 8.5,
  unpriced: 0,
  durationMs: 0,
  firstByteMs: 0,
}

function restart(totals: (query: UsageQuery) => Promise<readonly UsageTotals[]>): {
  ledger: RestoredLedger
  queries: UsageQuery[]
  warnings: string[]
  clock: { now: number }
} {
  const clock = { now: START }
  const queries: UsageQuery[] = []
  const warnings: string[] = []
  const ledger = new RestoredLedger({
    ledger: new MemoryLedger({ now: () => clock.now }),
    usage: {
      totals: (query) => {
        queries.push(query)
        return totals(query)
      },
    },
    now: () => clock.now,
    gateways: () => 1,
    complete: () => Promise.resolve(),
    warn: (message) => warnings.push(message),
  })
  return { ledger, queries, warnings, clock }
}

test('a restart forgets no money that was spent in the present window', async () => {
  const { ledger, queries } = restart(() => Promise.resolve([TOTALS]))
  const verdicts = await Promise.all(['a', 'b', 'c'].map(async (id) => ledger.reserve(id, [CLAIM])))
  expect(verdicts.map(({ ok }) => ok)).toEqual([true, false, false])
  expect(queries).toEqual([{ team: 'a', since: Date.UTC(2030, 4, 1), until: START }])
})

test('what was spent in the month of the start is not that of a later one', async () => {
  const { ledger, queries, clock } = restart(() => Promise.resolve([]))
  clock.now = Date.UTC(2030, 5, 2)
  expect(await ledger.standings([CLAIM])).toMatchObject([{ used: 0 }])
  expect(queries).toMatchObject([{ since: Date.UTC(2030, 5, 1), until: clock.now }])
})

test('requests that were refused before a provider was asked are none that were used', async () => {
  const rule: LimitRule = { ...RULE, id: 'team a|requests', meter: 'requests', most: 10 }
  const { ledger } = restart(() =>
    Promise.resolve([
      { ...TOTALS, requests: 4, group: ['p/m', null] },
      { ...TOTALS, requests: 2, group: ['p/m', 'server_error'] },
      // From the cache.
      { ...TOTALS, requests: 1, group: [null, null] },
      { ...TOTALS, requests: 5, group: [null, 'busy'] },
      { ...TOTALS, requests: 9, group: [null, 'not_found'] },
    ]),
  )
  const claim = { ...CLAIM, rule, bucket: `${rule.id}=`, amount: 1 }
  expect(await ledger.standings([claim])).toMatchObject([{ used: 7 }])
})

test('a table that cannot be read is told of, and limits begin with nothing', async () => {
  const { ledger, warnings } = restart(() => Promise.reject(new Error('gone')))
  expect(await ledger.reserve('a', [CLAIM])).toMatchObject({ ok: true })
  expect(warnings).toHaveLength(1)
})
