import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { newKey } from '../../src/auth/new-key.ts'
import { ask, chatBody, type Answer } from '../support/ask.ts'
import { filesOf, findCanaries } from '../support/canaries.ts'
import { Gateway } from '../support/gateway.ts'
import { startPostgres } from '../support/postgres.ts'
import { signal } from '../support/processes.ts'
import { waitFor } from '../support/wait.ts'

const YAML = `
auth: required
routes:
  - { name: chat, type: llm/v1/chat, model: { provider: mock, name: m } }
  - { name: other, type: llm/v1/chat, model: { provider: mock, name: m } }
`
const ADMIN_KEY = 'the-admin-key-of-this-test'

/** As an operator has to wait for a revocation to hold everywhere. */
const EVERYWHERE_MS = 5000

function chat(gateway: Gateway, key: string, model = 'chat'): Promise<Answer> {
  const headers = { authorization: `Bearer ${key}` }
  return ask(`${gateway.url}/v1/chat/completions`, { body: chatBody('Hello', { model }), headers })
}

async function statusOf(gateway: Gateway, key: string, model?: string): Promise<number> {
  return (await chat(gateway, key, model)).status
}

/** Whichever worker is asked. */
async function expectAll(gateway: Gateway, key: string, status: number): Promise<void> {
  const deadline = performance.now() + EVERYWHERE_MS
  let statuses = await statusesOf(gateway, key)
  while (statuses.some((one) => one !== status) && performance.now() < deadline) {
    statuses = await statusesOf(gateway, key)
  }
  expect(new Set(statuses)).toEqual(new Set([status]))
}

/** Of so many connections that each worker gets some. */
function statusesOf(gateway: Gateway, key: string, model?: string): Promise<number[]> {
  return Promise.all(Array.from({ length: 8 }, () => statusOf(gateway, key, model)))
}

/** Every key that was made here. */
const made: string[] = []

interface Change {
  readonly method?: string
  readonly body?: unknown
  readonly version?: number
}

async function admin(
  gateway: Gateway,
  path: string,
  { method = 'POST', body, version }: Change = {},
  // oxlint-disable-next-line typescript/no-explicit-any -- an answer is looked at in assertions, which check it
): Promise<any> {
  const headers = {
    authorization: `Bearer ${ADMIN_KEY}`,
    ...(version !== undefined && { 'if-match': `"${version}"` }),
  }
  const { status, text } = await ask(`http://127.0.0.1:${gateway.port + 1}${path}`, { method, body, headers })
  if (status >= 300) throw new Error(`${method} ${path}: ${status} ${text}`)
  const answer = text === '' ? {} : JSON.parse(text)
  if (answer.key) made.push(answer.key)
  return answer
}

