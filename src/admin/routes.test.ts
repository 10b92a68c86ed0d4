import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AdminHarness, type Told } from '../../test/support/admin.ts'
import type { TargetReport } from './contract.ts'

const FILE = 'routes: [{name: in-file, type: llm/v1/chat, model: {provider: mock, name: m}}]'
const MOCK = { type: 'llm/v1/chat', model: { provider: 'mock', name: 'm' } }
const REPORT: TargetReport = {
  route: 'in-file',
  target: 'mock/m',
  breaker: 'open',
  opensInMs: 100,
  coolsForMs: 0,
  inFlight: 0,
  requests: 1,
  failures: 1,
  firstContentMs: null,
  msPerToken: null,
  inputTokens: 0,
  cacheReadTokens: 0,
  contextWindow: null,
}

let api: AdminHarness
beforeAll(async () => {
  api = await AdminHarness.start({ targets: () => Promise.resolve([REPORT]) }, FILE)
})
afterAll(() => api.close())

function create(name: string, definition: unknown): ReturnType<AdminHarness['call']> {
  return api.call('POST', '/admin/routes', { body: { name, definition } })
}

describe('routes', () => {
  it('of the file are shown with their place and the state of their targets, and not their text', async () => {
    const shown = {
      name: 'in-file',
      type: 'llm/v1/chat',
      origin: { kind: 'file', line: 1 },
      state: 'ready',
      issues: [],
      health: 'down',
      targets: [expect.objectContaining({ target: 'mock/m', breaker: 'open' })],
    }
    expect((await api.call('GET', '/admin/routes', { as: 'viewer' })).json).toEqual({
      items: [shown],
      next: null,
    })
    const nothing = { definition: null, createdAt: null, updatedAt: null }
    expect((await api.call('GET', '/admin/routes/in-file')).json).toEqual({ ...shown, ...nothing })
    expect((await api.call('GET', '/admin/routes/none')).status).toBe(404)
  })

  it('are made, changed and deleted in the store, each at its version, and each in the audit log', async () => {
    const made = await create('mine', MOCK)
    expect(made.status).toBe(201)
    expect(made.headers.etag).toBe('"1"')
    expect(made.json).toMatchObject({
      name: 'mine',
      origin: { kind: 'store', version: 1 },
      state: 'ready',
      definition: MOCK,
    })
    expect((await api.call('GET', '/admin/routes')).json.items).toMatchObject([
      { name: 'in-file' },
      { name: 'mine' },
    ])
    const body = { definition: { ...MOCK, strategy: 'priority' } }
    expect((await api.call('PUT', '/admin/routes/mine', { body })).status).toBe(428)
    expect((await api.call('PUT', '/admin/routes/mine', { body, version: 7 })).status).toBe(412)
    const changed = await api.call('PUT', '/admin/routes/mine', { body, version: 1 })
    expect([changed.headers.etag, changed.json.origin]).toEqual(['"2"', { kind: 'store', version: 2 }])
    expect((await api.call('GET', '/admin/routes/mine')).json).toEqual(changed.json)
    expect((await api.call('DELETE', '/admin/routes/mine', { version: 1 })).status).toBe(412)
    expect((await api.call('DELETE', '/admin/routes/mine', { version: 2 })).json).toEqual({ deleted: true })
    expect((await api.call('DELETE', '/admin/routes/mine', { version: 2 })).status).toBe(404)
    const log = await api.call('GET', '/admin/audit?object=route/mine')
    expect(log.json.items.map(({ action }: { action: string }) => action)).toEqual([
      'route.delete',
      'route.update',
      'route.create',
    ])
  })

  it('are listed page by page', async () => {
    for (const name of ['p1', 'p2', 'p3']) await create(name, MOCK)
    const names: string[] = []
    for (let path: string | undefined = '/admin/routes?limit=2'; path !== undefined;) {
      const answer: Told = await api.call('GET', path)
      const { items, next } = answer.json
      names.push(...items.map(({ name }: { name: string }) => name))
      path = next === null ? undefined : `/admin/routes?limit=2&after=${next}`
    }
    expect(names).toEqual(['in-file', 'p1', 'p2', 'p3'])
    expect((await api.call('GET', '/admin/routes?after=canary')).json.error.code).toBe('bad_request')
  })

  it('that would not work are refused, with the place of each mistake', async () => {
    const { status, json } = await create('wrong', {
      ...MOCK,
      strategi: 'x',
      fallbacks: [{ route: 'in-fil' }],
      model: { provider: 'openai', name: 'm', config: { openai_api_key: 'sk-canary-1234567' } },
    })
    expect([status, json.error.code]).toEqual([422, 'invalid'])
    expect(json.error.issues).toMatchObject([
      { path: 'strategi', message: expect.stringContaining('did you mean "strategy"?') },
      {
        path: 'model.config.openai_api_key',
        message: expect.stringMatching(/^holds a credential, .*mlflow-gateway secrets set NAME/),
      },
    ])
    expect(JSON.stringify(json)).not.toContain('canary')
    expect(
      (await create('leads', { ...MOCK, fallbacks: [{ route: 'in-fil' }] })).json.error.issues,
    ).toMatchObject([
      { path: 'fallbacks[0].route', message: expect.stringContaining('did you mean "in-file"?') },
    ])
    expect((await create('a b', MOCK)).status).toBe(400)
    expect((await create('none', [])).status).toBe(400)
    expect((await create('none', {})).status).toBe(422)
    expect((await api.call('GET', '/admin/routes/wrong')).status).toBe(404)
  })

  it('of the file are not changed here, and no other gets their name', async () => {
    expect((await create('in-file', MOCK)).json.error).toEqual({
      code: 'conflict',
      message: 'The file has a route of this name, which is used; choose another name.',
    })
    const answers = [
      await api.call('PUT', '/admin/routes/in-file', { version: 1, body: { definition: MOCK } }),
      await api.call('DELETE', '/admin/routes/in-file', { version: 1 }),
    ]
    for (const { json } of answers) {
      expect(json.error).toEqual({
        code: 'conflict',
        message: 'The route stands in the file; change it there.',
      })
    }
    expect((await create('p1', MOCK)).json.error.code).toBe('conflict')
  })

  it('on which others depend stay as they are needed', async () => {
    await create('inner', MOCK)
    await create('outer', { type: 'llm/v1/chat', targets: [{ route: 'inner' }] })
    const refusal = { code: 'conflict', message: expect.stringMatching(/would not work any more: outer\.$/) }
    expect((await api.call('DELETE', '/admin/routes/inner', { version: 1 })).json.error).toEqual(refusal)
    const body = { definition: { ...MOCK, type: 'llm/v1/embeddings' } }
    expect((await api.call('PUT', '/admin/routes/inner', { version: 1, body })).json.error).toEqual(refusal)
    expect((await api.call('DELETE', '/admin/routes/outer', { version: 1 })).status).toBe(200)
    expect((await api.call('DELETE', '/admin/routes/inner', { version: 1 })).status).toBe(200)
  })

  it('may name a secret that is yet to come, and say that it is missing', async () => {
    const model = { provider: 'openai', name: 'm', config: { openai_api_key: 'secret:later' } }
    expect((await create('early', { ...MOCK, model })).json).toMatchObject({
      state: 'unusable',
      issues: [
        { path: 'model.config.openai_api_key', message: expect.stringContaining('is not in the store') },
      ],
    })
    await api.call('PUT', '/admin/secrets/later', { body: { value: 'sk-later' } })
    expect((await api.call('GET', '/admin/routes/early')).json).toMatchObject({ state: 'ready', issues: [] })
  })

  it('are the business of admins of the whole gateway', async () => {
    for (const as of ['viewer', 'blue'] as const) {
      expect(
        (await api.call('POST', '/admin/routes', { as, body: { name: 'x', definition: MOCK } })).status,
      ).toBe(403)
      expect(
        (await api.call('PUT', '/admin/routes/p1', { as, version: 1, body: { definition: MOCK } })).status,
      ).toBe(403)
      expect((await api.call('DELETE', '/admin/routes/p1', { as, version: 1 })).status).toBe(403)
    }
    expect((await api.call('GET', '/admin/routes', { as: 'blue' })).status).toBe(403)
  })
})
