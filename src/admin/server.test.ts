import type { FastifyInstance } from 'fastify'
import { request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newKey } from '../auth/new-key.ts'
import { idlePlane } from '../../test/support/admin.ts'
import { ask, RawConnection, type Answer } from '../../test/support/ask.ts'
import { GatewayError } from '../core/error.ts'
import { Secret } from '../core/secret.ts'
import { openDatabase } from '../stores/index.ts'
import type { ExplainRequest, Explanation, TargetReport } from './contract.ts'
import { ACCESS } from './access.ts'
import { Gate } from './gate.ts'
import { resources } from './index.ts'
import { createAdminServer } from './server.ts'

const TOKEN = 'canary-admin-token-0123456789'
const AUTHORIZED = { authorization: `Bearer ${TOKEN}` }

const REPORT: TargetReport = {
  route: 'r',
  target: 'a',
  breaker: 'closed',
  opensInMs: 0,
  coolsForMs: 0,
  inFlight: 1,
  requests: 4,
  failures: 1,
  firstContentMs: 10,
  msPerToken: null,
  inputTokens: 100,
  cacheReadTokens: 25,
  contextWindow: null,
}

const asked: ExplainRequest[] = []

const plane = idlePlane({
  explain(question): Promise<Explanation> {
    asked.push(question)
    const message = 'There is no route of that name. Did you mean "smart"?'
    return Promise.reject(
      question.route === 'broken'
        ? new Error('canary of the inside')
        : new GatewayError(message, { kind: 'not_found', status: 404 }),
    )
  },
  targets: () =>
    Promise.resolve([
      REPORT,
      { ...REPORT, target: 'b', inputTokens: 0, cacheReadTokens: 0 },
      { ...REPORT, route: 's', inputTokens: 0, cacheReadTokens: 0 },
    ]),
  config: () => ({ generation: 3, loadedAt: '2026-01-01T00:00:00.000Z', error: null, routes: [] }),
  database: await openDatabase({ sqlite: ':memory:' }),
})

let app: FastifyInstance
let url: string
let port: number

beforeAll(async () => {
  app = createAdminServer(
    plane,
    new Gate({ host: '127.0.0.1', secret: new Secret(TOKEN), attempts: { most: 1e6, perMs: 1 } }),
  )
  await app.listen({ host: '127.0.0.1', port: 0 })
  const address: AddressInfo | string | null = app.server.address()
  port = typeof address === 'object' && address ? address.port : 0
  url = `http://127.0.0.1:${port}`
})

afterAll(async () => {
  await app.close()
  await plane.database.close()
})

/** A request whose target is sent as it is written. */
function send(
  method: string,
  path: string,
  headers: Record<string, string>,
): Promise<Pick<Answer, 'status' | 'text' | 'headers'>> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: '127.0.0.1', port, method, path, headers, agent: false }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text, headers: response.headers }))
    })
    outgoing.on('error', reject)
    outgoing.end()
  })
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND']
const PATHS = [
  '/admin/explain',
  '/admin/targets',
  '/admin/config',
  '/admin/config?',
  '/admin/con%66ig',
  '//admin/config',
  '/admin//config',
  '/admin/config/',
  '/ADMIN/config',
  '/admin/../admin/config',
  '/admin/config%00',
  '/admin/%',
  '/admin/config;x',
  '/health',
  '/nowhere',
]
const WRONG: Record<string, Record<string, string>> = {
  'no token': {},
  'a wrong token': { authorization: `Bearer ${TOKEN.replace('0', '1')}` },
  'part of the token': { authorization: `Bearer ${TOKEN.slice(0, -1)}` },
  'more than the token': { authorization: `Bearer ${TOKEN}x` },
  'an empty token': { authorization: 'Bearer ' },
  'the token of another scheme': {
    authorization: `Basic ${Buffer.from(`admin:${TOKEN}`).toString('base64')}`,
  },
  'the token without a scheme': { authorization: TOKEN },
  'the token in another header': { 'x-api-key': TOKEN },
  'the token in a cookie': { cookie: `authorization=Bearer ${TOKEN}` },
}

const STRANGER = {
  error: { code: 'unauthorized', message: 'Send the admin secret as "authorization: Bearer ...".' },
}

