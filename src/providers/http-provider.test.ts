import { createServer, type AddressInfo } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import { json, startScriptedServer } from '../../test/scripted-server.ts'
import { Cancellation } from '../core/cancel.ts'
import type { UpstreamFormat } from '../core/dialect.ts'
import { GatewayError } from '../core/error.ts'
import type { Attempt, Provider, UpstreamReply } from '../core/provider.ts'
import { Secret } from '../core/secret.ts'
import { createHttpProvider, type HttpProviderSetup } from './http-provider.ts'

const chat: UpstreamFormat = {
  operation: 'moderation',
  name: 'a-format',
  answerMark: '',
  usage: () => undefined,
  readError: () => {
    throw new Error('not read here')
  },
}

function create(baseUrl: string, changes: Partial<HttpProviderSetup> = {}): Provider {
  const key = new Secret('sk-test')
  const provider = createHttpProvider({
    name: 'p',
    model: 'm',
    baseUrl,
    headers: { 'x-key': key, 'x-plain': 'plain' },
    formats: [{ format: chat, path: '/chat?v=1' }],
    secrets: [key],
    ...changes,
  })
  onTestFinished(() => provider.close())
  return provider
}

async function send(provider: Provider, changes: Partial<Attempt> = {}): Promise<UpstreamReply> {
  const reply = await provider.send({
    format: chat,
    stream: false,
    body: '{"a":1}',
    signal: new Cancellation(),
    ...changes,
  })
  await new Promise<void>((resolve, reject) =>
    reply.body.flow({ data: () => undefined, end: resolve, error: reject }),
  )
  // A connection is free for the next request one turn of the event loop after the answer.
  await setImmediate()
  await setImmediate()
  return reply
}

describe('a provider over HTTP', () => {
  test('sends the body as it is, with its own headers, secrets revealed', async () => {
    const server = await startScriptedServer(json(200, {}))
    await send(create(server.uri), { body: Buffer.from('{"é":1}') })
    expect(server.seen[0]).toMatchObject({
      method: 'POST',
      url: '/chat?v=1',
      body: '{"é":1}',
      headers: {
        'content-type': 'application/json',
        'accept-encoding': 'identity',
        'user-agent': 'mlflow-gateway',
        'x-key': 'sk-test',
        'x-plain': 'plain',
        'content-length': '8',
      },
    })
  })

  test.each(['', '/', '/v1', '/v1/', '/v1//', '/a/b/'])(
    'keeps the path of its base URL: %j',
    async (path) => {
      const server = await startScriptedServer(json(200, {}))
      await send(create(server.uri + path))
      expect(server.seen[0]?.url).toBe(`${path.replace(/\/+$/, '')}/chat?v=1`)
    },
  )

  test('may change the bytes last', async () => {
    const server = await startScriptedServer(json(200, {}))
    await send(create(server.uri, { prepare: ({ body, stream }) => `${stream}:${body.toString()}` }))
    expect(server.seen[0]?.body).toBe('false:{"a":1}')
  })

  test('serves only what it has a format for', async () => {
    const provider = create('http://127.0.0.1:9')
    expect(provider.formats).toEqual([chat])
    expect(provider).toMatchObject({ name: 'p', model: 'm' })
  })

  test('gives the reply of any status', async () => {
    const server = await startScriptedServer(json(503, {}, { 'retry-after': '3' }))
    await expect(send(create(server.uri))).resolves.toMatchObject({
      status: 503,
      retryAfter: '3',
      contentType: 'application/json',
    })
  })

  test('takes the exact wait of a retry-after-ms before the one in seconds', async () => {
    const headers = { 'retry-after': '3', 'retry-after-ms': '1250' }
    const server = await startScriptedServer(json(429, {}, headers))
    await expect(send(create(server.uri))).resolves.toMatchObject({ retryAfter: '1.25' })
  })

  test('sends once more over a fresh connection when the kept one turns out to be dead', async () => {
    const seen: string[] = []
    const server = createServer((socket) => {
      let isKept = false
      socket.on('error', () => undefined)
      socket.on('data', () => {
        seen.push(isKept ? 'kept' : 'new')
        if (isKept) socket.resetAndDestroy()
        else socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}')
        isKept = true
      })
      onTestFinished(() => void socket.destroy())
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    const { port } = server.address() as AddressInfo
    const provider = create(`http://127.0.0.1:${port}`)
    let resent = 0
    const onResend = (): void => void resent++
    await send(provider, { onResend })
    await expect(send(provider, { onResend })).resolves.toMatchObject({ status: 200 })
    expect(seen).toEqual(['new', 'kept', 'new'])
    expect(resent).toBe(1)
  })

  test('keeps its own headers where a raw request has others of the same name; lists go together', async () => {
    const server = await startScriptedServer(json(200, {}))
    const provider = create(server.uri, { headers: { 'X-Plain': 'ours', 'anthropic-beta': 'a' } })
    await provider.forward?.({
      method: 'GET',
      path: '/x',
      headers: { 'x-plain': 'theirs', 'x-other': 'theirs', 'anthropic-beta': 'b' },
      signal: new Cancellation(),
    })
    expect(server.seen[0]?.headers).toMatchObject({
      'x-plain': 'ours',
      'x-other': 'theirs',
      'anthropic-beta': 'a, b',
    })
  })

  test('waits for no token longer than the request may take', async () => {
    const signal = new Cancellation()
    const provider = create('http://127.0.0.1:9', { authorize: () => new Promise(() => undefined) })
    const sent = send(provider, { signal })
    const reason = new GatewayError('too late', { kind: 'timeout', status: 504 })
    signal.abort(reason)
    await expect(sent).rejects.toBe(reason)
  })

  test('does not follow redirects', async () => {
    const server = await startScriptedServer(json(302, {}, { location: '/elsewhere' }))
    await expect(send(create(server.uri))).resolves.toMatchObject({ status: 302 })
    expect(server.seen).toHaveLength(1)
  })

  test("uses its connection again, also from another provider of the same credential, never from another's", async () => {
    const server = await startScriptedServer(json(200, {}))
    const other = new Secret('sk-other')
    await send(create(server.uri))
    await send(create(server.uri))
    expect(server.connections()).toBe(1)
    await send(create(server.uri, { secrets: [other], headers: { 'x-key': other } }))
    expect(server.connections()).toBe(2)
  })
})
