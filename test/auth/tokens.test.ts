import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ask, chatBody, type Answer } from '../support/ask.ts'
import { Gateway } from '../support/gateway.ts'
import { IdentityProvider } from '../support/identity-provider.ts'

const CANARY = 'canary-admin-secret-0123456789'

let provider: IdentityProvider
let gateway: Gateway

beforeAll(async () => {
  provider = await IdentityProvider.start()
  const yaml = `
auth:
  jwt:
    - issuer: ${provider.url}
      audience: gateway
      claims: { user: email, team: team, role: roles, routes: scope, tags: { project: project } }
      roles: { admin: gateway-admin, team_admin: lead, viewer: [staff, audit] }
routes:
  - { name: chat, type: llm/v1/chat, model: { provider: mock, name: m } }
  - { name: other, type: llm/v1/chat, model: { provider: mock, name: m } }
`
  gateway = await Gateway.start(yaml, { workers: 2, env: { MLFLOW_GATEWAY_ADMIN_KEY: CANARY } })
})
afterAll(async () => {
  await gateway?.stop()
  await provider?.stop()
})

function call(token: string, model = 'chat'): Promise<Answer> {
  const headers = { authorization: `Bearer ${token}` }
  return ask(`${gateway.url}/v1/chat/completions`, { body: chatBody('Hello', { model }), headers })
}

function admin(method: string, path: string, token: string, body?: unknown): Promise<Answer> {
  return ask(`http://127.0.0.1:${gateway.port + 1}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}` },
    body,
  })
}

const ANN = { sub: 's1', email: 'ann@example.com', team: 'search', scope: 'chat', project: 'ranking' }

describe('callers', () => {
  test('with a good token use the routes that it names, and are in the log', async () => {
    const token = await provider.sign(ANN)
    const answer = await call(token)
    expect(answer.status).toBe(200)
    expect((await call(token, 'other')).status).toBe(403)
    expect(await gateway.requestLine(answer.headers['x-request-id'])).toMatchObject({
      key: `${provider.url} s1`,
      user: 'ann@example.com',
      team: 'search',
    })
  })

  test('with a bad token are told what is told of any bad key', async () => {
    const bad = await call(await provider.sign(ANN, { audience: 'mail' }))
    const unknown = await call('no-key-at-all')
    expect(bad.status).toBe(401)
    expect(bad.text).toBe(unknown.text)
  })
})

describe('at the admin API', () => {
  test.each([
    ['gateway-admin', 200, 201],
    ['audit', 200, 403],
    ['lead', 200, 403],
    ['nobody', 401, 401],
  ])('the role %s may read (%i) and make teams (%i)', async (role, reading, making) => {
    const token = await provider.sign({ ...ANN, roles: [role] })
    expect((await admin('GET', '/admin/teams', token)).status).toBe(reading)
    expect((await admin('POST', '/admin/teams', token, { id: `team-${role}` })).status).toBe(making)
  })

  test('a team admin makes keys of the own team alone, and is named in the audit log', async () => {
    await admin('POST', '/admin/teams', CANARY, { id: 'search' })
    const token = await provider.sign({ ...ANN, roles: ['lead'] })
    expect((await admin('POST', '/admin/keys', token, { name: 'k1', team: 'search' })).status).toBe(201)
    expect((await admin('POST', '/admin/keys', token, { name: 'k2', team: 'other' })).status).toBe(403)
    const log = await admin('GET', '/admin/audit', CANARY)
    expect(log.text).toContain('ann@example.com')
  })

  test('a token for somebody else, one that is over, and a caller without a role are nobody', async () => {
    const claims = { ...ANN, roles: ['gateway-admin'] }
    for (const options of [{ audience: 'mail' }, { expiresIn: '-5m' }]) {
      expect((await admin('GET', '/admin/teams', await provider.sign(claims, options))).status).toBe(401)
    }
    expect((await admin('GET', '/admin/teams', await provider.sign(ANN))).status).toBe(401)
  })
})