describe('who does not know the token', () => {
  it.each(Object.entries(WRONG))(
    'gets one and the same answer everywhere, with %s',
    async (_name, headers) => {
      for (const method of METHODS) {
        const answers = await Promise.all(PATHS.map((path) => send(method, path, headers)))
        expect(answers.map(({ status }) => status)).toEqual(PATHS.map(() => 401))
        for (const answer of answers) {
          expect(answer.text).toBe(method === 'HEAD' ? '' : JSON.stringify(STRANGER))
          expect(answer.headers['www-authenticate']).toBe('Bearer')
        }
      }
      expect(asked).toEqual([])
    },
  )

  it('is refused without its body being read', async () => {
    const connection = await RawConnection.open(port)
    const status = await connection.status(
      'POST /admin/explain HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 1000000\r\n\r\n{',
    )
    expect(status).toBe(401)
    await connection.closed
  })
})

describe('who knows the token', () => {
  it('reads the resources, by their methods alone', async () => {
    for (const method of METHODS) {
      for (const path of PATHS) {
        const { status, headers } = await send(method, path, AUTHORIZED)
        const plain = path.split('?', 1)[0] ?? ''
        const declared = { '/admin/explain': 'POST', '/admin/targets': 'GET', '/admin/config': 'GET' }[plain]
        // Fastify decodes a path before it looks for it.
        const isOther = path === '/admin/con%66ig' && method === 'GET'
        const expected =
          declared === method || isOther ? (method === 'POST' ? 400 : 200) : declared ? 405 : 404
        expect([method, path, status]).toEqual([method, path, expected])
        if (expected === 405) expect(headers.allow).toBe(declared)
      }
    }
  })

  it('is told what caches saved, by target and by route, and null where nothing was counted', async () => {
    const { text, headers } = await ask(`${url}/admin/targets`, { headers: AUTHORIZED })
    const { targets, routes } = JSON.parse(text)
    expect(targets).toMatchObject([
      { target: 'a', cacheReadRatio: 0.25 },
      { target: 'b', cacheReadRatio: null },
      { route: 's' },
    ])
    expect(routes).toEqual([
      { route: 'r', requests: 8, failures: 2, inputTokens: 100, cacheReadTokens: 25, cacheReadRatio: 0.25 },
      { route: 's', requests: 4, failures: 1, inputTokens: 0, cacheReadTokens: 0, cacheReadRatio: null },
    ])
    expect(headers).toMatchObject({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' })
    expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([])
  })

  it('is told which configuration is in use', async () => {
    const { text } = await ask(`${url}/admin/config`, { headers: { authorization: `bearer  ${TOKEN}` } })
    expect(JSON.parse(text)).toEqual(plane.config())
  })

  it.each([
    ['', 400],
    ['{', 400],
    ['[]', 400],
    ['{"route":"r"}', 400],
    ['{"route":1,"request":{}}', 400],
    ['{"route":"r","request":[]}', 400],
    ['{"route":"r","request":{},"headers":{"a":1}}', 400],
    ['{"route":"r","request":{},"dialect":1}', 400],
    ['{"route":"r","request":{},"other":1}', 400],
    ['{"route":"r","request":{},"__proto__":{"x":1}}', 400],
    ['{"route":"r","request":{}}', 404],
    ['{"route":"broken","request":{}}', 500],
    [`{"route":"r","request":{"x":"${'y'.repeat(1024 * 1024)}"}}`, 413],
  ])('asks for an explanation with the body %.60s and gets %i', async (body, status) => {
    const answer = await ask(`${url}/admin/explain`, { method: 'POST', body, headers: AUTHORIZED })
    expect(answer.status).toBe(status)
    expect(JSON.parse(answer.text)).toEqual({
      error: { code: expect.any(String), message: expect.any(String) },
    })
    expect(answer.text).not.toContain('canary')
  })

  it('may ask for nothing that a path does not take', async () => {
    const { status, text } = await ask(`${url}/admin/config?other=x`, { headers: AUTHORIZED })
    expect([status, JSON.parse(text)]).toEqual([
      400,
      { error: { code: 'bad_request', message: 'other: unknown key "other"; remove it.' } },
    ])
  })

  it('must write HTTP', async () => {
    const connection = await RawConnection.open(port)
    expect(await connection.status('GET / HTTP/9\r\n\r\n')).toBe(400)
    expect(connection.received).toContain('{"error":{"code":"bad_request",')
    await connection.closed
  })

  it('must send JSON', async () => {
    const headers = { ...AUTHORIZED, 'content-type': 'text/plain' }
    expect((await ask(`${url}/admin/explain`, { body: '{}', headers })).status).toBe(415)
  })
})

describe('a wrong credential', () => {
  it('may be sent so often, and then nothing of its address counts for a while', async () => {
    let now = 0
    const secret = new Secret(TOKEN)
    const gate = new Gate({ host: '127.0.0.1', secret, attempts: { most: 2, perMs: 1000 }, now: () => now })
    const admit = async (authorization: string | undefined, remoteAddress: string): Promise<string> => {
      const head = { headers: { authorization }, socket: { remoteAddress } }
      const admitted = await gate.admit(Object.assign(Object.create(null), head))
      return 'code' in admitted ? admitted.code : admitted.role
    }
    expect(await admit(undefined, 'a')).toBe('unauthorized')
    expect(await admit('Bearer x', 'a')).toBe('unauthorized')
    expect(await admit(AUTHORIZED.authorization, 'a')).toBe('admin')
    expect(await admit('Bearer y', 'a')).toBe('unauthorized')
    expect(await admit(AUTHORIZED.authorization, 'a')).toBe('too_many_attempts')
    expect(await admit(undefined, 'a')).toBe('unauthorized')
    expect(await admit(AUTHORIZED.authorization, 'b')).toBe('admin')
    now = 1000
    expect(await admit(AUTHORIZED.authorization, 'a')).toBe('admin')
  })

  it('is told apart from a virtual key, which has no business here', () => {
    const gate = new Gate({ host: '127.0.0.1', secret: new Secret(TOKEN) })
    const head = { headers: { authorization: `Bearer ${newKey().key}` }, socket: {} }
    expect(gate.admit(Object.assign(Object.create(null), head))).toMatchObject({ code: 'virtual_key' })
  })
})

describe('every resource', () => {
  it.each(resources.map((resource) => [`${resource.method} ${resource.path}`, resource] as const))(
    '%s says who may use it, and is below /admin',
    (_name, { access, path, summary }) => {
      expect(Object.keys(ACCESS)).toContain(access)
      if (path !== '/metrics') expect(path).toMatch(/^\/admin(?:\/(?:[a-z-]+|:[a-z]+))+$/)
      expect(summary).toMatch(/^[A-Z].*[^.]$/)
    },
  )
})

describe('the host', () => {
  it.each([
    ['localhost', 200],
    ['LOCALHOST:1', 200],
    ['127.0.0.1', 200],
    ['[::1]:5001', 200],
    ['evil.example', 421],
    ['localhost.evil.example', 421],
    ['127.0.0.1.evil.example:5001', 421],
    ['localhost@evil.example', 421],
    ['10.0.0.1', 421],
    ['[::1', 421],
    ['', 421],
  ])('%j gets %i', async (host, status) => {
    const connection = await RawConnection.open(port)
    const head = `GET /admin/config HTTP/1.1\r\nhost: ${host}\r\nauthorization: Bearer ${TOKEN}\r\n\r\n`
    expect(await connection.status(head)).toBe(status)
    connection.socket.destroy()
  })

  it.each([
    ['an absolute target', `GET http://127.0.0.1/admin/config HTTP/1.1\r\nhost: 127.0.0.1\r\n`],
    ['two hosts', 'GET /admin/config HTTP/1.1\r\nhost: 127.0.0.1\r\nhost: evil.example\r\n'],
    ['a star', 'OPTIONS * HTTP/1.1\r\nhost: 127.0.0.1\r\n'],
    ['no host', 'GET /admin/config HTTP/1.1\r\n'],
  ])('is not taken from %s', async (_name, head) => {
    const connection = await RawConnection.open(port)
    expect(await connection.status(`${head}authorization: Bearer ${TOKEN}\r\n\r\n`)).toBe(400)
    connection.socket.destroy()
  })

  it('may be any address, but no name, where the server listens on all addresses', () => {
    const gate = new Gate({ host: '0.0.0.0', secret: new Secret(TOKEN), attempts: { most: 1e6, perMs: 1 } })
    const refusal = (host: string): string | undefined => {
      const head = { url: '/', rawHeaders: ['Host', host], headers: { host, ...AUTHORIZED } }
      return gate.misdirection(Object.assign(Object.create(null), head))?.code
    }
    expect(['10.0.0.1:5001', '[2001:db8::1]', 'evil.example'].map(refusal)).toEqual([
      undefined,
      undefined,
      'misdirected',
    ])
  })
})
