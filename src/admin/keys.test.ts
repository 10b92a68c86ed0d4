import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { AdminHarness } from '../../test/support/admin.ts'
import { digestOf, pepperOf } from '../auth/digest.ts'

let api: AdminHarness

beforeAll(async () => {
  api = await AdminHarness.start()
})

afterAll(() => api.close())

const FIELDS = {
  name: 'batch',
  user: 'ada',
  tags: { project: 'search' },
  routes: ['chat-*'],
  limits: [
    { requests: 600, per: 'minute', by: 'key', action: 'reject' },
    { cost: 12.5, per: '30d', window: 'rolling', by: 'all', action: 'alert', alert_at: [0.5, 1] },
  ],
  expiresAt: '2030-01-01T00:00:00.000Z',
  metadata: { owner: ['x', null, 1] },
}

describe('a virtual key', () => {
  it('is shown once, and given back as it was made', async () => {
    const made = await api.call('POST', '/admin/keys', { body: FIELDS })
    expect([made.status, made.headers.etag]).toEqual([201, '"1"'])
    const { key, ...rest } = made.json
    expect(key).toMatch(/^mgw_\w{38}$/)
    expect(rest).toMatchObject({ ...FIELDS, id: expect.stringMatching(/^key_[0-9a-f]{16}$/), enabled: true })
    expect(rest).toMatchObject({ team: null, hint: `mgw_...${key.slice(-4)}`, lastUsedAt: null, version: 1 })
    const read = await api.call('GET', `/admin/keys/${rest.id}`)
    expect(read.json).toEqual(rest)
    const row = await api.database.keys.findByDigest(digestOf(key, await pepperOf(api.database.settings)))
    expect(row?.id).toBe(rest.id)
    const { text: list } = await api.call('GET', '/admin/keys')
    const { text: log } = await api.call('GET', `/admin/keys/${rest.id}`)
    for (const secret of [key, row?.digest ?? '']) expect(list + log + read.text).not.toContain(secret)
  })

  it('needs only a name', async () => {
    const { json } = await api.call('POST', '/admin/keys', { body: { name: 'x' } })
    expect(json).toMatchObject({
      user: null,
      team: null,
      tags: {},
      routes: ['*'],
      limits: [],
      expiresAt: null,
    })
  })

  it.each([
    [{}, 'missing key "name"'],
    [{ name: '' }, 'name: is empty'],
    [{ name: 'x\0' }, 'name: '],
    [{ name: 'x', other: 1 }, 'unknown key "other"'],
    [{ name: 'x', limits: [{ requests: 5 }] }, 'limits[0]: has no period'],
    [{ name: 'x', limits: [{ requests: 5, per: 'minut' }] }, 'did you mean "minute"?'],
    [{ name: 'x', expiresAt: 'tomorrow' }, 'expiresAt: is no time'],
    [{ name: 'x', expiresAt: '2026-13-01' }, 'expiresAt: is no time'],
    [{ name: 'x', tags: { a: 1 } }, 'tags.a: must be a string'],
    [{ name: 'x', metadata: { a: 'x'.repeat(20_000) } }, 'metadata: is larger'],
    [{ name: 'x', user: '..' }, 'user: '],
  ])('is refused as %j', async (body, message) => {
    const { status, json } = await api.call('POST', '/admin/keys', { body })
    expect([status, json.error.code]).toEqual([400, 'bad_request'])
    expect(json.error.message).toContain(message)
  })

  it('is changed by those who know its version, and by nobody else', async () => {
    const { json: made } = await api.call('POST', '/admin/keys', { body: FIELDS })
    const path = `/admin/keys/${made.id}`
    const body = { enabled: false, user: null, limits: [] }
    expect((await api.call('PATCH', path, { body })).json.error.code).toBe('version_required')
    expect((await api.call('PATCH', path, { body, version: 7 })).status).toBe(412)
    const changed = await api.call('PATCH', path, { body, version: 1 })
    expect([changed.status, changed.headers.etag]).toEqual([200, '"2"'])
    expect(changed.json).toMatchObject({ ...FIELDS, enabled: false, user: null, limits: [], version: 2 })
    expect((await api.call('PATCH', path, { body, version: 1 })).json.error.code).toBe('changed')
    expect((await api.call('PATCH', '/admin/keys/none', { body, version: 1 })).status).toBe(404)
  })

  it('gets another text, and the one before is taken for as long as was said', async () => {
    const { json: made } = await api.call('POST', '/admin/keys', { body: FIELDS })
    const path = `/admin/keys/${made.id}/rotate`
    const pepper = await pepperOf(api.database.settings)
    const isKnown = async (key: string): Promise<boolean> =>
      (await api.database.keys.findByDigest(digestOf(key, pepper))) !== undefined
    const { json: second } = await api.call('POST', path, { version: 1, body: { grace: '1h' } })
    expect(second.key).not.toBe(made.key)
    expect(Date.parse(second.previousUntil) - Date.now()).toBeGreaterThan(3_590_000)
    expect([await isKnown(made.key), await isKnown(second.key)]).toEqual([true, true])
    const { json: third } = await api.call('POST', path, { version: 2, body: { grace: 0 } })
    expect(third.previousUntil).toBeNull()
    expect([await isKnown(made.key), await isKnown(second.key), await isKnown(third.key)]).toEqual([
      false,
      false,
      true,
    ])
    expect((await api.call('POST', path, { version: 2 })).status).toBe(412)
    expect((await api.call('POST', path, { version: 3, body: { grace: '100d' } })).status).toBe(400)
  })

  it('is gone when it is deleted', async () => {
    const { json: made } = await api.call('POST', '/admin/keys', { body: FIELDS })
    const path = `/admin/keys/${made.id}`
    expect((await api.call('DELETE', path, { version: 2 })).status).toBe(412)
    expect((await api.call('DELETE', path, { version: 1 })).json).toEqual({ deleted: true })
    expect((await api.call('DELETE', path, { version: 1 })).status).toBe(404)
  })
})

