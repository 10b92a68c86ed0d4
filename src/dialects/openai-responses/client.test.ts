import OpenAI, { APIError } from 'openai'
import { describe, expect, test } from 'vitest'
import type { ClientRequest } from '../../core/dialect.ts'
import { GatewayError } from '../../core/error.ts'
import type { ReplyEvent } from '../../core/events.ts'
import { asObject, type JsonObject } from '../../core/json.ts'
import { openAiResponsesApi as dialect } from './client.ts'

function read(body: JsonObject, path = '/v1/responses', type: 'chat' | 'embeddings' = 'chat'): ClientRequest {
  const endpoint = dialect.endpoints.find((one) => one.path === path)
  if (!endpoint) throw new Error(`there is no ${path}`)
  return endpoint.read(Buffer.from(JSON.stringify(body)), {
    route: { name: 'a-route', type: `llm/v1/${type}`, model: { name: 'a-model', provider: 'a-provider' } },
    head: { headers: {}, search: new URLSearchParams() },
    settings: { invocationsShape: 'openai', bodyLimit: 1024 },
  })
}

function readChat(body: JsonObject): Extract<ClientRequest, { operation: 'chat' }> {
  const request = read(body)
  if (request.operation !== 'chat') throw new Error('it is no chat')
  return request
}

/** OpenAI's SDK, which gets this answer to anything. */
function sdk(body: string, { status = 200, type = 'application/json' } = {}): OpenAI {
  return new OpenAI({
    apiKey: 'none',
    maxRetries: 0,
    fetch: () => Promise.resolve(new Response(body, { status, headers: { 'content-type': type } })),
  })
}

const HELLO = { model: 'a-route', input: 'Hello.' }

const REPLY: ReplyEvent[] = [
  { type: 'reply-start', id: 'resp_1', model: 'a-model', createdAt: 1_700_000_000 },
  { type: 'part-start', candidate: 0, part: 0, kind: 'thinking' },
  { type: 'part-delta', candidate: 0, part: 0, text: 'Hm.' },
  { type: 'part-end', candidate: 0, part: 0, state: { dialect: 'anthropic', data: 'sig' } },
  { type: 'part-start', candidate: 0, part: 1, kind: 'text' },
  { type: 'part-delta', candidate: 0, part: 1, text: '{"city":' },
  { type: 'part-delta', candidate: 0, part: 1, text: '"Paris"}' },
  {
    type: 'annotation',
    candidate: 0,
    part: 1,
    annotation: { url: 'https://example.com', title: 'Paris', start: 0, end: 4 },
  },
  { type: 'part-end', candidate: 0, part: 1 },
  { type: 'part-start', candidate: 0, part: 2, kind: 'tool-call', id: 'call_1', name: 'now' },
  { type: 'part-delta', candidate: 0, part: 2, text: '{}' },
  { type: 'part-end', candidate: 0, part: 2 },
  { type: 'candidate-end', candidate: 0, reason: 'tool_calls' },
  { type: 'usage', usage: { inputTokens: 3, outputTokens: 2 } },
  { type: 'reply-end' },
]

describe("OpenAI's SDK", () => {
  test('reads a whole answer', async () => {
    const response = await sdk(readChat(HELLO).writer().whole(REPLY)).responses.create(HELLO)
    expect(response).toMatchObject({
      id: 'resp_1',
      status: 'completed',
      output_text: '{"city":"Paris"}',
      usage: { total_tokens: 5 },
    })
    expect(response.output.map(({ type }) => type)).toEqual(['reasoning', 'message', 'function_call'])
  })

  test('puts a stream together to the same answer', async () => {
    const whole = asObject(JSON.parse(readChat(HELLO).writer().whole(REPLY)))
    const text = readChat(HELLO).writer().stream(REPLY)
    const stream = sdk(text, { type: 'text/event-stream' }).responses.stream(HELLO)
    const deltas: string[] = []
    stream.on('response.output_text.delta', ({ snapshot }) => deltas.push(snapshot))
    const response = await stream.finalResponse()
    expect(response).toMatchObject(whole)
    expect(deltas).toEqual(['{"city":', '{"city":"Paris"}'])
  })

  test('raises an error that comes within a stream', async () => {
    const request = readChat({ ...HELLO, stream: true })
    const begun = request.writer().stream(REPLY.slice(0, 6))
    const broken = request.writeStreamError(new GatewayError('It broke.', { kind: 'timeout', status: 504 }))
    const stream = await sdk(begun + broken, { type: 'text/event-stream' }).responses.create({
      ...HELLO,
      stream: true,
    })
    const types: string[] = []
    const all = (async (): Promise<void> => {
      for await (const { type } of stream) types.push(type)
    })()
    await expect(all).rejects.toThrow(APIError)
    await expect(all).rejects.toThrow('It broke.')
    expect(types.at(-1)).toBe('response.output_text.delta')
  })

  test('raises its own error for a refusal', async () => {
    const { status, body } = dialect.writeError(
      new GatewayError('Slow.', { kind: 'rate_limit', status: 429 }),
    )
    const asked = sdk(JSON.stringify(body), { status }).responses.create(HELLO)
    await expect(asked).rejects.toThrow(OpenAI.RateLimitError)
  })

  test('counts tokens', async () => {
    const request = read(HELLO, '/v1/responses/input_tokens')
    if (request.operation !== 'count-tokens') throw new Error('it counts nothing')
    expect(request.chat().messages).toHaveLength(1)
    const counted = await sdk(request.write(7)).responses.inputTokens.count(HELLO)
    expect(counted).toEqual({ object: 'response.input_tokens', input_tokens: 7 })
  })
})

test('a request passes through to providers of the same API, with their model', () => {
  const target = { model: 'gpt-5.5' }
  const body = { ...HELLO, previous_response_id: 'resp_0' }
  expect(JSON.parse(String(readChat(body).passThrough('openai-responses', target)))).toEqual({
    ...body,
    model: 'gpt-5.5',
  })
  expect(readChat(body).passThrough('openai-chat', target)).toBeUndefined()
  const count = read(HELLO, '/v1/responses/input_tokens')
  expect(String(count.passThrough('openai-input-tokens', target))).toContain('gpt-5.5')
})

test('a request after an answer of a model of another dialect never passes through', () => {
  const { output } = asObject(JSON.parse(readChat(HELLO).writer().whole(REPLY)))
  const next = readChat({ model: 'a-route', input: output ?? [] })
  expect(next.passThrough('openai-responses', { model: 'gpt-5.5' })).toBeUndefined()
  const unsigned = REPLY.map((event) =>
    event.type === 'part-end' ? { type: event.type, candidate: 0, part: event.part } : event,
  )
  const again = asObject(JSON.parse(readChat(HELLO).writer().whole(unsigned)))
  const request = readChat({ model: 'a-route', input: again['output'] ?? [] })
  expect(request.passThrough('openai-responses', { model: 'gpt-5.5' })).toBeUndefined()
  expect(request.chat().messages[0]?.parts[0]).toEqual({ type: 'thinking', text: 'Hm.' })
})

test('dropped fields have the words of the API', () => {
  const request = readChat(HELLO)
  expect(['maxTokens', 'verbosity', 'service_tier'].map((name) => request.parameterName(name))).toEqual([
    'max_output_tokens',
    'text.verbosity',
    'service_tier',
  ])
})

test('a route of another type is not served', () => {
  expect(() => read(HELLO, '/v1/responses', 'embeddings')).toThrow('is of type llm/v1/embeddings')
})
