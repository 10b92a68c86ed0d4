import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ByteSource } from '../core/bytes.ts'
import type { ChatFormat } from '../core/dialect.ts'
import type { Attempt, Provider, ProviderConfig } from '../core/provider.ts'
import { Secret } from '../core/secret.ts'
import { sse } from '../wire/sse.ts'
import { anthropicProvider } from './anthropic.ts'

const chat: ChatFormat = {
  operation: 'chat',
  name: 'a-chat-format',
  answerMark: '',
  framing: sse,
  write: () => {
    throw new Error('not written here')
  },
  reader: () => {
    throw new Error('not read here')
  },
  readError: () => {
    throw new Error('not read here')
  },
}
const definition = anthropicProvider({ chat })
const KEY = new Secret('sk-ant-test')

interface Seen {
  method: string | undefined
  path: string | undefined
  headers: IncomingHttpHeaders
  body: string
}

let server: Server
let base: string
let seen: Seen[]
let provider: Provider | undefined

beforeEach(async () => {
  seen = []
  server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8')
    request.on('data', (text: string) => (body += text))
    request.on('end', () => {
      seen.push({ method: request.method, path: request.url, headers: request.headers, body })
      response.writeHead(200, { 'content-type': 'text/event-stream', 'request-id': 'req_7' })
      response.write('event: ping\ndata: {"type":"ping"}\n\n')
      setImmediate(() => response.end('event: message_stop\ndata: {"type":"message_stop"} \n\n'))
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})

afterEach(async () => {
  await provider?.close()
  provider = undefined
  server.closeAllConnections()
  server.close()
})

function create(config: ProviderConfig): Provider {
  provider = definition.create({ model: 'claude-x', config: { anthropic_api_key: KEY, ...config } })
  return provider
}

function attempt(body: string): Attempt {
  return { format: chat, stream: true, body, signal: new AbortController().signal }
}

function readAll(source: ByteSource): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    source.flow({
      data: (chunk) => chunks.push(chunk),
      end: () => resolve(Buffer.concat(chunks).toString('utf8')),
      error: reject,
    })
  })
}

describe('a call', () => {
  test('carries the key, the version and the body, and hands back the bytes as they came', async () => {
    const reply = await create({ anthropic_api_base: base }).send(attempt('{"model":"claude-x"}'))
    expect(reply).toMatchObject({ status: 200, contentType: 'text/event-stream', requestId: 'req_7' })
    expect(await readAll(reply.body)).toBe(
      'event: ping\ndata: {"type":"ping"}\n\nevent: message_stop\ndata: {"type":"message_stop"} \n\n',
    )
    expect(seen).toMatchObject([
      {
        method: 'POST',
        path: '/v1/messages',
        headers: {
          'x-api-key': 'sk-ant-test',
          'anthropic-version': '2023-06-01',
          'content-type': 'application/json',
        },
        body: '{"model":"claude-x"}',
      },
    ])
    expect(seen[0]?.headers).not.toHaveProperty('authorization')
  })

  test('carries the configured version', async () => {
    const reply = await create({ anthropic_api_base: base, anthropic_version: '2030-01-01' }).send(
      attempt('{}'),
    )
    await readAll(reply.body)
    expect(seen[0]?.headers['anthropic-version']).toBe('2030-01-01')
  })

  test.each([
    [undefined, {}, undefined],
    ['context-1m-2025-08-07,unheard-of', {}, 'context-1m-2025-08-07'],
    [undefined, { anthropic_beta: ['a-2026-01-01'] }, 'a-2026-01-01'],
    ['b-2026-01-01, a-2026-01-01', { anthropic_beta: ['a-2026-01-01'] }, 'a-2026-01-01, b-2026-01-01'],
  ])('that asks for the betas %j with the options %j gets %j', async (asked, config, betas) => {
    const headers: Record<string, string> = { 'anthropic-version': '1999-01-01', cookie: 'secret' }
    if (asked !== undefined) headers['anthropic-beta'] = asked
    const target = create({ anthropic_api_base: base, ...config })
    await readAll((await target.send({ ...attempt('{}'), headers })).body)
    expect(seen[0]?.headers['anthropic-beta']).toBe(betas)
    expect(seen[0]?.headers).toMatchObject({ 'anthropic-version': '2023-06-01' })
    expect(seen[0]?.headers).not.toHaveProperty('cookie')
  })

  test.each([
    ['', '/v1/messages'],
    ['/', '/v1/messages'],
    ['/v1', '/v1/messages'],
    ['/v1/', '/v1/messages'],
    ['/proxy/anthropic', '/proxy/anthropic/v1/messages'],
    ['/proxy/v1//', '/proxy/v1/messages'],
    ['/apiv1', '/apiv1/v1/messages'],
  ])('to a base that ends with %j goes to %s', async (suffix, path) => {
    const reply = await create({ anthropic_api_base: base + suffix }).send(attempt('{}'))
    await readAll(reply.body)
    expect(seen[0]?.path).toBe(path)
  })
})

describe('the definition', () => {
  test('serves chat and completions through the given format, and no embeddings', () => {
    const created = create({})
    expect(definition.routeTypes).toEqual(['llm/v1/chat', 'llm/v1/completions'])
    expect(created).toMatchObject({ name: 'anthropic', model: 'claude-x', secrets: [KEY] })
    expect(created.formats).toEqual([chat])
  })

  test.each([undefined, 'https://api.anthropic.com', 'http://localhost:8080/v1/'])(
    'accepts the base %s',
    (given) => {
      expect(
        definition.check?.(given === undefined ? {} : { anthropic_api_base: given }, 'claude-x'),
      ).toEqual([])
    },
  )

  test.each([
    '',
    'api.anthropic.com',
    'ftp://api.anthropic.com',
    'https://',
    'https://key@api.anthropic.com',
    'https://api.anthropic.com/?beta=true',
  ])('refuses the base %j and says what to write, without quoting it', (given) => {
    expect(definition.check?.({ anthropic_api_base: given }, 'claude-x')).toEqual([
      {
        path: ['anthropic_api_base'],
        message:
          'is not a base URL; write one that begins with https:// or http://, without query, fragment and credentials',
      },
    ])
  })

  test('takes as version only what an HTTP header can hold', () => {
    const { pattern = '', hint } = definition.options.properties['anthropic_version'] ?? {}
    const allowed = ['2023-06-01', '', '2023\n-06', '2023\r\nx: y', '2023-06-01\n', 'jüngste'].filter(
      (version) => new RegExp(pattern, 'u').test(version),
    )
    expect(allowed).toEqual(['2023-06-01'])
    expect(hint).toMatch(/printable ASCII/)
  })
})
