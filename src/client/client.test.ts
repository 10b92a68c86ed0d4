import { createServer } from 'node:net'
import { describe, expect, test } from 'vitest'
import { gate, json, startScriptedServer, type Answer } from '../../test/scripted-server.ts'
import {
  GatewayConnectionError,
  GatewayRequestError,
  GatewayTimeoutError,
  MlflowGatewayClient,
  type ChatResponse,
  type ClientOptions,
  type CompletionsResponse,
  type EmbeddingsResponse,
  type OpenAiChatResponse,
} from './index.ts'

const ROUTE = {
  name: 'chat',
  route_type: 'llm/v1/chat',
  model: { name: 'gpt', provider: 'openai' },
  route_url: '/gateway/chat/invocations',
}
const METADATA = { input_tokens: 1, output_tokens: 1, total_tokens: 2, model: 'm', route_type: 'llm/v1/chat' }
const CHAT: ChatResponse = {
  candidates: [{ message: { role: 'assistant', content: 'hello' }, metadata: { finish_reason: 'stop' } }],
  metadata: METADATA,
}
const QUESTION = { messages: [{ role: 'user', content: 'hi' }] }
const never: Answer = () => {}
const lost: Answer = (response) => response.destroy()
const webPage: Answer = (response) =>
  response.writeHead(200, { 'content-type': 'text/html' }).end('<p>hi</p>')

/** A client that does not really wait between attempts, and the delays it would have waited. */
function patientClient(
  gatewayUri: string,
  options: ClientOptions = {},
): { client: MlflowGatewayClient; delays: number[] } {
  const delays: number[] = []
  const sleep = async (delayMs: number): Promise<void> => void delays.push(delayMs)
  return { client: new MlflowGatewayClient({ gatewayUri, sleep, random: () => 1, ...options }), delays }
}

async function failure(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
}

describe('routes', () => {
  test('come one by one, with an absolute URL that keeps the path prefix', async () => {
    const server = await startScriptedServer(json(200, { ...ROUTE, limit: null }))
    const client = new MlflowGatewayClient(`${server.uri}/team/`)
    const route = await client.getRoute('chat')
    expect(route).toEqual({ ...ROUTE, limit: null, route_url: `${server.uri}/team/gateway/chat/invocations` })
    expect(server.seen[0]).toMatchObject({ method: 'GET', url: '/team/api/2.0/gateway/routes/chat' })
  })

  test('come in pages', async () => {
    const server = await startScriptedServer(
      json(200, { routes: [ROUTE], next_page_token: 'eyJpbmRleCI6IDF9+=' }),
      json(200, { routes: [], next_page_token: null }),
    )
    const client = new MlflowGatewayClient(server.uri)
    const first = await client.searchRoutes()
    expect(first.routes.map((route) => route.name)).toEqual(['chat'])
    expect(first.nextPageToken).toBe('eyJpbmRleCI6IDF9+=')
    expect(await client.searchRoutes({ pageToken: first.nextPageToken })).toEqual({
      routes: [],
      nextPageToken: undefined,
    })
    expect(server.seen.map((request) => request.url)).toEqual([
      '/api/2.0/gateway/routes/',
      '/api/2.0/gateway/routes/?page_token=eyJpbmRleCI6IDF9%2B%3D',
    ])
  })

  test('cannot be filtered, created or deleted, and no request is made of it', async () => {
    const server = await startScriptedServer(json(200, {}))
    const client = new MlflowGatewayClient(server.uri)
    await expect(client.searchRoutes({ searchFilter: 'name = "x"' })).rejects.toThrow(/filter/)
    await expect(client.searchRoutes('name = "x"')).rejects.toThrow(/filter/)
    await expect(client.createRoute('x', 'llm/v1/chat', {})).rejects.toThrow(/configuration file/)
    await expect(client.deleteRoute('x')).rejects.toThrow(/configuration file/)
    expect(server.seen).toEqual([])
  })

  test.each([{}, { routes: {} }, { routes: [{ name: 'x' }] }, 'hello'])(
    'are refused when the answer is something else: %j',
    async (body) => {
      const server = await startScriptedServer(json(200, body))
      const client = new MlflowGatewayClient(server.uri)
      await expect(client.searchRoutes()).rejects.toThrow(/is it an MLflow gateway/)
      await expect(client.getRoute('x')).rejects.toThrow(/did not answer with a route/)
    },
  )
})

