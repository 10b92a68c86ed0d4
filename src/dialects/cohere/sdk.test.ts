import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Cohere, CohereClientV2, CohereError, CohereTimeoutError } from 'cohere-ai'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { GatewayError } from '../../core/error.ts'
import type { ReplyEvent } from '../../core/events.ts'
import type { RouteType } from '../../core/route.ts'
import { cohere } from './client.ts'

/** What Cohere's own SDK makes of our answers. */

const TYPES: Readonly<Record<string, RouteType>> = {
  '/v2/chat': 'llm/v1/chat',
  '/v2/embed': 'llm/v1/embeddings',
  '/v2/rerank': 'llm/v1/rerank',
}

let server: Server
let client: CohereClientV2
let events: ReplyEvent[]
let failure: GatewayError | undefined

beforeAll(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { status, type, text } = answer(request.url ?? '', Buffer.concat(chunks))
      response.writeHead(status, { 'content-type': type })
      response.end(text)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  client = new CohereClientV2({ token: 'a-key', environment: `http://127.0.0.1:${port}`, maxRetries: 0 })
})

beforeEach(() => {
  failure = undefined
  events = []
})

afterAll(() => {
  server.close()
})

function answer(path: string, body: Buffer): { status: number; type: string; text: string } {
  const endpoint = cohere.endpoints.find((endpoint) => endpoint.path === path)
  const type = TYPES[path]
  if (!endpoint || !type) throw new Error(`no endpoint ${path}`)
  const request = endpoint.read(body, {
    route: { name: 'a-route', type, model: { name: 'a-model', provider: 'a-provider' } },
    head: { headers: {}, search: new URLSearchParams() },
    settings: { invocationsShape: 'openai', bodyLimit: 1024 * 1024 },
  })
  if (request.operation === 'chat' && request.stream) {
    const text = request.writer().stream(events) + (failure ? request.writeStreamError(failure) : '')
    return { status: 200, type: 'text/event-stream', text }
  }
  if (failure) {
    const { status, body } = cohere.writeError(failure)
    return { status, type: 'application/json', text: JSON.stringify(body) }
  }
  const json = { status: 200, type: 'application/json' }
  if (request.operation === 'chat') return { ...json, text: request.writer().whole(events) }
  if (request.operation === 'embeddings') {
    return { ...json, text: request.write({ vectors: [[0.5, -1]], usage: { inputTokens: 3 } }) }
  }
  if (request.operation !== 'rerank') throw new Error(request.operation)
  const results = [{ index: 1, score: 0.75 }]
  return { ...json, text: request.write({ results, usage: { searchUnits: 1 } }) }
}

const HEAD: ReplyEvent = { type: 'reply-start', id: 'reply-1', model: 'a-model' }
const END: ReplyEvent[] = [
  { type: 'candidate-end', candidate: 0, reason: 'tool_calls' },
  { type: 'usage', usage: { inputTokens: 12, outputTokens: 8, cacheReadTokens: 4 } },
  { type: 'reply-end' },
]
const CHAT: ReplyEvent[] = [
  HEAD,
  { type: 'part-start', candidate: 0, part: 0, kind: 'thinking' },
  { type: 'part-delta', candidate: 0, part: 0, text: 'Let me see.' },
  { type: 'part-end', candidate: 0, part: 0, state: { dialect: 'anthropic', data: 'c2ln' } },
  { type: 'part-start', candidate: 0, part: 1, kind: 'text' },
  { type: 'part-delta', candidate: 0, part: 1, text: 'Say data: [DONE]\n\n' },
  {
    type: 'annotation',
    candidate: 0,
    part: 1,
    annotation: { url: 'https://example.com', start: 0, end: 3 },
  },
  { type: 'part-delta', candidate: 0, part: 1, text: 'and go on.' },
  { type: 'part-end', candidate: 0, part: 1 },
  { type: 'part-start', candidate: 0, part: 2, kind: 'tool-call', id: 'call_1', name: 'weather' },
  { type: 'part-delta', candidate: 0, part: 2, text: '{"city":' },
  { type: 'part-delta', candidate: 0, part: 2, text: '"Oslo"}' },
  { type: 'part-end', candidate: 0, part: 2 },
  ...END,
]
const ASKED = { model: 'a-route', messages: [{ role: 'user' as const, content: 'Hi' }] }

