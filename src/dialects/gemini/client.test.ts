import { describe, expect, test } from 'vitest'
import type { ClientRequest } from '../../core/dialect.ts'
import { GatewayError } from '../../core/error.ts'
import type { ReplyEvent } from '../../core/events.ts'
import type { RouteInfo, RouteType } from '../../core/route.ts'
import { gemini } from './client.ts'

interface Asked {
  search?: string
  type?: RouteType
}

function read(
  method: string,
  body: string,
  { search = '', type = 'llm/v1/chat' }: Asked = {},
): ClientRequest {
  const endpoint = gemini.endpoints.find(({ path }) => path === `/v1beta/models/:route::${method}`)
  if (!endpoint) throw new Error(`no such method: ${method}`)
  return endpoint.read(Buffer.from(body), {
    route: { name: 'a-route', type, model: { name: 'm', provider: 'p' } },
    head: { headers: {}, search: new URLSearchParams(search) },
    settings: { invocationsShape: 'openai', bodyLimit: 1000 },
  })
}

function readChat(
  method: string,
  body: string,
  asked?: Asked,
): Extract<ClientRequest, { operation: 'chat' }> {
  const request = read(method, body, asked)
  if (request.operation !== 'chat') throw new Error(`${method} is no chat`)
  return request
}

const TARGET = { model: 'gemini-2.5-flash', omitsModel: true }
const BODY = '{ "contents" : [{"parts":[{"text":"Hello."}]}], "x": 9007199254740993 }'

const EVENTS: ReplyEvent[] = [
  { type: 'reply-start', id: 'r', model: 'm' },
  { type: 'part-start', candidate: 0, part: 0, kind: 'text' },
  { type: 'part-delta', candidate: 0, part: 0, text: 'Hel' },
  { type: 'part-delta', candidate: 0, part: 0, text: 'lo' },
  { type: 'part-end', candidate: 0, part: 0 },
  { type: 'candidate-end', candidate: 0, reason: 'stop' },
  { type: 'usage', usage: { inputTokens: 1, outputTokens: 2 } },
  { type: 'reply-end' },
]

describe('a chat', () => {
  test('passes through as it came, without a model in its body', () => {
    const request = readChat('generateContent', BODY)
    expect(request.stream).toBe(false)
    expect(request.passThrough('gemini-generate', TARGET)?.toString()).toBe(BODY)
    expect(request.passThrough('openai-chat', TARGET)).toBeUndefined()
    const named = readChat('generateContent', '{"model":"models/a-route","contents":[]}')
    expect(named.passThrough('gemini-generate', TARGET)?.toString()).toBe('{"contents":[]}')
  })

  test('with state of other models does not pass through', () => {
    const thoughtSignature = Buffer.from('gw1.own.anthropic.c2ln').toString('base64')
    const parts = [{ text: '', thought: true, thoughtSignature }]
    const request = readChat('generateContent', JSON.stringify({ contents: [{ role: 'model', parts }] }))
    expect(request.passThrough('gemini-generate', TARGET)).toBeUndefined()
  })

  test('without contents, or on a route of another type, is refused', () => {
    expect(() => read('generateContent', '{}')).toThrow("Missing required parameter: 'contents'.")
    expect(() => read('generateContent', BODY, { type: 'llm/v1/embeddings' })).toThrow(
      "The route 'a-route' is of type llm/v1/embeddings",
    )
  })

  test("names canonical fields in Gemini's words", () => {
    const request = read('generateContent', BODY)
    expect(
      ['maxTokens', 'reasoning.effort', 'messages.thinking', 'tools.strict'].map((name) =>
        request.parameterName(name),
      ),
    ).toEqual([
      'generationConfig.maxOutputTokens',
      'generationConfig.thinkingConfig',
      'contents.thinking',
      'tools.strict',
    ])
  })
})