describe('keys of the database', () => {
  let gateway: Gateway
  beforeAll(async () => {
    gateway = await Gateway.start(YAML, { env: { MLFLOW_GATEWAY_ADMIN_KEY: ADMIN_KEY } })
  })
  afterAll(() => gateway?.stop())

  test('are good as soon as they are made, and bad as soon as they are switched off', async () => {
    const { id, key, version } = await admin(gateway, '/admin/keys', {
      body: { name: 'one', routes: ['chat'] },
    })
    await expectAll(gateway, key, 200)
    expect(await statusOf(gateway, key, 'other')).toBe(403)
    await admin(gateway, `/admin/keys/${id}`, { method: 'PATCH', body: { enabled: false }, version })
    await expectAll(gateway, key, 401)
  })

  test('belong to the team of their user, in the log', async () => {
    await admin(gateway, '/admin/teams', { body: { id: 'search', tags: { project: 'x' } } })
    await admin(gateway, '/admin/users', { body: { id: 'ann', team: 'search' } })
    const { id, key } = await admin(gateway, '/admin/keys', { body: { name: 'two', user: 'ann' } })
    await expectAll(gateway, key, 200)
    const { headers } = await chat(gateway, key)
    const line = await gateway.requestLine(headers['x-request-id'])
    expect(line).toMatchObject({ key: id, user: 'ann', team: 'search' })
  })

  test.each(['users', 'teams'])('are refused while their %s are switched off', async (kind) => {
    const who = kind === 'users' ? { user: 'off-user' } : { team: 'off-team' }
    const [id = ''] = Object.values(who)
    const { version } = await admin(gateway, `/admin/${kind}`, { body: { id } })
    const { key } = await admin(gateway, '/admin/keys', { body: { name: kind, ...who } })
    await expectAll(gateway, key, 200)
    const path = `/admin/${kind}/${id}`
    const off = await admin(gateway, path, { method: 'PATCH', body: { enabled: false }, version })
    await expectAll(gateway, key, 401)
    await admin(gateway, path, { method: 'PATCH', body: { enabled: true }, version: off.version })
    await expectAll(gateway, key, 200)
  })

  test('say when they were last used', async () => {
    const { id, key } = await admin(gateway, '/admin/keys', { body: { name: 'used' } })
    await expectAll(gateway, key, 200)
    const lastUsedAt = await waitFor(
      'its last use',
      async () => (await admin(gateway, `/admin/keys/${id}`, { method: 'GET' })).lastUsedAt,
      20_000,
    )
    expect(Math.abs(Date.parse(lastUsedAt) - Date.now())).toBeLessThan(60_000)
  })

  test("are held to their team's limits together", async () => {
    await admin(gateway, '/admin/teams', { body: { id: 'two', limits: [{ requests: 2, per: 'hour' }] } })
    const keys = await Promise.all(
      ['a', 'b', 'c'].map((name) => admin(gateway, '/admin/keys', { body: { name, team: 'two' } })),
    )
    // A name that no route has is not counted.
    await Promise.all(keys.map(({ key }) => becomesKnown(gateway, key)))
    const statuses = await Promise.all(keys.map(({ key }) => statusOf(gateway, key)))
    expect(statuses.toSorted((a, b) => a - b)).toEqual([200, 200, 429])
  })

  test('are taken in their old form for a while after a rotation, and not when that was forbidden', async () => {
    const { id, key, version } = await admin(gateway, '/admin/keys', { body: { name: 'three' } })
    const second = await admin(gateway, `/admin/keys/${id}/rotate`, { body: { grace: '1h' }, version })
    await expectAll(gateway, second.key, 200)
    expect(await statusOf(gateway, key)).toBe(200)
    const third = await admin(gateway, `/admin/keys/${id}/rotate`, {
      body: { grace: 0 },
      version: second.version,
    })
    await expectAll(gateway, third.key, 200)
    await expectAll(gateway, second.key, 401)
    await expectAll(gateway, key, 401)
  })

  test('are known to a worker that takes the place of another', async () => {
    const { key } = await admin(gateway, '/admin/keys', { body: { name: 'four' } })
    await expectAll(gateway, key, 200)
    const before = gateway.workers()
    signal(before[0] ?? 0, 'SIGKILL')
    await waitFor('a new worker', () => gateway.workers().some((pid) => !before.includes(pid)))
    await waitFor('an answer', () =>
      statusOf(gateway, key).then(
        (status) => status === 200,
        () => false,
      ),
    )
    await expectAll(gateway, key, 200)
  })

  test('are in no file and no line of the log', () => {
    const files = filesOf(gateway.folder)
    expect([...files.keys()].some((name) => name.endsWith('gateway.sqlite'))).toBe(true)
    const texts = [...files, ['stdout', gateway.stdout] as const, ['stderr', gateway.stderr] as const]
    expect(made.length).toBeGreaterThan(5)
    expect(findCanaries(made, new Map<string, Buffer | string>(texts))).toEqual([])
  })
})

function becomesKnown(gateway: Gateway, key: string): Promise<unknown> {
  return waitFor('a key to be known', async () => {
    const statuses = await statusesOf(gateway, key, 'nowhere')
    return statuses.every((status) => status === 404)
  })
}

const postgres = await startPostgres()
afterAll(() => postgres?.stop())

describe.skipIf(!postgres)('two gateways on one Postgres', () => {
  let gateways: Gateway[] = []
  beforeAll(async () => {
    const url = postgres ? (await postgres.create('keys')).reveal() : ''
    const env = { MLFLOW_GATEWAY_ADMIN_KEY: ADMIN_KEY, DATABASE_URL: url }
    gateways = await Promise.all([1, 2].map(() => Gateway.start(YAML, { env })))
  })
  afterAll(() => Promise.all(gateways.map((gateway) => gateway.stop())))

  test('both know a key that one made, and both refuse it within 5 s after it was revoked', async () => {
    const [one, other] = gateways
    if (!one || !other) throw new Error('there are not two')
    const { id, key, version } = await admin(one, '/admin/keys', { body: { name: 'shared' } })
    await Promise.all([expectAll(one, key, 200), expectAll(other, key, 200)])
    await admin(one, `/admin/keys/${id}`, { method: 'DELETE', version })
    await Promise.all([expectAll(one, key, 401), expectAll(other, key, 401)])
  })

  test('take known keys while Postgres is away, and of others they say 503, and after it 401', async () => {
    const [one] = gateways
    if (!one || !postgres) throw new Error('there are not two')
    const { key } = await admin(one, '/admin/keys', { body: { name: 'known' } })
    await expectAll(one, key, 200)
    const unknown = newKey().key
    await expectAll(one, unknown, 401)
    await postgres.halt()
    await expectAll(one, unknown, 503)
    expect(await statusOf(one, key)).toBe(200)
    expect(await statusOf(one, `${key}x`)).toBe(401)
    await postgres.start()
    await waitFor('the key to be unknown again', async () => (await statusOf(one, unknown)) === 401, 15_000)
    expect(await statusOf(one, key)).toBe(200)
  })
})
