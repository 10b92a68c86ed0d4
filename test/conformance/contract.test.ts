import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { asArray, asObject, asString } from '../../src/core/json.ts'
import { ask, post, type WireAnswer } from './ask.ts'
import { startGateway, type TestGateway } from './gateway.ts'

const CHAT = { messages: [{ role: 'user', content: 'Hello' }] }

/** Paths of routes stand for one that exists. */
const READ_ONLY = [
  '/',
  '/health',
  '/favicon.ico',
  '/api/2.0/gateway/routes/',
  '/api/2.0/gateway/routes/chat',
  '/api/2.0/gateway/limits/chat',
  '/api/2.0/endpoints/',
  '/api/2.0/endpoints/chat',
  '/gateway/routes/',
]
const POST_ONLY = ['/gateway/chat/invocations', '/endpoints/chat/invocations', '/api/2.0/gateway/limits/']

let gateway: TestGateway

beforeAll(async () => {
  gateway = await startGateway(`
routes:
  - {name: chat, type: llm/v1/chat, model: {provider: mock, name: one}}
  - {name: chat.v-2_b, type: llm/v1/chat, model: {provider: mock, name: two}}
  - {name: text, type: llm/v1/completions, model: {provider: mock, name: three}}
  - {name: vectors, type: llm/v1/embeddings, model: {provider: mock, name: four}}
`)
})

afterAll(() => gateway?.close())

describe('a method that a path does not have', () => {
  test.each(
    READ_ONLY.flatMap((path) => ['POST', 'PUT', 'DELETE', 'PATCH'].map((method) => [method, path] as const)),
  )('is refused with 405 and what is allowed: %s %s', async (method, path) => {
    const answer = await ask(gateway.port, { method, path, body: '{}', contentType: 'application/json' })
    expect(summary(answer)).toEqual({ status: 405, allow: 'GET', body: NOT_ALLOWED })
  })

  test.each(POST_ONLY.flatMap((path) => ['GET', 'PUT', 'DELETE'].map((method) => [method, path] as const)))(
    'is refused with 405 and what is allowed: %s %s',
    async (method, path) => {
      const answer = await ask(gateway.port, { method, path })
      expect(summary(answer)).toEqual({ status: 405, allow: 'POST', body: NOT_ALLOWED })
    },
  )

  test.each([...READ_ONLY, ...POST_ONLY])('is refused for HEAD as well, without a body: %s', async (path) => {
    const answer = await ask(gateway.port, { method: 'HEAD', path })
    expect({ status: answer.status, body: answer.body }).toEqual({ status: 405, body: '' })
    expect(answer.headers.allow).toBe(POST_ONLY.includes(path) ? 'POST' : 'GET')
  })

  test.each([...READ_ONLY, ...POST_ONLY])(
    'is refused for OPTIONS as well, without CORS: %s',
    async (path) => {
      const headers = { origin: 'http://elsewhere.example', 'access-control-request-method': 'POST' }
      const answer = await ask(gateway.port, { method: 'OPTIONS', path, headers })
      expect(answer.status).toBe(405)
      expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([])
    },
  )

  test('is refused on a path that has GET and POST with both named', async () => {
    const answer = await ask(gateway.port, { method: 'DELETE', path: '/gateway/routes/chat' })
    expect(answer.status).toBe(405)
    expect(answer.headers.allow?.split(', ').toSorted()).toEqual(['GET', 'POST'])
  })

  test("is what the seed says about a POST to a route that is not there, with the path's methods", async () => {
    const answer = await post(gateway.port, '/gateway/routes/nobody', CHAT)
    expect(summary(answer)).toEqual({ status: 405, allow: 'GET', body: NOT_ALLOWED })
  })
})