describe('a stream', () => {
  test('is of events with alt=sse', () => {
    const request = readChat('streamGenerateContent', BODY, { search: 'alt=sse' })
    expect(request.streamType).toBeUndefined()
    expect('filter' in request).toBe(false)
    const frames = request.writer().stream(EVENTS).trimEnd().split('\n\n')
    expect(frames.map((frame) => JSON.parse(frame.slice('data: '.length)))).toEqual([
      piece({ text: 'Hel' }),
      piece({ text: 'lo' }),
      {
        candidates: [{ content: { role: 'model' }, finishReason: 'STOP', index: 0 }],
        usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 2, totalTokenCount: 3 },
        modelVersion: 'm',
        responseId: 'r',
      },
    ])
  })

  test('is one JSON array without, whatever runs its events come in', () => {
    const request = readChat('streamGenerateContent', BODY)
    expect(request.streamType).toBe('application/json; charset=utf-8')
    const writer = request.writer()
    const text = EVENTS.map((event) => writer.stream([event])).join('')
    expect(JSON.parse(text)).toHaveLength(3)
  })

  test('that passes through becomes an array of the same items', () => {
    const filter = readChat('streamGenerateContent', BODY).filter?.()
    const text =
      String(filter?.events(Buffer.from('data: {"a":1}\r\n\r\n'))) +
      String(filter?.events(Buffer.from('data: {"b":\ndata: 2}\n\ndata: {"c":3}\n\n'))) +
      String(filter?.end?.())
    expect(text).toBe('[{"a":1},\n{"b":\n2},\n{"c":3}]')
    expect(readChat('streamGenerateContent', BODY).filter?.().end?.()).toBe('[]')
  })

  test('that fails ends with the error, and as an array is closed', () => {
    const error = new GatewayError('Broken.', { kind: 'server_error', status: 500 })
    const failure = { error: { code: 500, message: 'Broken.', status: 'INTERNAL' } }
    const events = readChat('streamGenerateContent', BODY, { search: 'alt=sse' })
    expect(events.writeStreamError(error)).toBe(`data: ${JSON.stringify(failure)}\n\n`)
    const array = readChat('streamGenerateContent', BODY)
    const text = array.writer().stream(EVENTS.slice(0, 3)) + array.writeStreamError(error)
    expect(JSON.parse(text)).toEqual([piece({ text: 'Hel' }), failure])
  })

  test('shows a call whose arguments were cut off as malformed', () => {
    const request = readChat('streamGenerateContent', BODY)
    const call = { type: 'part-start', candidate: 0, part: 0, kind: 'tool-call', id: 'a', name: 'f' } as const
    const text = request
      .writer()
      .stream([
        call,
        { type: 'part-delta', candidate: 0, part: 0, text: '{"a":' },
        { type: 'part-end', candidate: 0, part: 0 },
        { type: 'candidate-end', candidate: 0, reason: 'tool_calls' },
        { type: 'reply-end' },
      ])
    expect(text).not.toContain('functionCall')
    expect(JSON.parse(text)).toMatchObject([{ candidates: [{ finishReason: 'MALFORMED_FUNCTION_CALL' }] }])
  })

  test('has the arguments of a call as the model wrote them', () => {
    const request = readChat('streamGenerateContent', BODY)
    const text = request.writer().stream([
      { type: 'part-start', candidate: 0, part: 0, kind: 'tool-call', id: 'a', name: 'f' },
      { type: 'part-delta', candidate: 0, part: 0, text: '{"id": 9007199254740993}' },
      { type: 'part-end', candidate: 0, part: 0 },
    ])
    expect(text).toContain('"args":{"id": 9007199254740993}')
  })
})

function piece(part: object): object {
  return {
    candidates: [{ content: { parts: [part], role: 'model' }, index: 0 }],
    modelVersion: 'm',
    responseId: 'r',
  }
}

describe('embeddings', () => {
  const type = 'llm/v1/embeddings'
  const asked = { type } as const

  test('pass through under the name of the other model', () => {
    const body = { requests: [{ model: 'models/a-route', content: { parts: [{ inlineData: {} }] } }] }
    const request = read('batchEmbedContents', JSON.stringify(body), asked)
    expect(JSON.parse(String(request.passThrough('gemini-embeddings', TARGET)))).toEqual({
      requests: [{ model: 'models/gemini-2.5-flash', content: { parts: [{ inlineData: {} }] } }],
    })
  })

  test('are read and written one by one and in lists', () => {
    const one = read(
      'embedContent',
      '{"content":{"parts":[{"text":"a"}]},"task_type":"RETRIEVAL_QUERY","title":"t","output_dimensionality":3}',
      asked,
    )
    if (one.operation !== 'embeddings') throw new Error('no embeddings')
    expect(one.embeddings()).toEqual({
      input: 'a',
      dimensions: 3,
      purpose: 'search_query',
      extras: { title: 't' },
      extrasDialect: 'gemini',
    })
    // The floats 1 and -2, as base64.
    expect(JSON.parse(one.write({ vectors: ['AACAPwAAAMA='], usage: { inputTokens: 4 } }))).toEqual({
      embedding: { values: [1, -2] },
      usageMetadata: { promptTokenCount: 4 },
    })
  })

  test.each([
    ['pictures', '{"requests":[{"content":{"parts":[{"inlineData":{}}]}}]}'],
    [
      'differing requests',
      '{"requests":[{"content":{"parts":[{"text":"a"}]}},{"content":{"parts":[{"text":"b"}]},"title":"t"}]}',
    ],
    ['nothing', '{"requests":[]}'],
  ])('of %s cannot be had elsewhere', (_, body) => {
    const request = read('batchEmbedContents', body, asked)
    if (request.operation !== 'embeddings') throw new Error('no embeddings')
    expect(() => request.embeddings()).toThrow(expect.objectContaining({ status: 400 }))
  })
})

test('tokens of a whole request are counted for the other model', () => {
  const body = '{"generateContentRequest":{"model":"models/a-route","contents":[{"parts":[{"text":"a"}]}]}}'
  const request = read('countTokens', body)
  if (request.operation !== 'count-tokens') throw new Error('no count')
  expect(String(request.passThrough('gemini-count-tokens', TARGET))).toBe(
    body.replace('a-route', 'gemini-2.5-flash'),
  )
  expect(request.chat().messages).toHaveLength(1)
  expect(request.write(7)).toBe('{"totalTokens":7}')
})

test('routes are looked up as models', () => {
  const routes: RouteInfo[] = [
    { name: 'chat', type: 'llm/v1/chat', model: { name: 'm', provider: 'p' } },
    { name: 'vectors', type: 'llm/v1/embeddings', model: { name: null, provider: 'p' } },
  ]
  const catalog = { list: () => routes, find: (name: string) => routes.find((route) => route.name === name) }
  const [all, one] = gemini.lookups
  const query = { route: 'nothing', search: new URLSearchParams() }
  expect(all?.answer(catalog, query)).toMatchObject({
    models: [
      { name: 'models/chat', supportedGenerationMethods: ['generateContent', 'countTokens'] },
      { name: 'models/vectors', supportedGenerationMethods: ['embedContent', 'batchEmbedContents'] },
    ],
  })
  expect(() => one?.answer(catalog, query)).toThrow(expect.objectContaining({ status: 404 }))
})
