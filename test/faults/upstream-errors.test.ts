import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Answer, ask, chatBody } from '../support/ask.ts'
import { configText } from '../support/config-text.ts'
import { Gateway } from '../support/gateway.ts'
import { completion, opens, refuses, says } from '../support/openai-upstream.ts'
import { residentBytes } from '../support/processes.ts'
import { type Script, Upstream } from '../support/upstream.ts'

const JSON_TYPE = { 'content-type': 'application/json' }
const MEGABYTE = 1024 * 1024

/** Answers with bytes that need not be valid HTTP. */
function raw(text: string): Script {
  return (turn) => void turn.socket.end(text)
}

const SCRIPTS: Record<string, Script> = {
  hello: says('hello'),
  'status 401': refuses(401, 'Incorrect API key provided: a-k*y.'),
  'status 403': refuses(403, 'Project p-17 has no access.'),
  'status 400': refuses(400, 'maximum context length is 8192 tokens'),
  'status 404': refuses(404, 'The model does not exist'),
  'status 429': refuses(429, 'Slow down', { 'retry-after': '17' }),
  'status 500': refuses(500, 'The server had an error'),
  'status 503': refuses(503, 'Overloaded', { 'retry-after': 'Wed, 21 Oct 2026 07:28:00 GMT' }),
  'json without error': (turn) => turn.send(500, JSON_TYPE, '{"status":"down","zone":"b"}'),
  'html error': (turn) => turn.send(502, { 'content-type': 'text/html' }, '<h1>Bad Gateway</h1>'),
  'html answer': (turn) => turn.send(200, { 'content-type': 'text/html' }, '<h1>Log in</h1>'),
  'plain error': (turn) => turn.send(500, { 'content-type': 'text/plain' }, 'upstream connect error'),
  'plain answer': (turn) => turn.send(200, { 'content-type': 'text/plain' }, 'hello'),
  'invalid json': (turn) => turn.send(200, JSON_TYPE, '{"choices": [}'),
  'truncated json': (turn) => turn.send(200, JSON_TYPE, completion('hello').slice(0, 60)),
  'empty answer': (turn) => turn.send(200, JSON_TYPE, ''),
  'no answer': (turn) => turn.socket.destroy(),
  'half an answer': (turn) => {
    turn.response.writeHead(200, { ...JSON_TYPE, 'content-length': '1000' })
    turn.response.write('{"choices": [', () => turn.socket.destroy())
  },
  'no http': raw('SSH-2.0-OpenSSH_9.2\r\n\r\n'),
  'status 999': raw(
    'HTTP/1.1 999 Odd\r\ncontent-type: application/json\r\ncontent-length: 15\r\n\r\n{"error":"odd"}',
  ),
  'status 099': raw(
    'HTTP/1.1 099 Odd\r\ncontent-type: application/json\r\ncontent-length: 15\r\n\r\n{"error":"odd"}',
  ),
  'status 600': raw(
    'HTTP/1.1 600 Odd\r\ncontent-type: application/json\r\ncontent-length: 15\r\n\r\n{"error":"odd"}',
  ),
  'status 204': (turn) => turn.send(204, {}),
  'large header': raw(
    `HTTP/1.1 200 OK\r\nx-large: ${'a'.repeat(100 * 1024)}\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}`,
  ),
  'gzip bomb': (turn) =>
    turn.send(
      200,
      { ...JSON_TYPE, 'content-encoding': 'gzip' },
      gzipSync(Buffer.alloc(200 * MEGABYTE, 0x20)),
    ),
  silent: () => undefined,
  'silent stream': opens([]),
  'stuck stream': opens(['first']),
}

let upstream: Upstream
let target: Server
let targetHits = 0
let gateway: Gateway