describe('a slash too many or too few', () => {
  test.each([
    ['GET', '/health/', '/health'],
    ['GET', '/gateway/routes', '/gateway/routes/'],
    ['GET', '/gateway/routes/chat/', '/gateway/routes/chat'],
    ['POST', '/gateway/routes/chat/', '/gateway/routes/chat'],
    ['GET', '/api/2.0/gateway/routes', '/api/2.0/gateway/routes/'],
    ['GET', '/api/2.0/gateway/routes/chat/', '/api/2.0/gateway/routes/chat'],
    ['POST', '/gateway/chat/invocations/', '/gateway/chat/invocations'],
    ['POST', '/endpoints/chat/invocations/', '/endpoints/chat/invocations'],
    ['GET', '/api/2.0/endpoints', '/api/2.0/endpoints/'],
    ['GET', '/api/2.0/endpoints/chat/', '/api/2.0/endpoints/chat'],
    ['POST', '/api/2.0/gateway/limits', '/api/2.0/gateway/limits/'],
    ['HEAD', '/health/', '/health'],
    ['DELETE', '/api/2.0/gateway/routes', '/api/2.0/gateway/routes/'],
  ])('is redirected with 307: %s %s', async (method, path, target) => {
    const answer = await ask(gateway.port, { method, path, body: method === 'POST' ? '{}' : null })
    const location = `http://127.0.0.1:${gateway.port}${target}`
    expect({ status: answer.status, location: answer.headers.location, body: answer.body }).toEqual({
      status: 307,
      location,
      body: '',
    })
  })

  test('is redirected with its query string', async () => {
    const path = '/api/2.0/gateway/routes?page_token=eyJpbmRleCI6IDF9&a=b%20c'
    const { headers } = await ask(gateway.port, { method: 'GET', path })
    const target = '/api/2.0/gateway/routes/?page_token=eyJpbmRleCI6IDF9&a=b%20c'
    expect(headers.location).toBe(`http://127.0.0.1:${gateway.port}${target}`)
  })

  test('is redirected to the host that the client asked for', async () => {
    const { headers } = await ask(gateway.port, {
      method: 'GET',
      path: '/health/',
      headers: { host: 'gateway.example:8080' },
    })
    expect(headers.location).toBe('http://gateway.example:8080/health')
  })

  test('is no way to a path that is not there', async () => {
    const paths = ['/nothing/', '/gateway/nobody/invocations/', '/gateway/', '/health/more/']
    for (const path of paths) {
      const { status, body } = await ask(gateway.port, { method: 'GET', path })
      expect({ path, status, body }).toEqual({ path, status: 404, body: NOT_FOUND })
    }
  })
})

test('the root leads to the documentation, wherever the server is', async () => {
  const { status, headers, body } = await ask(gateway.port, { method: 'GET', path: '/' })
  expect({ status, location: headers.location, body }).toEqual({ status: 307, location: '/docs', body: '' })
})

test('health is answered compactly and as JSON without a charset', async () => {
  const { status, headers, body } = await ask(gateway.port, { method: 'GET', path: '/health' })
  expect({ status, type: headers['content-type'], body }).toEqual({
    status: 200,
    type: 'application/json',
    body: '{"status":"OK"}',
  })
})

