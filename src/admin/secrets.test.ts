import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AdminHarness } from '../../test/support/admin.ts'

const FILE = `
routes:
  - {name: in-file, type: llm/v1/chat, model: {provider: openai, name: m, config: {openai_api_key: 'secret:openai'}}}
`
const VALUE = 'sk-canary-0123456789'

let api: AdminHarness
beforeAll(async () => {
  api = await AdminHarness.start({}, FILE)
})
afterAll(() => api.close())

describe('secrets', () => {
  it('are set and listed, with what uses them, and their values are in no answer and no log', async () => {
    expect((await api.call('GET', '/admin/secrets')).json).toEqual({ items: [] })
    const set = await api.call('PUT', '/admin/secrets/openai', { body: { value: VALUE } })
    const shown = {
      name: 'openai',
      keyId: expect.stringMatching(/^\w{12}$/),
      usedBy: ['route in-file'],
      problem: null,
      version: 1,
    }
    expect([set.status, set.json]).toEqual([200, expect.objectContaining(shown)])
    await api.call('PUT', '/admin/secrets/unused', { body: { value: VALUE } })
    const listed = await api.call('GET', '/admin/secrets', { as: 'viewer' })
    expect(listed.json.items).toEqual([
      expect.objectContaining(shown),
      expect.objectContaining({ name: 'unused', usedBy: [] }),
    ])
    expect(
      (await api.call('PUT', '/admin/secrets/openai', { body: { value: `${VALUE}2` } })).json.version,
    ).toBe(2)
    const log = await api.call('GET', '/admin/audit?object=secret/openai')
    expect(log.json.items).toMatchObject([
      { actor: 'admin', action: 'secret.set' },
      { actor: 'admin', action: 'secret.set' },
    ])
    expect(`${set.text}${listed.text}${log.text}`).not.toMatch(/canary|sealed/)
  })

  it.each([
    ['openai', {}, 400],
    ['openai', { value: '' }, 400],
    ['openai', { value: 4242 }, 400],
    ['openai', { value: 'canary\nof two lines' }, 400],
    ['openai', { value: 'canary', other: 1 }, 400],
    ['with%20space', { value: 'canary' }, 400],
    ['a%2Fb', { value: 'canary' }, 400],
    ['n'.repeat(101), { value: 'canary' }, 400],
  ])('are refused as %s with %j', async (name, body, status) => {
    const answer = await api.call('PUT', `/admin/secrets/${name}`, { body })
    expect(answer.status).toBe(status)
    expect(answer.text).not.toContain('canary')
  })

  it('are not deleted while something uses them, unless that is asked for', async () => {
    const refused = await api.call('DELETE', '/admin/secrets/openai')
    expect(refused.json.error).toEqual({
      code: 'conflict',
      message: 'It is used by route in-file; take it out there first, or send "force=true".',
    })
    expect((await api.call('DELETE', '/admin/secrets/unused')).json).toEqual({ deleted: true })
    expect((await api.call('DELETE', '/admin/secrets/unused')).status).toBe(404)
    expect((await api.call('DELETE', '/admin/secrets/openai?force=true')).json).toEqual({ deleted: true })
    const { json } = await api.call('GET', '/admin/routes')
    expect(json.items).toMatchObject([
      { name: 'in-file', state: 'unusable', origin: { kind: 'file', line: 3 } },
    ])
  })

  it('are sealed anew when asked', async () => {
    await api.call('PUT', '/admin/secrets/openai', { body: { value: VALUE } })
    expect((await api.call('POST', '/admin/secrets/rotate')).json).toEqual({
      sealedAnew: [],
      unchanged: ['openai'],
      closed: [],
    })
  })

  it('are the business of admins of the whole gateway', async () => {
    for (const as of ['viewer', 'blue'] as const) {
      expect((await api.call('PUT', '/admin/secrets/x', { as, body: { value: 'v' } })).status).toBe(403)
      expect((await api.call('DELETE', '/admin/secrets/openai', { as })).status).toBe(403)
      expect((await api.call('POST', '/admin/secrets/rotate', { as })).status).toBe(403)
    }
    expect((await api.call('GET', '/admin/secrets', { as: 'blue' })).status).toBe(403)
  })
})
