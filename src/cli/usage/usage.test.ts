import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { usageRecord } from '../../../test/support/usage.ts'
import type { Database } from '../../core/database.ts'
import { issueKey } from '../../auth/issue-key.ts'
import { classifyUsage } from '../../core/usage.ts'
import { openDatabase } from '../../stores/index.ts'
import { printUsage } from './print-usage.ts'
import { reprice } from './reprice.ts'

const folder = mkdtempSync(join(tmpdir(), 'usage-command-'))
const configPath = join(folder, 'gateway.yaml')
const DAY_MS = 86_400_000
const NOON = Date.UTC(2026, 0, 31, 12)
let database: Database
vi.mock('../open-store.ts', () => ({
  openStore: () =>
    Promise.resolve({ database: { ...database, close: () => Promise.resolve() }, directory: undefined }),
}))

let out = ''
let told = ''
beforeEach(async () => {
  out = told = ''
  const write = (keep: (text: string) => void) => (text: string | Uint8Array) => {
    keep(String(text))
    return true
  }
  vi.spyOn(process.stdout, 'write').mockImplementation(write((text) => (out += text)))
  vi.spyOn(process.stderr, 'write').mockImplementation(write((text) => (told += text)))
  database = await openDatabase({ sqlite: ':memory:' })
})
afterEach(async () => {
  vi.restoreAllMocks()
  await database.close()
})
afterAll(() => rmSync(folder, { recursive: true }))

const tokens = classifyUsage({ inputTokens: 1_000_000, outputTokens: 100_000 })
const since = '2026-01-01'
const until = '2026-03-01'

describe('usage', () => {
  beforeEach(() =>
    database.usage.append([
      usageRecord('r1', { at: NOON, team: 'search', tokens, costUsd: 2 }),
      usageRecord('r2', { at: NOON + DAY_MS, team: 'search', tokens, status: 500, outcome: 'error' }),
      usageRecord('r3', { at: NOON + DAY_MS, team: '=1+1,"x"', tokens, costUsd: 0.5 }),
    ]),
  )

  it('is a table of what requests have in common', async () => {
    expect(await printUsage({ since, until, by: 'team' })).toBe(0)
    const [head, ...rows] = out.trimEnd().split('\n')
    expect(head?.split(/ {2,}/)).toEqual([
      'TEAM',
      'REQUESTS',
      'ERRORS',
      'INPUT TOKENS',
      'CACHE READ TOKENS',
      'OUTPUT TOKENS',
      'COST USD',
      'UNPRICED',
      'MEAN MS',
    ])
    expect(rows.map((row) => row.split(/ {2,}/))).toEqual([
      ['=1+1,"x"', '1', '0', '1000000', '0', '100000', '0.5', '0', '1'],
      ['search', '2', '1', '2000000', '0', '200000', '2', '1', '1'],
    ])
  })

  it('calls keys as people do', async () => {
    const fields = { name: 'Ada', user: null, team: null, tags: {}, routes: ['*'], limits: [], metadata: {} }
    const audit = { actor: 'test', action: 'key.create' }
    const { row } = await issueKey(database, { ...fields, expiresAt: null, isEnabled: true }, audit)
    await database.usage.append([
      usageRecord('r4', { at: NOON, keyId: row.id }),
      usageRecord('r5', { at: NOON, keyId: 'file:ci' }),
    ])
    expect(await printUsage({ since, until, by: 'key' })).toBe(0)
    expect(out).toContain(`\nAda (${row.id})  `)
    expect(out).toContain('\nfile:ci')
  })

  it('is JSON, by day, when asked', async () => {
    expect(await printUsage({ since, until, bucket: 'day', json: true })).toBe(0)
    expect(JSON.parse(out)).toMatchObject({
      since: '2026-01-01T00:00:00.000Z',
      rows: [
        { at: '2026-01-31T00:00:00.000Z', requests: 1 },
        { at: '2026-02-01T00:00:00.000Z', requests: 2 },
      ],
    })
  })

  it('is CSV in which no name is a formula', async () => {
    expect(await printUsage({ since, until, by: 'team', csv: true })).toBe(0)
    expect(out.split('\r\n')[1]).toBe(`"'=1+1,""x""",1,0,1000000,0,100000,0.5,0,1`)
  })

  it.each([
    [{ by: 'colour' }, '--by has no "colour"'],
    [{ bucket: 'week' }, '--bucket is "hour" or "day"'],
    [{ since: 'yesterday' }, '--since is no time'],
    [{ since: '2026-04-01' }, '--since is not before --until'],
  ])('tells what is wrong with %j', async (options, message) => {
    expect(await printUsage({ since, until, ...options })).toBe(2)
    expect(told).toContain(message)
  })
})

describe('reprice', () => {
  const ROUTE = (price: string): string => `
routes:
  - name: chat
    type: llm/v1/chat
    targets:
      - { name: p/m, model: { provider: mock, name: m }${price} }
`

  it('works out costs by the prices of the configuration, once, and leaves a line in the audit log', async () => {
    writeFileSync(configPath, ROUTE(', price: { input: 2, output: 10 }'))
    await database.usage.append([
      usageRecord('r1', { at: NOON, tokens }),
      usageRecord('hit', { at: NOON, tokens, cache: 'hit', costUsd: 0 }),
      usageRecord('refused', { at: NOON, target: null, provider: null, costUsd: 0 }),
      usageRecord('uncounted', { at: NOON }),
    ])
    expect(await reprice({ since, until, configPath, dryRun: true, json: true })).toBe(0)
    expect(JSON.parse(out)).toEqual({ requests: 4, changed: 2, beforeUsd: 0, afterUsd: 3 })
    expect((await database.usage.get('r1'))?.costUsd).toBeNull()

    expect(await reprice({ since, until, configPath })).toBe(0)
    expect(out).toContain('2 of 4 requests changed: from 0 USD to 3 USD')
    expect(await database.usage.get('r1')).toMatchObject({
      costUsd: 3,
      priceVersion: expect.stringMatching(/^\w{12}$/),
    })
    expect((await database.usage.get('uncounted'))?.costUsd).toBeNull()
    expect((await database.audit.list({ limit: 5 })).rows).toMatchObject([
      { action: 'usage.reprice', object: 'usage', after: { changed: 2, afterUsd: 3 } },
    ])
    const [sum] = await database.usage.totals({}, { dimensions: [] })
    expect(sum).toMatchObject({ costUsd: 3, unpriced: 1 })

    out = ''
    expect(await reprice({ since, until, configPath, json: true })).toBe(0)
    expect(JSON.parse(out)).toMatchObject({ changed: 0 })
  })

  it('takes a price away that nobody knows any more', async () => {
    writeFileSync(configPath, ROUTE(''))
    await database.usage.append([usageRecord('r1', { at: NOON, tokens, costUsd: 3, priceVersion: 'old' })])
    expect(await reprice({ since, until, configPath })).toBe(0)
    expect(await database.usage.get('r1')).toMatchObject({ costUsd: null, priceVersion: null })
  })
})