beforeAll(async () => {
  target = createServer((_request, response) => {
    targetHits++
    response.writeHead(200, JSON_TYPE).end(completion('from elsewhere'))
  })
  await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve))
  const address: AddressInfo | string | null = target.address()
  const location = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/v1/chat/completions`
  const redirects = [301, 302, 303, 307, 308].map((status): [string, Script] => [
    `redirect ${status}`,
    (turn) => turn.send(status, { location, ...JSON_TYPE }, '{}'),
  ])
  upstream = await Upstream.start({ ...SCRIPTS, ...Object.fromEntries(redirects) })
  const unused = await Upstream.start({})
  await unused.close()
  const base = upstream.url
  gateway = await Gateway.start(
    configText([
      { name: 'chat', base },
      { name: 'completions', type: 'completions', base },
      { name: 'nobody', base: unused.url },
      { name: 'hasty', base, more: 'timeout: { total: 300ms }' },
      { name: 'eager', base, more: 'timeout: { first_token: 300ms }' },
    ]),
    { workers: 1 },
  )
})

afterAll(async () => {
  await gateway?.stop()
  target?.close()
  await upstream?.close()
})

function chat(prompt: string, route = 'chat', more: Record<string, unknown> = {}): Promise<Answer> {
  return ask(`${gateway.url}/endpoints/${route}/invocations`, { body: chatBody(prompt, more) })
}

function complete(prompt: string): Promise<Answer> {
  return ask(`${gateway.url}/gateway/completions/invocations`, { body: { prompt } })
}

function detail({ text }: Answer): unknown {
  const body: { detail?: unknown } = JSON.parse(text)
  return body.detail
}

describe.each([
  { way: 'a passed-through chat', call: (prompt: string) => chat(prompt) },
  { way: 'a passed-through stream', call: (prompt: string) => chat(prompt, 'chat', { stream: true }) },
  { way: 'a translated completion', call: complete },
])('$way', ({ call }) => {
  it.each([401, 403])("hides the provider's %i behind a 502 that explains itself", async (status) => {
    const answer = await call(`status ${status}`)
    expect(answer.status).toBe(502)
    expect(detail(answer)).toMatch(/credential/)
    expect(answer.text).not.toMatch(/a-k\*y|p-17/)
  })

  it.each([
    [400, 'maximum context length is 8192 tokens'],
    [404, 'The model does not exist'],
    [429, 'Slow down'],
    [500, 'The server had an error'],
    [503, 'Overloaded'],
  ])("keeps the provider's %i and message", async (status, message) => {
    const answer = await call(`status ${status}`)
    expect(answer.status).toBe(status)
    expect(detail(answer)).toBe(message)
  })

  it('keeps Retry-After, in seconds or as a date', async () => {
    expect((await call('status 429')).headers['retry-after']).toBe('17')
    expect((await call('status 503')).headers['retry-after']).toBe('Wed, 21 Oct 2026 07:28:00 GMT')
  })

  it("hands the provider's own JSON on when it has no error member", async () => {
    const answer = await call('json without error')
    expect(answer.status).toBe(500)
    expect(detail(answer)).toEqual({ status: 'down', zone: 'b' })
  })

  it.each(['html error', 'html answer', 'plain answer'])(
    'answers 502 to %s, without the page',
    async (prompt) => {
      const answer = await call(prompt)
      expect(answer.status).toBe(502)
      expect(detail(answer)).toMatch(/content type: text\/(html|plain)/)
      expect(answer.text).not.toContain('<h1>')
    },
  )

  it('keeps a plain text error', async () => {
    const answer = await call('plain error')
    expect(answer.status).toBe(500)
    expect(detail(answer)).toBe('upstream connect error')
  })

  it.each([
    'truncated json',
    'empty answer',
    'no answer',
    'half an answer',
    'no http',
    'status 999',
    'status 600',
    'status 099',
    'status 204',
    'large header',
    'gzip bomb',
  ])('answers 502 to %s', async (prompt) => {
    const answer = await call(prompt)
    expect(answer.status).toBe(502)
    expect(detail(answer)).toEqual(expect.any(String))
    expect(answer.text).not.toMatch(/127\.0\.0\.1|node_modules/)
  })

  it.each([301, 302, 303, 307, 308])('does not follow a %i', async (status) => {
    expect((await call(`redirect ${status}`)).status).toBe(502)
    expect(targetHits).toBe(0)
  })
})

it('answers 502 to an invalid answer that has to be read', async () => {
  expect((await complete('invalid json')).status).toBe(502)
})

it('does not unpack a compressed answer', async () => {
  const [pid = 0] = gateway.workers()
  const before = residentBytes(pid)
  await chat('gzip bomb')
  await complete('gzip bomb')
  expect(residentBytes(pid) - before).toBeLessThan(100 * MEGABYTE)
  expect(upstream.of('gzip bomb')[0]?.headers['accept-encoding']).toBe('identity')
})

it('answers 502 when nobody listens, without the address', async () => {
  const answer = await chat('hello', 'nobody')
  expect(answer.status).toBe(502)
  expect(detail(answer)).toBe('The provider could not be reached.')
})

it.each([
  { route: 'hasty', prompt: 'silent', stream: false },
  { route: 'hasty', prompt: 'silent stream', stream: true },
  { route: 'eager', prompt: 'silent', stream: false },
  { route: 'eager', prompt: 'silent stream', stream: true },
])('answers 504 when time is up: $route, $prompt', async ({ route, prompt, stream }) => {
  const answer = await chat(`${prompt} ${route} ${stream}`, route, { stream })
  expect(answer.status).toBe(504)
  expect(detail(answer)).toMatch(/0\.3 seconds/)
  await upstream.abortion(`${prompt} ${route} ${stream}`)
})

it('ends a stream in an error event when its time is up', async () => {
  const answer = await chat('stuck stream', 'hasty', { stream: true })
  expect(answer.status).toBe(200)
  expect(answer.text).toContain('"first"')
  expect(answer.text).toMatch(/data: \{"error":\{[^\n]*"type":"timeout"\}\}\n\n$/)
})

it('still serves after all of these', async () => {
  const answer = await chat('hello')
  expect(answer.status).toBe(200)
  expect(JSON.parse(answer.text)).toMatchObject({ choices: [{ message: { content: 'hello' } }] })
  expect(gateway.log().filter(({ msg }) => msg === 'worker died')).toEqual([])
})