describe('a query', () => {
  test('posts the data as it is and gives the reply as it is', async () => {
    const server = await startScriptedServer(json(200, CHAT))
    const client = new MlflowGatewayClient({ gatewayUri: server.uri, headers: { 'x-team': 'blue' } })
    const data = { ...QUESTION, temperature: 0.5, logit_bias: { 5: 1 } }
    const reply: ChatResponse = await client.query('my chat', data)
    expect(reply).toEqual(CHAT)
    expect(server.seen[0]).toMatchObject({ method: 'POST', url: '/gateway/my%20chat/invocations' })
    expect(server.seen[0]?.headers).toMatchObject({ 'content-type': 'application/json', 'x-team': 'blue' })
    expect(JSON.parse(server.seen[0]?.body ?? '')).toEqual(data)
  })

  test('has the reply type of its request, or the one that is named', async () => {
    const server = await startScriptedServer(json(200, {}))
    const client = new MlflowGatewayClient(server.uri)
    const replies = async (): Promise<unknown> => {
      const chat: ChatResponse = await client.query('chat', QUESTION)
      const completions: CompletionsResponse = await client.query('completions', { prompt: 'hi' })
      const embeddings: EmbeddingsResponse = await client.query('embeddings', { text: ['a', 'b'] })
      const openAi = await client.query<OpenAiChatResponse>('chat', { ...QUESTION, n: 2 })
      const content: string | null | undefined = openAi.choices?.[0]?.message.content
      // @ts-expect-error a field of the wrong type
      await client.query('chat', { ...QUESTION, temperature: 'hot' })
      // @ts-expect-error a request of no known type, and no reply named
      await client.query('chat', { question: 'hi' })
      return [chat, completions, embeddings, content]
    }
    await expect(replies()).resolves.toHaveLength(4)
  })

  test('reuses connections', async () => {
    const server = await startScriptedServer(json(200, CHAT))
    const client = new MlflowGatewayClient(server.uri)
    for (let call = 0; call < 10; call++) await client.query('chat', QUESTION)
    // The next call may begin before fetch has put the connection back.
    expect(server.connections()).toBeLessThan(4)
  })

  test('is refused before it is sent when it makes no sense', async () => {
    const { client } = patientClient('http://127.0.0.1:1', { maxRetries: 0 })
    await expect(client.query('..', QUESTION)).rejects.toThrow(/route name/)
    await expect(client.query('', QUESTION)).rejects.toThrow(/name of a route/)
    await expect(client.query('chat', { ...QUESTION, stream: true })).rejects.toThrow(/queryStream/)
    await expect(client.query<unknown>('chat', [])).rejects.toThrow(/must be an object/)
    await expect(client.query('chat', QUESTION, { timeoutMs: 0 })).rejects.toThrow(/timeoutMs/)
  })
})

describe('an error answer', () => {
  test.each<[unknown, string]>([
    [{ detail: 'No such route.' }, 'No such route.'],
    [
      { detail: [{ loc: ['body', 'messages', 0, 'content'], msg: 'field required', type: 'x' }] },
      'messages.0.content: field required',
    ],
    [{ error: 'Rate limit exceeded: 1 per 1 minute' }, 'Rate limit exceeded: 1 per 1 minute'],
    [{ error: { message: 'bad key', type: 'auth' } }, 'bad key'],
    [{ detail: { error_code: 'X', message: 'deep' } }, 'deep'],
    [{ other: 1 }, ''],
  ])('carries its status, body and what it says: %j', async (body, detail) => {
    const server = await startScriptedServer(json(404, body, { 'x-request-id': 'r-1', 'retry-after': '9' }))
    const error = await failure(new MlflowGatewayClient(server.uri).query('chat', QUESTION))
    expect(error).toBeInstanceOf(GatewayRequestError)
    expect(error).toMatchObject({
      name: 'GatewayRequestError',
      status: 404,
      body,
      detail,
      requestId: 'r-1',
      retryAfter: 9,
    })
    const message = `POST ${server.uri}/gateway/chat/invocations answered 404 Not Found${detail ? `: ${detail}` : '.'}`
    expect(error).toHaveProperty('message', message)
    expect(server.seen).toHaveLength(1)
  })

  test('keeps a body that is not JSON as text, also when the status is good', async () => {
    const server = await startScriptedServer(webPage)
    const error = await failure(new MlflowGatewayClient(server.uri).query('chat', QUESTION))
    expect(error).toMatchObject({
      name: 'GatewayRequestError',
      status: 200,
      body: '<p>hi</p>',
      retryAfter: undefined,
    })
  })
})

