import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ACCESS } from '../../src/admin/access.ts'
import { resources } from '../../src/admin/index.ts'
import type { Resource } from '../../src/admin/resource.ts'
import { issueKey } from '../../src/auth/issue-key.ts'
import { newKey } from '../../src/auth/new-key.ts'
import { AdminHarness, credentialOf, PRINCIPALS, tokenOf, type Who } from '../support/admin.ts'
import { usageRecord } from '../support/usage.ts'
import { RawAnswers } from './raw-answers.ts'

/** Every way to be nobody here, and what it is answered. */
const STRANGERS: Readonly<Record<string, { credential?: () => string; status: number }>> = {
  nobody: { status: 401 },
  'a wrong secret': { credential: () => `${credentialOf('admin')}x`, status: 401 },
  'an expired token': { credential: () => tokenOf('expired'), status: 401 },
  'a token, while nobody can check it': { credential: () => tokenOf('away'), status: 503 },
  'a virtual key': { credential: () => virtualKey, status: 403 },
  'a revoked virtual key': { credential: () => newKey().key, status: 403 },
}
const WHO: readonly Who[] = ['admin', 'viewer', 'blue', 'red']
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND', 'QUERY']

/** Objects of team blue, by the path of their kind. */
const ids: Record<string, string> = { users: 'bea', teams: 'blue', requests: 'r1' }
let virtualKey = ''
let api: AdminHarness
let raw: RawAnswers

beforeAll(async () => {
  api = await AdminHarness.start()
  raw = new RawAnswers(api.port)
  const { database } = api
  await database.teams.create({ id: 'blue', limits: [], tags: {}, isEnabled: true })
  await database.users.create({ id: 'bea', team: 'blue', email: null, limits: [], isEnabled: true })
  const fields = { name: 'k', user: null, team: 'blue', tags: {}, routes: ['*'], limits: [], metadata: {} }
  const audit = { actor: 'test', action: 'key.create' }
  const issued = await issueKey(database, { ...fields, expiresAt: null, isEnabled: true }, audit)
  virtualKey = issued.key
  ids['keys'] = issued.row.id
  await database.usage.append([usageRecord('r1', { at: Date.now(), team: 'blue' })])
  const body = { at: Date.now(), expiresAt: null, isRequestCut: false, isResponseCut: false }
  await database.bodies.append([{ ...body, id: 'r1', request: 'CANARY-body', response: null }])
})

afterAll(() => api.close())

function pathOf({ path }: Resource): string {
  return path.replace(':id', ids[path.split('/')[2] ?? ''] ?? 'none')
}

const rows = resources.map((resource) => [`${resource.method} ${resource.path}`, resource] as const)

describe.each(rows)('%s', (_name, resource) => {
  const { method, path, access } = resource

  it('is closed to all who are nobody here, by every method', async () => {
    for (const [who, { credential, status }] of Object.entries(STRANGERS)) {
      const told = await Promise.all(
        METHODS.map((other) =>
          raw.ask({ method: other, target: pathOf(resource), credential: credential?.() }),
        ),
      )
      expect([who, ...told.map((answer) => answer.status)]).toEqual([who, ...METHODS.map(() => status)])
      expect(told.map(({ text }) => text).join('')).not.toContain('CANARY')
    }
  })

  it('is open to its roles, and of objects to those of their team', async () => {
    for (const who of WHO) {
      // Of no version that there is, so that nothing is changed.
      const headers = { 'if-match': '"999"' }
      const { status } = await raw.ask({
        method,
        target: pathOf(resource),
        credential: credentialOf(who),
        headers,
      })
      const role = who === 'admin' ? 'admin' : PRINCIPALS[who].role
      const isOthers = who === 'red' && path.includes(':id')
      if (!ACCESS[access].includes(role)) expect([who, status]).toEqual([who, 403])
      else if (isOthers) expect([who, status]).toEqual([who, 404])
      else expect([401, 403, 404, 500]).not.toContain(knownMissing(resource) ? 200 : status)
    }
  })
})

/** There is no object of this kind here. */
function knownMissing({ path }: Resource): boolean {
  return path.includes(':id') && ids[path.split('/')[2] ?? ''] === undefined
}