describe('many keys', () => {
  it('come in pages, and are found by name, user and team', async () => {
    for (let i = 0; i < 5; i++) {
      await api.call('POST', '/admin/keys', { body: { name: `Many ${i}`, team: i < 3 ? 'few' : 'other' } })
    }
    const seen: string[] = []
    let after = ''
    do {
      const { json } = await api.call('GET', `/admin/keys?text=many&limit=2${after}`)
      seen.push(...json.items.map(({ name }: { name: string }) => name))
      after = json.next === null ? '' : `&after=${json.next}`
    } while (after !== '')
    expect(seen.toSorted()).toEqual(['Many 0', 'Many 1', 'Many 2', 'Many 3', 'Many 4'])
    expect((await api.call('GET', '/admin/keys?team=few')).json.items).toHaveLength(3)
    for (const query of ['after=x', 'limit=0', 'limit=201', 'limit=1e1', 'text=%00']) {
      expect([query, (await api.call('GET', `/admin/keys?${query}`)).status]).toEqual([query, 400])
    }
  })
})

describe('who is not an admin', () => {
  beforeEach(async () => {
    await api.database.teams
      .create({ id: 'blue', limits: [], tags: {}, isEnabled: true })
      .catch(() => undefined)
    await api.database.users
      .create({ id: 'bea', team: 'blue', email: null, limits: [], isEnabled: true })
      .catch(() => undefined)
    await api.database.users
      .create({ id: 'rob', team: 'red', email: null, limits: [], isEnabled: true })
      .catch(() => undefined)
  })

  it('reads everything as a viewer, and changes nothing', async () => {
    const { json: made } = await api.call('POST', '/admin/keys', { body: FIELDS })
    expect((await api.call('GET', `/admin/keys/${made.id}`, { as: 'viewer' })).status).toBe(200)
    for (const [method, path] of [
      ['POST', '/admin/keys'],
      ['PATCH', `/admin/keys/${made.id}`],
      ['DELETE', `/admin/keys/${made.id}`],
      ['POST', `/admin/keys/${made.id}/rotate`],
    ] as const) {
      const { json } = await api.call(method, path, { as: 'viewer', body: {}, version: 1 })
      expect(json.error.code).toBe('forbidden')
    }
  })

  it('has, as a team admin, keys of the own team and no others', async () => {
    const { json: mine } = await api.call('POST', '/admin/keys', {
      as: 'blue',
      body: { name: 'b', user: 'bea' },
    })
    expect(mine).toMatchObject({ team: 'blue', user: 'bea' })
    const { json: others } = await api.call('POST', '/admin/keys', { body: { name: 'b', team: 'red' } })
    const list = await api.call('GET', '/admin/keys', { as: 'blue' })
    expect(list.json.items.map(({ id }: { id: string }) => id)).toEqual([mine.id])
    expect((await api.call('GET', '/admin/keys?team=red', { as: 'blue' })).json.items).toEqual([])
    for (const [method, path] of [
      ['GET', `/admin/keys/${others.id}`],
      ['PATCH', `/admin/keys/${others.id}`],
      ['DELETE', `/admin/keys/${others.id}`],
      ['POST', `/admin/keys/${others.id}/rotate`],
    ] as const) {
      expect(
        (await api.call(method, path, { as: 'blue', version: 1, ...(method !== 'GET' && { body: {} }) }))
          .status,
      ).toBe(404)
    }
    for (const body of [
      { name: 'x', team: 'red' },
      { name: 'x', team: null },
    ]) {
      expect((await api.call('POST', '/admin/keys', { as: 'blue', body })).status).toBe(403)
    }
    // A key in the name of another team's user would use up what that user may.
    expect(
      (await api.call('POST', '/admin/keys', { as: 'blue', body: { name: 'x', user: 'rob' } })).status,
    ).toBe(404)
    expect(
      (await api.call('PATCH', `/admin/keys/${mine.id}`, { as: 'blue', version: 1, body: { team: 'red' } }))
        .status,
    ).toBe(403)
  })

  it('may nothing as a team admin of no team', async () => {
    for (const [method, path, body] of [
      ['GET', '/admin/keys', undefined],
      ['POST', '/admin/keys', { name: 'x' }],
      ['GET', '/admin/usage', undefined],
    ] as const) {
      expect((await api.call(method, path, { as: 'teamless', body })).json.error.code).toBe('forbidden')
    }
  })
})