describe('a chat', () => {
  test('is a response', async () => {
    events = CHAT
    expect(await client.chat(ASKED)).toMatchObject({
      id: 'reply-1',
      finishReason: 'TOOL_CALL',
      message: {
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: 'Let me see.' },
          { type: 'text', text: 'Say data: [DONE]\n\nand go on.' },
        ],
        toolCalls: [
          { id: 'call_1', type: 'function', function: { name: 'weather', arguments: '{"city":"Oslo"}' } },
        ],
        citations: [{ start: 0, end: 3, text: 'Say', contentIndex: 1 }],
      },
      usage: { tokens: { inputTokens: 12, outputTokens: 8 }, cachedTokens: 4 },
    })
  })

  test('is the same as a stream, with texts that look like its end', async () => {
    events = CHAT
    const said = { text: '', thinking: '', call: '', citations: 0, end: '' }
    for await (const event of await client.chatStream(ASKED)) {
      if (event.type === 'content-delta') {
        said.text += event.delta?.message?.content?.text ?? ''
        said.thinking += event.delta?.message?.content?.thinking ?? ''
      }
      if (event.type === 'tool-call-start') said.call += event.delta?.message?.toolCalls?.function?.name
      if (event.type === 'tool-call-delta') {
        said.call += event.delta?.message?.toolCalls?.function?.arguments ?? ''
      }
      if (event.type === 'citation-start') said.citations++
      if (event.type === 'message-end') {
        said.end = `${event.delta?.finishReason} ${event.delta?.usage?.tokens?.outputTokens}`
      }
    }
    expect(said).toEqual({
      text: 'Say data: [DONE]\n\nand go on.',
      thinking: 'Let me see.',
      call: 'weather{"city":"Oslo"}',
      citations: 1,
      end: 'TOOL_CALL 8',
    })
  })

  test('that fails in its stream ends with an error, not with success', async () => {
    events = CHAT.slice(0, 6)
    failure = new GatewayError('It broke.', { kind: 'truncated', status: 502 })
    let last
    for await (const event of await client.chatStream(ASKED)) last = event
    expect(last).toMatchObject({ type: 'message-end', delta: { error: 'It broke.', finishReason: 'ERROR' } })
  })
})

test('embeddings are in the types that were asked for', async () => {
  const reply = await client.embed({
    model: 'a-route',
    texts: ['Hi'],
    inputType: 'search_query',
    embeddingTypes: ['float', 'base64'],
  })
  expect(reply).toMatchObject({
    embeddings: { float: [[0.5, -1]], base64: ['AAAAPwAAgL8='] },
    texts: ['Hi'],
    meta: { billedUnits: { inputTokens: 3 } },
  })
})

test('ranks are results', async () => {
  const reply = await client.rerank({ model: 'a-route', query: 'Which?', documents: ['a', 'b'], topN: 1 })
  expect(reply).toMatchObject({
    results: [{ index: 1, relevanceScore: 0.75 }],
    meta: { billedUnits: { searchUnits: 1 } },
  })
})

describe('a failure', () => {
  test.each([
    ['auth', 401, Cohere.UnauthorizedError],
    ['rate_limit', 429, Cohere.TooManyRequestsError],
    ['bad_response', 502, CohereError],
  ] as const)('of kind %s raises the exception of status %i', async (kind, status, type) => {
    failure = new GatewayError('No.', { kind, status })
    const error: unknown = await client.chat(ASKED).catch((error: unknown) => error)
    expect(error).toBeInstanceOf(type)
    expect(error).not.toBeInstanceOf(CohereTimeoutError)
    expect(error).toMatchObject({ statusCode: status, body: { message: 'No.' } })
  })
})
