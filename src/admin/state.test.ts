import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AdminHarness } from '../../test/support/admin.ts'
import { noDesks, noFile } from '../../test/support/admin-desks.ts'
import { usageRecord } from '../../test/support/usage.ts'
import { parseConfig } from '../config/load.ts'
import type { Claim, LimitRule, Standing } from '../core/limits.ts'
import { Secret } from '../core/secret.ts'
import type { TargetReport } from './contract.ts'

const asked: Claim[] = []

const rule: LimitRule = {
  id: 'limits|cost/month/team',
  meter: 'cost',
  most: 500,
  window: { kind: 'calendar', per: 'month' },
  by: 'team',
  action: 'reject',
  alertAt: [],
}

function report(route: string, target: string, breaker: TargetReport['breaker'] = 'closed'): TargetReport {
  const nothing = {
    inputTokens: 0,
    cacheReadTokens: 0,
    firstContentMs: null,
    contextWindow: null,
    msPerToken: null,
  }
  const counts = { inFlight: 1, requests: 5, failures: 2, opensInMs: 0, coolsForMs: 0 }
  return { ...nothing, ...counts, route, target, breaker }
}

let api: AdminHarness

beforeAll(async () => {
  api = await AdminHarness.start({
    targets: () => Promise.resolve([report('a', 'x'), report('a', 'y', 'open'), report('b', 'z', 'open')]),
    routes: {
      ...noDesks.routes,
      list: () => [
        { name: 'a', type: 'llm/v1/chat', origin: { kind: 'file', line: 7 }, state: 'ready', issues: [] },
        { name: 'b', type: 'llm/v1/chat', origin: { kind: 'store', version: 2 }, state: 'ready', issues: [] },
        { name: 'a', type: null, origin: { kind: 'store', version: 1 }, state: 'shadowed', issues: [] },
      ],
    },
    content: () => ({ routes: [{ key: new Secret('CANARY-secret') }] }),
    file: {
      ...noFile,
      validate(text) {
        const loaded = parseConfig(text, { file: 'x', env: {} })
        return Promise.resolve({ valid: loaded.ok, issues: loaded.ok ? [] : loaded.issues, warnings: [] })
      },
    },
    rules: () => [rule, { ...rule, id: 'limits|cost/month/all', by: 'all' }],
    standings(claims): Standing[] {
      asked.push(...claims)
      return claims.map(({ bucket }) => ({ bucket, most: 5e11, used: 1e9, reserved: 5e8, resetMs: 7 }))
    },
  })
  const at = Date.now() - 1
  await api.database.usage.append([
    usageRecord('r1', { at, team: 'blue' }),
    usageRecord('r2', { at, team: 'red' }),
  ])
})

afterAll(() => api.close())

describe('routes', () => {
  it('show where they come from, and how their targets are', async () => {
    const { json } = await api.call('GET', '/admin/routes')
    expect(json.items).toMatchObject([
      {
        name: 'a',
        origin: { kind: 'file', line: 7 },
        health: 'degraded',
        targets: [{ target: 'x' }, { breaker: 'open' }],
      },
      { name: 'a', state: 'shadowed', health: null, targets: [] },
      { name: 'b', origin: { kind: 'store', version: 2 }, health: 'down' },
    ])
  })
})

describe('the configuration', () => {
  it('is shown without credentials', async () => {
    const { json, text } = await api.call('GET', '/admin/config/content', { as: 'viewer' })
    expect(json).toEqual({ routes: [{ key: '[redacted]' }] })
    expect(text).not.toContain('CANARY')
  })

  it('is checked as the file is, with the places of all mistakes, and by admins only', async () => {
    const text = 'routes:\n  - {name: a, type: x, model: {provider: mock}}\n'
    const { json } = await api.call('POST', '/admin/config/validate', { body: { text } })
    expect(json).toMatchObject({
      valid: false,
      issues: [
        {
          line: 2,
          column: 21,
          path: 'routes[0].type',
          message: expect.stringContaining('is not a route type'),
        },
      ],
    })
    const good = await api.call('POST', '/admin/config/validate', { body: { text: 'routes: []' } })
    expect(good.json).toEqual({ valid: true, issues: [], warnings: [] })
    const refused = await api.call('POST', '/admin/config/validate', { as: 'viewer', body: { text } })
    expect(refused.status).toBe(403)
  })
})

describe('budgets', () => {
  it('stand where the ledger says, once for each of those they are counted for', async () => {
    const { json } = await api.call('GET', '/admin/budgets')
    const written = { cost: 500, per: 'month', by: 'team', action: 'reject' }
    const standing = { most: 500, used: 1, reserved: 0.5, resetMs: 7 }
    expect(json).toEqual({
      items: [
        { place: null, rule: written, subject: { team: 'blue' }, ...standing },
        { place: null, rule: written, subject: { team: 'red' }, ...standing },
        { place: null, rule: { ...written, by: 'all' }, subject: null, ...standing },
      ],
      next: null,
    })
    expect(asked.map(({ bucket }) => bucket)).toEqual([
      'limits|cost/month/team=blue',
      'limits|cost/month/team=red',
      'limits|cost/month/all=',
    ])
  })

  it('are, for a team admin, those of the own team', async () => {
    const limits = [{ requests: 5, per: 'day' }]
    await api.call('POST', '/admin/teams', { body: { id: 'blue', limits } })
    await api.call('POST', '/admin/teams', { body: { id: 'red', limits } })
    const ofGateway = await api.call('GET', '/admin/budgets', { as: 'blue' })
    expect(ofGateway.json.items).toMatchObject([{ subject: { team: 'blue' } }])
    const ofTeams = await api.call('GET', '/admin/budgets?of=team', { as: 'blue' })
    expect(ofTeams.json.items).toMatchObject([
      { place: { kind: 'team', name: 'blue' }, subject: null, most: 5 },
    ])
    expect((await api.call('GET', '/admin/budgets?of=team&limit=1')).json.next).not.toBeNull()
  })
})
