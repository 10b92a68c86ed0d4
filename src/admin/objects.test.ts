import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AdminHarness } from '../../test/support/admin.ts'
import type { LimitRule } from '../core/limits.ts'
import { Fields } from './fields.ts'
import { readRules } from './limits.ts'
import { writeRule } from '../config/write-limit.ts'

let api: AdminHarness

beforeAll(async () => {
  api = await AdminHarness.start()
})

afterAll(() => api.close())

describe('users and teams', () => {
  it('are made, read, changed and deleted, each with its version', async () => {
    const limits = [{ cost: 500, per: 'month', by: 'all', action: 'reject' }]
    const team = await api.call('POST', '/admin/teams', { body: { id: 'search', limits, tags: { a: 'b' } } })
    expect([team.status, team.json]).toEqual([
      201,
      expect.objectContaining({ id: 'search', limits, tags: { a: 'b' } }),
    ])
    const user = await api.call('POST', '/admin/users', {
      body: { id: 'ada', team: 'search', email: 'a@b.c' },
    })
    expect(user.json).toMatchObject({ id: 'ada', team: 'search', email: 'a@b.c', limits: [], version: 1 })
    const changed = await api.call('PATCH', '/admin/users/ada', {
      body: { team: null, email: null },
      version: 1,
    })
    expect(changed.json).toMatchObject({ team: null, email: null, version: 2 })
    expect((await api.call('GET', '/admin/users')).json.items).toEqual([changed.json])
    expect((await api.call('DELETE', '/admin/users/ada', { version: 2 })).status).toBe(200)
    expect((await api.call('DELETE', '/admin/teams/search', { version: 1 })).status).toBe(200)
  })

  it('have names of which there is one', async () => {
    await api.call('POST', '/admin/teams', { body: { id: 'one' } })
    const { status, json } = await api.call('POST', '/admin/teams', { body: { id: 'one' } })
    expect([status, json.error.code]).toEqual([409, 'conflict'])
  })

  it('stay while something belongs to them', async () => {
    await api.call('POST', '/admin/teams', { body: { id: 'kept' } })
    await api.call('POST', '/admin/users', { body: { id: 'kept', team: 'kept' } })
    await api.call('POST', '/admin/keys', { body: { name: 'k', user: 'kept' } })
    expect((await api.call('DELETE', '/admin/teams/kept', { version: 1 })).json.error.code).toBe('conflict')
    expect((await api.call('DELETE', '/admin/users/kept', { version: 1 })).json.error.code).toBe('conflict')
  })

  it('are, for a team admin, those of the own team', async () => {
    await api.call('POST', '/admin/teams', { body: { id: 'blue' } })
    await api.call('POST', '/admin/teams', { body: { id: 'red' } })
    await api.call('POST', '/admin/users', { body: { id: 'rob', team: 'red' } })
    const made = await api.call('POST', '/admin/users', { as: 'blue', body: { id: 'bea' } })
    expect(made.json).toMatchObject({ id: 'bea', team: 'blue' })
    const ids = async (path: string): Promise<unknown> =>
      (await api.call('GET', path, { as: 'blue' })).json.items.map(({ id }: { id: string }) => id)
    expect([await ids('/admin/users'), await ids('/admin/teams')]).toEqual([['bea'], ['blue']])
    expect((await api.call('GET', '/admin/users/rob', { as: 'blue' })).status).toBe(404)
    expect((await api.call('GET', '/admin/teams/red', { as: 'blue' })).status).toBe(404)
    expect((await api.call('DELETE', '/admin/users/rob', { as: 'blue', version: 1 })).status).toBe(404)
    expect((await api.call('PATCH', '/admin/teams/blue', { as: 'blue', version: 1, body: {} })).status).toBe(
      403,
    )
    const move = { as: 'blue', version: 1, body: { team: 'red' } } as const
    expect((await api.call('PATCH', '/admin/users/bea', move)).status).toBe(403)
  })
})

describe('the audit log', () => {
  it('tells who changed what, of a team to its admins too, and no secret', async () => {
    const { json: made } = await api.call('POST', '/admin/keys', { as: 'blue', body: { name: 'first' } })
    await api.call('PATCH', `/admin/keys/${made.id}`, { version: 1, body: { name: 'second' } })
    await api.call('POST', `/admin/keys/${made.id}/rotate`, { version: 2 })
    const log = await api.call('GET', `/admin/audit?object=key/${made.id}`, { as: 'blue' })
    expect(log.json.items).toMatchObject([
      { actor: 'admin', action: 'key.rotate' },
      { actor: 'admin', action: 'key.update', before: { name: 'first' }, after: { name: 'second' } },
      { actor: 'bob', action: 'key.create', before: null, after: { name: 'first', team: 'blue' } },
    ])
    expect(log.text).not.toContain(made.key)
    expect(log.text).not.toMatch(/digest/i)
    expect((await api.call('GET', '/admin/audit?actor=bob', { as: 'red' })).json.items).toEqual([])
    const { json } = await api.call('GET', '/admin/audit?actor=bob&action=key.create&limit=1', {
      as: 'viewer',
    })
    expect(json.items).toMatchObject([{ object: `key/${made.id}` }])
  })
})

describe('a limit', () => {
  it.each([
    { requests: 5, per: 'minute', by: 'key', action: 'reject' },
    { tokens: 5, per: '90s', window: 'rolling', by: 'tag:a b', action: 'alert', alert_at: [0.5, 1] },
    { cost: 0.25, per: '30d', window: 'rolling', by: 'all', action: 'reject' },
    { cost: 0.25, per: '1500ms', window: 'rolling', by: 'all', action: 'reject' },
    { concurrent: 3, by: 'user', action: 'reject' },
  ])('is written as %j, and read again', (written) => {
    const rules: LimitRule[] = readRules(new Fields({ limits: [written] })) ?? []
    expect(rules.map(writeRule)).toEqual([written])
  })
})