describe('one route', () => {
  const info = { name: 'chat.v-2_b', model: { name: 'two', provider: 'mock' } }

  test('is wrapped on the path of June 2023', async () => {
    const { body } = await ask(gateway.port, { method: 'GET', path: '/gateway/routes/chat.v-2_b' })
    const route = { name: info.name, type: 'llm/v1/chat', model: info.model }
    expect(body).toBe(JSON.stringify({ route }))
  })

  test('is bare and has its URL on the path of 2.5', async () => {
    const { body } = await ask(gateway.port, { method: 'GET', path: '/api/2.0/gateway/routes/chat.v-2_b' })
    const url = '/gateway/chat.v-2_b/invocations'
    const route = { name: info.name, route_type: 'llm/v1/chat', model: info.model, route_url: url }
    expect(body).toBe(JSON.stringify(route))
  })

  test('is an endpoint with a URL of its own shape and a limit of null on the path of 2.9', async () => {
    const { body } = await ask(gateway.port, { method: 'GET', path: '/api/2.0/endpoints/chat.v-2_b' })
    const endpoint = asObject(parse(body))
    expect(Object.keys(endpoint)).toEqual(['name', 'endpoint_type', 'model', 'endpoint_url', 'limit'])
    expect(endpoint['limit']).toBeNull()
    const answer = await post(gateway.port, asString(endpoint['endpoint_url']) ?? '', CHAT)
    expect(asObject(parse(answer.body))['object']).toBe('chat.completion')
  })

  test.each([
    ['/gateway/routes/nobody', 'route'],
    ['/api/2.0/gateway/routes/nobody', 'route'],
    ['/api/2.0/endpoints/nobody', 'endpoint'],
  ])('that is not there is named in a 404: %s', async (path, word) => {
    const { status, body } = await ask(gateway.port, { method: 'GET', path })
    const detail = `The ${word} 'nobody' is not present or active on the server. Please verify the ${word} name.`
    expect({ status, body }).toEqual({ status: 404, body: JSON.stringify({ detail }) })
  })

  test.each(['/gateway/nobody/invocations', '/endpoints/nobody/invocations'])(
    'that is not there cannot be queried: %s',
    async (path) => {
      const { status, body } = await post(gateway.port, path, CHAT)
      expect({ status, body }).toEqual({ status: 404, body: NOT_FOUND })
    },
  )
})

test.each(['/api/2.0/gateway/limits/', '/api/2.0/endpoints/limits/'])(
  'limits are shown and not set by callers: %s',
  async (path) => {
    const shown = await ask(gateway.port, { method: 'GET', path: `${path}chat` })
    expect({ status: shown.status, body: shown.body }).toEqual({
      status: 200,
      body: JSON.stringify({ route: 'chat', limits: [] }),
    })
    const body = JSON.stringify({ route: 'chat', limits: [] })
    expect(
      (await ask(gateway.port, { method: 'POST', path, body, contentType: 'application/json' })).status,
    ).toBe(403)
  },
)

describe('with 3005 routes', () => {
  let large: TestGateway

  beforeAll(async () => {
    const routes = Array.from(
      { length: 3005 },
      (_, i) => `  - {name: r${i}, type: llm/v1/chat, model: {provider: mock, name: m}}`,
    )
    large = await startGateway(`routes:\n${routes.join('\n')}\n`)
  }, 60_000)

  afterAll(() => large?.close())

  test.each([
    ['/api/2.0/gateway/routes/', 'routes'],
    ['/api/2.0/endpoints/', 'endpoints'],
  ])('%s has two pages, and null instead of a third token', async (path, list) => {
    const first = await page(path, list)
    expect(first.names).toHaveLength(3000)
    expect(decode(first.token)).toBe('{"index": 3000}')
    const second = await page(`${path}?page_token=${encodeURIComponent(String(first.token))}`, list)
    expect(second).toEqual({ names: ['r3000', 'r3001', 'r3002', 'r3003', 'r3004'], token: null })
  })

  test('a token past the end gives an empty last page', async () => {
    const { body } = await ask(large.port, { method: 'GET', path: tokenPath('{"index": 9000}') })
    expect(body).toBe('{"routes":[],"next_page_token":null}')
  })

  test.each(['{"index": -1}', '{"index": 1.5}', '{"index": "1"}', '{"page": 1}', '[1]', 'null'])(
    'a token that holds %s is a mistake of the caller',
    async (token) => {
      const { status, body } = await ask(large.port, { method: 'GET', path: tokenPath(token) })
      expect(status).toBe(400)
      expect(asObject(parse(body))['detail']).toMatch(/^Invalid SearchRoutes token: /)
    },
  )

  test('the list of June 2023 has no pages', async () => {
    const { body } = await ask(large.port, { method: 'GET', path: '/gateway/routes/' })
    const list = asObject(parse(body))
    expect(Object.keys(list)).toEqual(['routes'])
    expect(asArray(list['routes'])).toHaveLength(3005)
  })

  async function page(path: string, list: string): Promise<{ names: unknown[]; token: unknown }> {
    const answer = asObject(parse((await ask(large.port, { method: 'GET', path })).body))
    expect(Object.keys(answer)).toEqual([list, 'next_page_token'])
    return {
      names: asArray(answer[list]).map((route) => asObject(route)['name']),
      token: answer['next_page_token'],
    }
  }
})

