import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AttemptUsage } from '../core/usage-record.ts'
import { AdminHarness } from '../../test/support/admin.ts'
import { usageRecord } from '../../test/support/usage.ts'

const ATTEMPT: AttemptUsage = {
  route: 'chat',
  target: 'p/m',
  provider: 'p',
  model: null,
  reason: 'first',
  outcome: 'ok',
  startedMs: 1,
  tookMs: 2,
  waitedMs: 0,
  lostUsd: null,
}
const HOUR = 3_600_000
const START = Date.parse('2026-01-01T00:00:00Z')

let api: AdminHarness

beforeAll(async () => {
  api = await AdminHarness.start()
  await api.database.usage.append([
    usageRecord('r1', { at: START, team: 'blue', keyId: 'k1', costUsd: 0.5, tags: { project: 'a:b' } }),
    usageRecord('r2', {
      at: START + HOUR,
      team: 'blue',
      keyId: 'k2',
      status: 500,
      outcome: 'error',
      error: 'timeout',
    }),
    usageRecord('r3', {
      at: START + 2 * HOUR,
      team: 'red',
      route: '=cmd()',
      model: 'a,"b"',
      attempts: [ATTEMPT],
    }),
  ])
  const body = { at: START, expiresAt: null, isRequestCut: false, isResponseCut: true }
  await api.database.bodies.append([
    { ...body, id: 'r1', request: '{"a":1}', response: 'b' },
    { ...body, id: 'r3', request: 'red', response: null },
  ])
})

afterAll(() => api.close())

const ALL = 'since=2026-01-01&until=2026-01-02'

describe('usage', () => {
  it('is summed by dimensions and buckets', async () => {
    const { json } = await api.call('GET', `/admin/usage?${ALL}&by=team&by=tag:project&bucket=hour`)
    expect(json).toMatchObject({ since: '2026-01-01T00:00:00.000Z', until: '2026-01-02T00:00:00.000Z' })
    const rows = json.rows.map(
      ({ at, group, requests, errors, costUsd, unpriced }: Record<string, unknown>) => [
        at,
        group,
        requests,
        errors,
        costUsd,
        unpriced,
      ],
    )
    expect(rows).toEqual([
      ['2026-01-01T00:00:00.000Z', { team: 'blue', 'tag:project': 'a:b' }, 1, 0, 0.5, 0],
      ['2026-01-01T01:00:00.000Z', { team: 'blue', 'tag:project': null }, 1, 1, 0, 1],
      ['2026-01-01T02:00:00.000Z', { team: 'red', 'tag:project': null }, 1, 0, 0, 1],
    ])
  })

  it('is given as CSV that no spreadsheet runs', async () => {
    const { text, headers } = await api.call('GET', `/admin/usage?${ALL}&by=route&by=model&format=csv`)
    expect(headers).toMatchObject({ 'content-type': 'text/csv; charset=utf-8', 'cache-control': 'no-store' })
    const lines = text.split('\r\n')
    expect(lines[0]).toBe(
      'route,model,requests,errors,inputTokens,cacheReadTokens,outputTokens,costUsd,unpriced,meanMs,meanFirstByteMs',
    )
    expect(lines).toContain(`'=cmd(),"a,""b""",1,0,0,0,0,0,1,1,1`)
    expect(lines).toHaveLength(4)
  })

  it('is, for a team admin, that of the own team', async () => {
    const { json } = await api.call('GET', `/admin/usage?${ALL}&by=team`, { as: 'blue' })
    expect(json.rows).toMatchObject([{ group: { team: 'blue' }, requests: 2 }])
    expect((await api.call('GET', `/admin/usage?${ALL}&team=red`, { as: 'blue' })).json.rows).toEqual([])
  })

  it.each([
    ['by=nothing', 'by: is no dimension'],
    ['by=tag:', 'by: is no dimension'],
    ['by=key&by=user&by=team&by=route&by=model', 'at most 4'],
    ['since=yesterday', 'since: is no time'],
    ['tag=project', 'tag: has no value'],
    ['since=2025-01-01&until=2026-01-01&bucket=minute', 'more than 1500'],
    ['status=99', 'status'],
    ['outcome=good', 'outcome'],
  ])('is not asked for with %s', async (query, message) => {
    const { status, json } = await api.call('GET', `/admin/usage?${query}`)
    expect([status, json.error.message]).toEqual([400, expect.stringContaining(message)])
  })
})

describe('requests', () => {
  const ids = async (query: string, as?: 'blue'): Promise<string[]> => {
    const { json } = await api.call('GET', `/admin/requests?${query}`, as ? { as } : {})
    return json.items.map(({ id }: { id: string }) => id)
  }

  it('are listed, the newest first, by page and by what they have', async () => {
    expect(await ids('')).toEqual(['r3', 'r2', 'r1'])
    const { json } = await api.call('GET', '/admin/requests?limit=2')
    expect(await ids(`limit=2&after=${json.next}`)).toEqual(['r1'])
    expect(await ids('outcome=error&status=500&error=timeout')).toEqual(['r2'])
    expect(await ids('tag=project:a:b')).toEqual(['r1'])
    expect(await ids('key=k2')).toEqual(['r2'])
    expect(await ids('', 'blue')).toEqual(['r2', 'r1'])
  })

  it('are told in full, one by one', async () => {
    const { json } = await api.call('GET', '/admin/requests/r3')
    const { at: _at, ...record } = usageRecord('r3', {
      team: 'red',
      route: '=cmd()',
      model: 'a,"b"',
      attempts: [ATTEMPT],
    })
    expect(json).toEqual({ ...record, at: '2026-01-01T02:00:00.000Z' })
    expect((await api.call('GET', '/admin/requests/r3', { as: 'blue' })).status).toBe(404)
    expect((await api.call('GET', '/admin/requests/none')).status).toBe(404)
  })

  it('are exported whole', async () => {
    const { text } = await api.call('GET', '/admin/requests/export')
    expect(text.split('\r\n').map((line) => line.split(',', 1)[0])).toEqual(['id', 'r3', 'r2', 'r1', ''])
    const lines = await api.call('GET', '/admin/requests/export?format=jsonl', { as: 'blue' })
    expect(
      lines.text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).id),
    ).toEqual(['r2', 'r1'])
  })

  it('show what was said to admins, of a team to its own, and not to viewers', async () => {
    const path = '/admin/requests/r1/body'
    const said = {
      request: '{"a":1}',
      response: 'b',
      isRequestCut: false,
      isResponseCut: true,
      expiresAt: null,
    }
    expect((await api.call('GET', path)).json).toEqual(said)
    expect((await api.call('GET', path, { as: 'blue' })).json).toEqual(said)
    expect((await api.call('GET', path, { as: 'viewer' })).status).toBe(403)
    expect((await api.call('GET', '/admin/requests/r3/body', { as: 'blue' })).status).toBe(404)
    expect((await api.call('GET', '/admin/requests/r2/body')).status).toBe(404)
  })
})
