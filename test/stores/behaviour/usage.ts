import { expect, test } from 'vitest'
import type { Database } from '../../../src/core/database.ts'
import type { UsageRecord } from '../../../src/core/usage-record.ts'

const HOUR = 3_600_000

/** Records of requests; the tests build on each other. */
export function usageBehaves(open: () => Database): void {
  test('a record is kept once, however often it comes, and comes back equal', async () => {
    const records = Array.from({ length: 450 }, (_, index) => record(index))
    const some = records.slice(0, 300)
    expect(await open().usage.append([...some, ...some], { spool: 's', offset: 7 })).toBe(300)
    expect(await open().usage.append(records.toReversed(), { spool: 's', offset: 9 })).toBe(150)
    expect(await open().usage.progress('s')).toBe(9)
    expect(await open().usage.get('r0042')).toEqual(records[42])
    const [all] = await open().usage.totals({}, { dimensions: [] })
    expect(all).toMatchObject({ requests: 450, unpriced: 45, inputTokens: 4500 })
  })

  test('totals from kept sums and from requests are the same', async () => {
    const query = { since: HOUR / 2, until: 3 * HOUR + 1, tag: ['project', 'a"b'] as const }
    const dimensions = ['model', 'tag:project'] as const
    const kept = await open().usage.totals(query, { dimensions })
    const minutes = await open().usage.totals(query, { bucketMs: 60_000, dimensions })
    const requests = minutes.reduce((sum, row) => sum + row.requests, 0)
    expect(kept.reduce((sum, row) => sum + row.requests, 0)).toBe(requests)
    expect(requests).toBeGreaterThan(0)
    expect(kept.every(({ group }) => group[1] === 'a"b')).toBe(true)
  })

  test('how long requests took is told within a twentieth, by bucket', async () => {
    const kept = await open().usage.latencies({}, HOUR)
    const requests = kept.reduce((sum, row) => sum + row.requests, 0)
    expect(requests).toBe(450)
    for (const { at, duration, firstByte } of kept) {
      const { rows } = await open().usage.list({ since: at, until: at + HOUR, limit: 500 })
      const exact = (of: 'durationMs' | 'firstByteMs', share: number): number => {
        const sorted = rows.map((row) => row[of]).toSorted((a, b) => a - b)
        return Math.max(sorted[Math.ceil(share * sorted.length) - 1] ?? 0, 0.1)
      }
      for (const [name, share] of [
        ['p50', 0.5],
        ['p95', 0.95],
        ['p99', 0.99],
      ] as const) {
        expect(Math.abs(duration[name] / exact('durationMs', share) - 1)).toBeLessThan(0.06)
        expect(Math.abs(firstByte[name] / exact('firstByteMs', share) - 1)).toBeLessThan(0.06)
      }
    }
    expect(await open().usage.latencies({ model: 'nobody' }, HOUR)).toEqual([])
  })

  test('pages by a filter and by a tag hold every record once', async () => {
    for (const query of [{ model: 'm1' }, { tag: ['project', 'a"b'] as const }]) {
      const ids: string[] = []
      let after: string | undefined
      do {
        const page = await open().usage.list({ ...query, limit: 37, ...(after !== undefined && { after }) })
        ids.push(...page.rows.map(({ id }) => id))
        after = page.next
      } while (after !== undefined)
      expect(ids).toHaveLength(225)
      expect(ids).toEqual(ids.toSorted().toReversed())
    }
  })

  test('new prices and deletion reach the totals', async () => {
    expect(await open().usage.reprice(new Map([['r0000', { costUsd: 2, priceVersion: 'x' }]]))).toBe(1)
    expect((await open().usage.totals({}, { dimensions: [] }))[0]).toMatchObject({ unpriced: 44 })
    expect(await open().usage.prune(450 * 60_000, 400)).toBe(400)
    expect((await open().usage.totals({}, { dimensions: [] }))[0]).toMatchObject({ requests: 50 })
    expect(await open().usage.prune(450 * 60_000, 400)).toBe(50)
    expect(await open().usage.totals({}, { dimensions: [] })).toEqual([])
  })

  test('a record is shown to its own team only', async () => {
    await open().usage.append([{ ...record(0), id: 'of-search' }])
    expect(await open().usage.get('of-search', { team: 'search' })).toMatchObject({ team: 'search' })
    expect(await open().usage.get('of-search', { team: 'sales' })).toBeUndefined()
    expect(await open().usage.get('of-search', { team: undefined })).toBeDefined()
  })

  test('whatever is in a record, it is kept', async () => {
    const long = Array.from({ length: 9_000 }, (_, index) => String.fromCodePoint(0x4e00 + index)).join('')
    const odd = {
      ...record(0),
      id: 'odd',
      model: 'a\0b\ud800',
      team: long,
      tags: { [long]: long, 'n\0': '\udfff' },
      status: 200.5,
      durationMs: Number.NaN,
      costUsd: 1e300,
      webSearches: Number.POSITIVE_INFINITY,
      tokens: record(0).tokens && { ...record(0).tokens, input: 1.5, output: 1e300, cacheRead: -1 },
    } as UsageRecord
    expect(await open().usage.append([odd])).toBe(1)
    const kept = await open().usage.get('odd')
    expect(kept).toMatchObject({ model: 'a\ufffdb\ufffd', durationMs: 0, tokens: { input: 2, cacheRead: 0 } })
    const found = await open().usage.list({
      limit: 5,
      model: 'a\0b\ud800',
      team: long,
      tag: ['n\0', '\ud900'],
    })
    expect(found.rows.map(({ id }) => id)).toEqual(['odd'])
    const [sum] = await open().usage.totals(
      { model: 'a\0b\ud800', tag: [long, long] },
      { dimensions: ['team'] },
    )
    expect(sum).toMatchObject({ requests: 1, group: [long.slice(0, 600)] })
  })
}

export function record(index: number): UsageRecord {
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
