import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newKey } from '../../src/auth/new-key.ts'
import { Gate } from '../../src/admin/gate.ts'
import { Sessions } from '../../src/admin/sessions.ts'
import { Secret } from '../../src/core/secret.ts'
import { AdminHarness, credentialOf, type Who } from '../support/admin.ts'
import { ask, type Answer } from '../support/ask.ts'

let api: AdminHarness

beforeAll(async () => {
  api = await AdminHarness.start()
})

afterAll(() => api.close())

function call(
  method: string,
  path: string,
  headers: Record<string, string>,
  body?: unknown,
): Promise<Answer> {
  return ask(`http://127.0.0.1:${api.port}${path}`, { method, headers, body })
}

/** The headers of a page of the dashboard in which somebody is signed in. */
async function signIn(who: Who): Promise<Record<string, string>> {
  const { status, headers } = await call('POST', '/admin/session', {
    authorization: `Bearer ${credentialOf(who)}`,
  })
  expect(status).toBe(201)
  const [cookie = ''] = headers['set-cookie'] ?? []
  return { cookie: cookie.split(';')[0] ?? '', 'sec-fetch-site': 'same-origin' }
}

describe('who is signed in', () => {
  it('is who signed in, with that role and no other', async () => {
    const viewer = await signIn('viewer')
    const { text } = await call('GET', '/admin/session', viewer)
    expect(JSON.parse(text)).toMatchObject({ name: 'vera', role: 'viewer', team: null })
    expect((await call('GET', '/admin/keys', viewer)).status).toBe(200)
    expect((await call('POST', '/admin/keys', viewer, { name: 'x' })).status).toBe(403)
    expect((await call('POST', '/admin/keys', await signIn('blue'), { name: 'x' })).status).toBe(201)
    expect((await call('GET', '/admin/config/file', await signIn('blue'))).status).toBe(403)
    expect((await call('GET', '/admin/config/file', await signIn('admin'))).status).toBe(200)
  })

  it('is nobody without a credential that opens the API', async () => {
    const tries = [
      [{}, 401],
      [{ authorization: 'Bearer wrong' }, 401],
      [{ authorization: `Bearer ${newKey().key}` }, 403],
      [{ authorization: `Bearer ${credentialOf('teamless')}` }, 403],
      [{ cookie: 'mlflow_gateway_session=x', 'sec-fetch-site': 'same-origin' }, 401],
    ] as const
    for (const [headers, expected] of tries) {
      const { status, headers: answered } = await call('POST', '/admin/session', headers)
      expect([headers, status, answered['set-cookie']]).toEqual([headers, expected, undefined])
    }
  })

  it('is nobody to pages of others, whose requests the browser sends the cookie with', async () => {
    const { cookie = '' } = await signIn('admin')
    for (const site of ['same-site', 'cross-site', 'none']) {
      const { status } = await call('POST', '/admin/keys', { cookie, 'sec-fetch-site': site }, { name: 'x' })
      expect([site, status]).toEqual([site, 401])
    }
    expect(
      (await call('POST', '/admin/keys', { cookie, origin: 'http://evil.example' }, { name: 'x' })).status,
    ).toBe(401)
    const own = { cookie, origin: `http://127.0.0.1:${api.port}` }
    expect((await call('POST', '/admin/keys', own, { name: 'x' })).status).toBe(201)
  })

  it('is nobody after signing out', async () => {
    const ada = await signIn('admin')
    const { status, headers } = await call('DELETE', '/admin/session', ada)
    expect([status, headers['set-cookie']?.[0]]).toEqual([200, expect.stringContaining('Max-Age=0')])
    expect((await call('GET', '/admin/keys', ada)).status).toBe(401)
  })
})

it('another admin secret signs everybody out, the same one nobody', () => {
  const sessions = new Sessions()
  const secret = new Secret('the-first-secret-of-the-gateway')
  const gate = new Gate({ host: '127.0.0.1', secret, sessions })
  const { token } = sessions.open({ name: 'ada', role: 'admin' })
  gate.changeSecret(new Secret('the-first-secret-of-the-gateway'))
  expect(sessions.find(token)).toBeDefined()
  gate.changeSecret(new Secret('another-secret-of-the-gateway'))
  expect(sessions.find(token)).toBeUndefined()
})
