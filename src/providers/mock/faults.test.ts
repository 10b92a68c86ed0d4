import { expect, test } from 'vitest'
import { GatewayError } from '../../core/error.ts'
import type { Provider, ProviderConfig, UpstreamReply } from '../../core/provider.ts'
import { openAiChat, openAiEmbeddings } from '../../dialects/openai/index.ts'
import { mockProvider } from './index.ts'
import { checkOptions } from './options.ts'

test.each([
  ['rate_limit', 429, 'rate_limit_exceeded', '1'],
  ['server_error', 500, null, undefined],
  ['overloaded', 503, 'overloaded', undefined],
  ['auth', 401, 'invalid_api_key', undefined],
  ['bad_request', 400, null, undefined],
])('%s answers %d', async (...[kind, status, code, retryAfter]) => {
  for (const stream of [false, true]) {
    const reply = await send(failing(kind), { stream })
    expect(reply).toMatchObject({ status, contentType: 'application/json' })
    expect(reply.retryAfter).toBe(retryAfter)
    expect(JSON.parse(await read(reply)).error).toMatchObject({
      code,
      message: expect.stringContaining('simulated'),
    })
  }
})

test('disconnect rejects as a lost connection', async () => {
  await expect(send(failing('disconnect'))).rejects.toMatchObject({ kind: 'connect' })
})

test('timeout never answers until the attempt is aborted', async () => {
  const abort = new AbortController()
  const sent = send(failing('timeout'), { signal: abort.signal })
  const first = await Promise.race([sent, new Promise((resolve) => setImmediate(resolve, 'still waiting'))])
  expect(first).toBe('still waiting')
  const reason = new GatewayError('too late', { kind: 'timeout', status: 504 })
  abort.abort(reason)
  await expect(sent).rejects.toBe(reason)
})

test.each(['truncated', 'malformed'])('%s gives a whole body that is not JSON', async (kind) => {
  const text = await read(await send(failing(kind)))
  expect(text.length).toBeGreaterThan(20)
  expect(() => JSON.parse(text)).toThrow(SyntaxError)
})

test('truncated ends a stream after some content, without a finish', async () => {
  const text = await read(await send(failing('truncated'), { stream: true }))
  expect(text).toContain('"content":"')
  expect(text).not.toContain('[DONE]')
  expect(text).not.toContain('"finish_reason":"stop"')
})

test('malformed puts one broken event into a stream', async () => {
  const text = await read(await send(failing('malformed'), { stream: true }))
  const broken = text.split('\n\n').filter((event) => event.startsWith('data: {') && !isJson(event.slice(6)))
  expect(broken).toHaveLength(1)
  expect(text.endsWith('data: [DONE]\n\n')).toBe(true)
})

test('stream_error ends a stream with an error event after some content, and is a 500 otherwise', async () => {
  const events = (await read(await send(failing('stream_error'), { stream: true }))).trim().split('\n\n')
  expect(events.length).toBeGreaterThan(3)
  expect(JSON.parse(events.at(-1)?.slice(6) ?? '')).toMatchObject({ error: { type: 'server_error' } })
  expect((await send(failing('stream_error'))).status).toBe(500)
})

test('a rate fails that share of requests, and each request always alike', async () => {
  const mock = create({ error_rate: 0.2 })
  const fates = async (): Promise<number[]> =>
    Promise.all(
      Array.from({ length: 1000 }, async (_, index) => (await send(mock, { prompt: `q ${index}` })).status),
    )
  const first = await fates()
  const failed = first.filter((status) => status === 500).length
  expect(failed).toBeGreaterThan(150)
  expect(failed).toBeLessThan(250)
  expect(await fates()).toEqual(first)
})

test.each([
  [{ latency: '1s', latency_distribution: { p50: '1s', p99: '2s' } }, ['latency_distribution']],
  [{ latency_distribution: { p50: '1s', p99: '200ms' } }, ['latency_distribution', 'p99']],
  [{ error_kind: 'auth' }, ['error_kind']],
])('%j is a mistake', (config, path) => {
  expect(checkOptions(config).map((issue) => issue.path)).toEqual([path])
})

test('sensible options have no issues', () => {
  expect(
    checkOptions({ latency_distribution: { p50: '50ms', p99: '1s' }, error_rate: 1, error_kind: 'auth' }),
  ).toEqual([])
})

function failing(kind: string): Provider {
  return create({ error_rate: 1, error_kind: kind })
}

function create(config: ProviderConfig): Provider {
  return mockProvider({ chat: openAiChat, embeddings: openAiEmbeddings }).create({ model: 'm', config })
}

interface Way {
  stream?: boolean
  signal?: AbortSignal
  prompt?: string
}

function send(mock: Provider, { stream = false, signal, prompt = 'Why?' }: Way = {}): Promise<UpstreamReply> {
  return mock.send({
    format: openAiChat,
    stream,
    body: JSON.stringify({ messages: [{ role: 'user', content: prompt }] }),
    signal: signal ?? new AbortController().signal,
  })
}

function read({ body }: UpstreamReply): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    body.flow({ data: (chunk) => void (text += chunk.toString()), end: () => resolve(text), error: reject })
  })
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