const SPELLINGS: readonly ((path: string) => string)[] = [
  (path) => `/${path}`,
  (path) => path.replace('/admin/', '/admin//'),
  (path) => path.replace('/admin', '/%61dmin'),
  (path) => path.replace('/admin', '/%2561dmin'),
  (path) => path.replace('/admin', '/admin/../admin'),
  (path) => path.replace('/admin', '/admin/./'),
  (path) => path.replace('/admin', '/ADMIN'),
  (path) => path.replace('/admin/', '/admin%2f'),
  (path) => path.replace('/admin/', '/admin/docs/../'),
  (path) => path.replace('/admin/', '/admin/docs%2f..%2f'),
  (path) => path.replace('/admin/', '/admin/openapi.json/../'),
  (path) => path.replace('/admin/', '/admin;x=y/'),
  (path) => path.replaceAll('/', '\\'),
  (path) => `${path}/`,
  (path) => `${path};x=y`,
  (path) => `${path}%00`,
  (path) => `${path}%2f`,
  (path) => `${path}?x`,
  (path) => `${path}#x`,
  (path) => `http://127.0.0.1${path}`,
  (path) => `http://evil.example${path}`,
  (path) => `//127.0.0.1${path}`,
  (path) => path.slice(1),
]

/** What proxies and frameworks are talked into taking for another request. */
const HEADERS: readonly Readonly<Record<string, string>>[] = [
  { host: 'evil.example' },
  { host: '127.0.0.1\r\nhost: evil.example' },
  { 'x-http-method-override': 'GET' },
  { 'x-original-url': '/admin/docs' },
  { 'x-rewrite-url': '/admin/docs' },
  { 'x-forwarded-for': '127.0.0.1', 'x-real-ip': '127.0.0.1' },
  { 'x-forwarded-host': 'localhost', forwarded: 'for=127.0.0.1;host=localhost' },
  { cookie: 'authorization=x; session=admin' },
]

describe('however a request is spelled', () => {
  it.each(rows)('%s answers nobody', async (_name, resource) => {
    const { method } = resource
    const path = pathOf(resource)
    const asked = [
      ...SPELLINGS.map((spell) => ({ method, target: spell(path) })),
      ...HEADERS.map((headers) => ({ method, target: path, headers })),
    ]
    const told = await Promise.all(asked.map((question) => raw.ask(question)))
    for (const [index, { status, text }] of told.entries()) {
      expect([asked[index], [400, 401, 421].includes(status)]).toEqual([asked[index], true])
      expect(text).not.toContain('CANARY')
    }
  })

  it.each(rows)('%s answers only the roles that may use it', async (_name, resource) => {
    const { method, access } = resource
    const shut = WHO.filter((who) => who !== 'admin' && !ACCESS[access].includes(PRINCIPALS[who].role))
    for (const who of shut) {
      const asked = SPELLINGS.map((spell) => ({
        method,
        target: spell(pathOf(resource)),
        credential: credentialOf(who),
      }))
      const told = await Promise.all(asked.map((question) => raw.ask(question)))
      for (const [index, { status }] of told.entries()) {
        expect([asked[index], [400, 403, 404, 405, 421].includes(status)]).toEqual([asked[index], true])
      }
    }
  })
})

/** What is not for admins alone. A row that is not named here, and would be open to others, is a mistake. */
const GRANTS: Readonly<Record<string, string>> = {
  'GET /admin/keys': 'team',
  'POST /admin/keys': 'teamAdmin',
  'GET /admin/keys/:id': 'team',
  'PATCH /admin/keys/:id': 'teamAdmin',
  'POST /admin/keys/:id/rotate': 'teamAdmin',
  'DELETE /admin/keys/:id': 'teamAdmin',
  'GET /admin/users': 'team',
  'POST /admin/users': 'teamAdmin',
  'GET /admin/users/:id': 'team',
  'PATCH /admin/users/:id': 'teamAdmin',
  'DELETE /admin/users/:id': 'teamAdmin',
  'GET /admin/teams': 'team',
  'GET /admin/teams/:id': 'team',
  'GET /admin/usage': 'team',
  'GET /admin/requests': 'team',
  'GET /admin/requests/export': 'team',
  'GET /admin/requests/:id': 'team',
  'GET /admin/requests/:id/body': 'teamAdmin',
  'GET /admin/audit': 'team',
  'GET /admin/budgets': 'team',
  'GET /admin/routes': 'read',
  'GET /admin/routes/:id': 'read',
  'GET /admin/secrets': 'read',
  'GET /admin/targets': 'read',
  'GET /metrics': 'read',
  'GET /admin/config': 'read',
  'GET /admin/config/content': 'read',
  'POST /admin/explain': 'read',
  'GET /admin/about': 'team',
  'GET /admin/config/schema': 'read',
  'GET /admin/latency': 'team',
  'GET /admin/session': 'team',
  'POST /admin/session': 'team',
  'DELETE /admin/session': 'team',
}

describe('every row', () => {
  it('is for admins alone, or for those that are named here', () => {
    const granted = rows
      .filter(([, { access }]) => access !== 'admin')
      .map(([name, { access }]) => [name, access])
    expect(Object.fromEntries(granted)).toEqual(GRANTS)
  })

  it('is one for its method and path', () => {
    expect(new Set(rows.map(([name]) => name)).size).toBe(rows.length)
  })
})