describe('a request of 2.5', () => {
  test.each([
    [{ ...CHAT, candidate_count: 5, temperature: 1, max_tokens: 1, stop: ['x'] }, 200],
    [{ ...CHAT, max_tokens: null, stop: null }, 200],
    [{ ...CHAT, candidate_count: 6 }, 422],
    [{ ...CHAT, candidate_count: null }, 422],
    [{ ...CHAT, temperature: 1.01 }, 422],
    [{ ...CHAT, max_tokens: 0 }, 422],
    [{ ...CHAT, anything: { else: true } }, 200],
  ])('is held to its bounds, and may have fields of its own: %j', async (body, status) => {
    expect((await post(gateway.port, '/gateway/chat/invocations', body)).status).toBe(status)
  })

  test('is told every mistake at once', async () => {
    const body = { messages: [{ role: 'user' }, { content: 'x' }], temperature: 'hot', max_tokens: 0 }
    const answer = await post(gateway.port, '/gateway/chat/invocations', body)
    const detail = asArray(asObject(parse(answer.body))['detail']).map((entry) => asObject(entry)['loc'])
    expect(answer.status).toBe(422)
    expect(detail).toHaveLength(4)
    expect(detail).toContainEqual(['body', 'messages', 0, 'content'])
    expect(detail).toContainEqual(['body', 'messages', 1, 'role'])
  })

  test.each([
    ['/gateway/text/invocations', { prompt: '' }],
    ['/gateway/vectors/invocations', { text: ['a', 'b'] }],
    ['/gateway/vectors/invocations', { texts: ['a', 'b'] }],
    ['/gateway/routes/vectors', { text: 'a' }],
  ])('is answered with its type and its counts: %s %j', async (path, body) => {
    const answer = asObject(parse((await post(gateway.port, path, body)).body))
    const { route_type: type, input_tokens: input } = asObject(answer['metadata'])
    expect(type).toBe(path.includes('text/') ? 'llm/v1/completions' : 'llm/v1/embeddings')
    expect(typeof input).toBe('number')
  })

  test.each(['model', 'n'])('may not have the parameter %s', async (name) => {
    const { status } = await post(gateway.port, '/gateway/text/invocations', { prompt: 'x', [name]: 1 })
    expect(status).toBe(name === 'n' ? 400 : 422)
  })

  test.each([
    ['mlflow-python-client/2.8.1', ['candidates', 'metadata']],
    ['mlflow-python-client/2.9.2', ['id', 'object', 'created', 'model', 'choices', 'usage']],
    ['mlflow-python-client/3.1.0', ['id', 'object', 'created', 'model', 'choices', 'usage']],
    ['curl/8.0', ['candidates', 'metadata']],
  ])('is answered in the shape that %s reads', async (agent, keys) => {
    const answer = await ask(gateway.port, {
      method: 'POST',
      path: '/gateway/chat/invocations',
      body: JSON.stringify(CHAT),
      contentType: 'application/json',
      headers: { 'user-agent': agent },
    })
    expect(Object.keys(asObject(parse(answer.body)))).toEqual(expect.arrayContaining(keys))
  })
})

const NOT_ALLOWED = '{"detail":"Method Not Allowed"}'
const NOT_FOUND = '{"detail":"Not Found"}'

function summary({ status, headers, body }: WireAnswer): unknown {
  return { status, allow: headers.allow, body }
}

function parse(text: string): unknown {
  return JSON.parse(text)
}

function decode(token: unknown): string {
  return Buffer.from(String(token), 'base64').toString()
}

function tokenPath(text: string): string {
  const token = encodeURIComponent(Buffer.from(text).toString('base64'))
  return `/api/2.0/gateway/routes/?page_token=${token}`
}
