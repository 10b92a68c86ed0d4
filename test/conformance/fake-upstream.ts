import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { asArray, asObject, asString, type JsonObject } from '../../src/core/json.ts'
import { writeFrame } from '../../src/wire/sse.ts'

/** One request as the provider saw it. */
export interface UpstreamRequest {
  /** With the query string. */
  path: string
  headers: IncomingHttpHeaders
  body: JsonObject
}

export interface FakeUpstream {
  /** `127.0.0.1:port` */
  host: string
  /** All requests so far, oldest first. */
  requests: UpstreamRequest[]
  close(): Promise<void>
}

/**
 * The provider that MLflow's servers were recorded against: it speaks OpenAI's API, and the last message's text chooses
 * its answer. Anthropic's Messages API is there as well, because the gateway serves what MLflow refused.
 */
export async function startFakeUpstream(): Promise<FakeUpstream> {
  const requests: UpstreamRequest[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const sent: unknown = JSON.parse(Buffer.concat(chunks).toString() || '{}')
      const asked = { path: request.url ?? '', headers: request.headers, body: asObject(sent) }
      requests.push(asked)
      answer(response, asked)
    })
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  return {
    host: `127.0.0.1:${port}`,
    requests,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => {
        server.close(resolve)
      })
    },
  }
}

function answer(response: ServerResponse, { path, body }: UpstreamRequest): void {
  const [pathname = ''] = path.split('?')
  if (pathname.endsWith('/embeddings')) send(response, EMBEDDINGS)
  else if (pathname.endsWith('/v1/messages')) answerMessages(response, body)
  else send(response, CHAT_ANSWERS.get(lastText(body)) ?? CHAT)
}

function lastText({ messages }: JsonObject): string {
  return asString(asObject(asArray(messages).at(-1))['content']) ?? ''
}

interface Answer {
  status: number
  type: string
  body: string
}

function send(response: ServerResponse, { status, type, body }: Answer): void {
  response.writeHead(status, { 'content-type': type })
  response.end(body)
}

function json(status: number, body: unknown): Answer {
  return { status, type: 'application/json', body: JSON.stringify(body) }
}

const CHAT = json(200, {
  id: 'chatcmpl-abc123',
  object: 'chat.completion',
  created: 1677858242,
  model: 'gpt-3.5-turbo-0301',
  choices: [
    { index: 0, message: { role: 'assistant', content: '\n\nThis is a test!' }, finish_reason: 'stop' },
  ],
  usage: { prompt_tokens: 13, completion_tokens: 7, total_tokens: 20 },
})

const EMBEDDINGS = json(200, {
  object: 'list',
  data: [{ object: 'embedding', embedding: [0.1, 0.2, 0.3], index: 0 }],
  model: 'text-embedding-ada-002',
  usage: { prompt_tokens: 8, total_tokens: 8 },
})

const CHAT_ANSWERS: ReadonlyMap<string, Answer> = new Map([
  ['E429', json(429, { error: { message: 'Rate limit reached', type: 'requests' } })],
  ['E401', json(401, { error: { message: 'Incorrect API key provided: mykey.', type: 'invalid_request' } })],
  ['E500', json(500, { oops: 'no error key' })],
  ['EERRSTR', json(400, { error: 'plain string' })],
  ['ETEXT', { status: 200, type: 'text/plain', body: 'just text' }],
  ['EHTML', { status: 502, type: 'text/html', body: '<html>bad gateway</html>' }],
  [
    'EFILTER',
    json(200, {
      id: 'x',
      object: 'chat.completion',
      created: 1,
      model: 'gpt-4',
      choices: [{ index: 0, message: { role: 'assistant', content: 'x' }, finish_reason: 'content_filter' }],
      usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
    }),
  ],
])

const MESSAGE = {
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'claude-instant-1',
  content: [{ type: 'text', text: 'This is Claude.' }],
  stop_reason: 'end_turn',
  usage: { input_tokens: 5, output_tokens: 4 },
}

/** Anthropic refuses fields that it does not know. */
const MESSAGES_FIELDS: ReadonlySet<string> = new Set([
  'model',
  'messages',
  'max_tokens',
  'temperature',
  'top_p',
  'stop_sequences',
  'stream',
])

function answerMessages(response: ServerResponse, body: JsonObject): void {
  const unknown = Object.keys(body).find((name) => !MESSAGES_FIELDS.has(name))
  if (unknown !== undefined) {
    const error = { type: 'invalid_request_error', message: `${unknown}: Extra inputs are not permitted` }
    send(response, json(400, { type: 'error', error }))
    return
  }
  if (body['stream'] === true)
    send(response, { status: 200, type: 'text/event-stream', body: messageStream() })
  else send(response, json(200, MESSAGE))
}

function messageStream(): string {
  const [part] = MESSAGE.content
  const events = [
    { type: 'message_start', message: { ...MESSAGE, content: [], stop_reason: null } },
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
    { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: part?.text } },
    { type: 'content_block_stop', index: 0 },
    { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 4 } },
    { type: 'message_stop' },
  ]
  return events.map((event) => `event: ${event.type}\n${writeFrame(JSON.stringify(event))}`).join('')
}