describe('retries', () => {
  test('follow on 429, 500, 502, 503 and lost connections, each with twice the delay', async () => {
    const statuses = [429, 500, 502, 503].map((status) => json(status, { detail: 'not now' }))
    const server = await startScriptedServer(...statuses, lost, json(200, CHAT))
    const { client, delays } = patientClient(server.uri)
    expect(await client.query('chat', QUESTION)).toEqual(CHAT)
    expect(delays).toEqual([1000, 2000, 4000, 8000, 16_000])
    expect(new Set(server.seen.map((request) => request.body)).size).toBe(1)
  })

  test('end after the fifth with the last answer', async () => {
    const server = await startScriptedServer(json(503, { detail: 'down' }))
    const { client, delays } = patientClient(server.uri)
    const error = await failure(client.searchRoutes())
    expect(error).toMatchObject({ status: 503, detail: 'down' })
    expect(error).toHaveProperty('message', expect.stringContaining('(after 6 attempts): down'))
    expect(delays).toHaveLength(5)
    expect(server.seen).toHaveLength(6)
  })

  test('wait for as long as the gateway asks, at most a minute', async () => {
    const server = await startScriptedServer(
      json(429, {}, { 'retry-after': '7' }),
      json(429, {}, { 'retry-after': '61' }),
    )
    const { client, delays } = patientClient(server.uri)
    expect(await failure(client.query('chat', QUESTION))).toMatchObject({ status: 429, retryAfter: 61 })
    expect(delays).toEqual([7000])
  })

  test('are not begun when the time of the call would not suffice', async () => {
    const server = await startScriptedServer(json(429, {}, { 'retry-after': '30' }))
    const { client, delays } = patientClient(server.uri, { timeoutMs: 20_000 })
    expect(await failure(client.query('chat', QUESTION))).toMatchObject({ status: 429, retryAfter: 30 })
    expect(delays).toEqual([])
  })

  test.each<[string, Answer]>([
    ['the status would stay the same', json(422, {})],
    ['the gateway forbids it', json(500, {}, { 'x-should-retry': 'false' })],
  ])('do not follow when %s', async (_, answer) => {
    const server = await startScriptedServer(answer)
    const { client } = patientClient(server.uri)
    expect(await failure(client.query('chat', QUESTION))).toBeInstanceOf(GatewayRequestError)
    expect(server.seen).toHaveLength(1)
  })

  test('do not follow once an answer has begun', async () => {
    const server = await startScriptedServer((response) => {
      response.writeHead(200, { 'content-length': '100' })
      response.write('{"candi', () => response.destroy())
    })
    const { client } = patientClient(server.uri)
    const error = await failure(client.query('chat', QUESTION))
    expect(error).toBeInstanceOf(GatewayConnectionError)
    expect(error).toHaveProperty('message', expect.stringContaining('is not whole'))
    expect(server.seen).toHaveLength(1)
  })

  test('can be switched off', async () => {
    const { client, delays } = patientClient(await closedPort(), { maxRetries: 0 })
    const error = await failure(client.query('chat', QUESTION))
    expect(error).toBeInstanceOf(GatewayConnectionError)
    expect(error).toHaveProperty('message', expect.stringMatching(/could not be sent: ECONNREFUSED/))
    expect(delays).toEqual([])
  })
})

describe('a call that must end', () => {
  test('times out with an error of its own and is not retried', async () => {
    const server = await startScriptedServer(never)
    const { client, delays } = patientClient(server.uri)
    const error = await failure(client.query('chat', QUESTION, { timeoutMs: 30 }))
    expect(error).toBeInstanceOf(GatewayTimeoutError)
    expect(error).toMatchObject({ timeoutMs: 30, message: expect.stringContaining('within 30 ms') })
    expect(delays).toEqual([])
  })

  test('times out while the answer is under way', async () => {
    const server = await startScriptedServer((response) => {
      response.writeHead(200)
      response.write('{')
    })
    const client = new MlflowGatewayClient({ gatewayUri: server.uri, timeoutMs: 50 })
    expect(await failure(client.query('chat', QUESTION))).toBeInstanceOf(GatewayTimeoutError)
  })

  test("rejects with the signal's reason and closes the request", async () => {
    const reason = new Error('changed my mind')
    const controller = new AbortController()
    const closed = gate()
    const server = await startScriptedServer((response) => {
      response.on('close', () => closed.open())
      controller.abort(reason)
    })
    const client = new MlflowGatewayClient(server.uri)
    expect(await failure(client.query('chat', QUESTION, { signal: controller.signal }))).toBe(reason)
    await closed.opened
  })

  test('is not sent when its signal is aborted already', async () => {
    const server = await startScriptedServer(json(200, CHAT))
    const client = new MlflowGatewayClient(server.uri)
    const error = await failure(client.getRoute('chat', { signal: AbortSignal.abort() }))
    expect(error).toHaveProperty('name', 'AbortError')
    expect(server.seen).toEqual([])
  })

  test('can be aborted between two attempts', async () => {
    const server = await startScriptedServer(json(503, {}, { 'retry-after': '60' }))
    const controller = new AbortController()
    const watching: ClientOptions['fetch'] = async (url, init) => {
      const response = await fetch(url, init)
      setImmediate(() => controller.abort())
      return response
    }
    const client = new MlflowGatewayClient({ gatewayUri: server.uri, fetch: watching })
    expect(await failure(client.query('chat', QUESTION, { signal: controller.signal }))).toHaveProperty(
      'name',
      'AbortError',
    )
    expect(server.seen).toHaveLength(1)
  })
})

describe('the options', () => {
  test.each<ClientOptions>([
    { timeoutMs: -1 },
    { timeoutMs: 0 },
    { timeoutMs: Number.NaN },
    { maxRetries: 1.5 },
    { initialDelayMs: -1 },
  ])('are refused when they make no sense: %j', (options) => {
    expect(() => new MlflowGatewayClient({ gatewayUri: 'http://h', ...options })).toThrow(/must be/)
  })

  test('may leave out the timeout', async () => {
    const server = await startScriptedServer(json(200, CHAT))
    const client = new MlflowGatewayClient({ gatewayUri: server.uri, timeoutMs: Infinity })
    expect(await client.query('chat', QUESTION)).toEqual(CHAT)
  })
})

async function closedPort(): Promise<string> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (typeof address !== 'object' || address === null) throw new Error('no address')
  return `http://127.0.0.1:${address.port}`
}
