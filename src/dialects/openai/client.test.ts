import { describe, expect, test } from 'vitest'
import type {
  ChatClientRequest,
  ClientRequest,
  EmbeddingsClientRequest,
  Endpoint,
} from '../../core/dialect.ts'
import { GatewayError } from '../../core/error.ts'
import type { RouteInfo, RouteType } from '../../core/route.ts'
import { openAi } from './client.ts'

const HEAD = { headers: {}, search: new URLSearchParams() }
const SETTINGS = { invocationsShape: 'mlflow', bodyLimit: 1e6 } as const

function route(type: RouteType): RouteInfo {
  return { name: 'r', type, model: { name: 'm', provider: 'mock' } }
}

function endpoint(path: string): Endpoint {
  const found = openAi.endpoints.find((known) => known.path === path)
  if (!found) throw new Error(`no ${path}`)
  return found
}

function readAt(path: string, type: RouteType, body: string): ClientRequest {
  return endpoint(path).read(Buffer.from(body), { route: route(type), head: HEAD, settings: SETTINGS })
}

function read(body: string): ChatClientRequest {
  return readChatAt('/v1/chat/completions', 'llm/v1/chat', body)
}

function readCompletion(body: string): ChatClientRequest {
  return readChatAt('/v1/completions', 'llm/v1/completions', body)
}

function readChatAt(path: string, type: RouteType, body: string): ChatClientRequest {
  const request = readAt(path, type, body)
  if (request.operation !== 'chat') throw new Error(`${path} is for ${request.operation}`)
  return request
}

function readEmbeddings(body: string): EmbeddingsClientRequest {
  const request = readAt('/v1/embeddings', 'llm/v1/embeddings', body)
  if (request.operation !== 'embeddings') throw new Error(`it is for ${request.operation}`)
  return request
}

function failure(run: () => unknown): GatewayError {
  try {
    run()
  } catch (error) {
    if (error instanceof GatewayError) return error
  }
  throw new Error('it did not fail')
}

describe('a chat', () => {
  test('passes its bytes on with the target model, numbers and blanks included', () => {
    const body =
      '{ "seed": 9007199254740993, "messages": [ {"role":"user","content":"\\u00e9"} ], "model": "r" }'
    const passed = read(body).passThrough('openai-chat', { model: 'gpt-4o' })
    expect(String(passed)).toBe(body.replace('"r" }', '"gpt-4o" }'))
  })

  test('leaves the model out where the URL has it', () => {
    const passed = read('{"model":"r","messages":[]}').passThrough('openai-chat', {
      model: 'm',
      omitsModel: true,
    })
    expect(String(passed)).toBe('{"messages":[]}')
  })

  test('does not pass to a provider of another format', () => {
    const request = read('{"model":"r","messages":[]}')
    expect(request.passThrough('anthropic-messages', { model: 'm' })).toBeUndefined()
  })

  test('is read into the canonical form when it must be translated', () => {
    const body = {
      model: 'r',
      messages: [
        { role: 'system', content: 'Be brief.' },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'Hi' },
            { type: 'image_url', image_url: { url: 'https://x/y.png' } },
          ],
        },
      ],
      max_completion_tokens: 7,
      stop: 'END',
      n: 2,
      tools: [{ type: 'function', function: { name: 'f', parameters: { type: 'object' } } }],
      tool_choice: 'required',
      response_format: { type: 'json_object' },
    }
    expect(read(JSON.stringify(body)).chat()).toEqual({
      messages: [
        { role: 'system', parts: [{ type: 'text', text: 'Be brief.' }], extras: {} },
        {
          role: 'user',
          parts: [
            { type: 'text', text: 'Hi' },
            { type: 'image', source: { kind: 'url', url: 'https://x/y.png' } },
          ],
          extras: {},
        },
      ],
      stream: false,
      maxTokens: 7,
      stop: ['END'],
      candidates: 2,
      tools: [{ type: 'function', name: 'f', parameters: { type: 'object' } }],
      toolChoice: { type: 'required' },
      responseFormat: { type: 'json' },
      extras: {},
      extrasDialect: 'openai',
    })
  })

  test.each([
    ['{"model":"r","messages":[],"stream":true}', true, false],
    ['{"model":"r","messages":[],"stream":true,"stream_options":{"include_usage":true}}', true, true],
    ['{"model":"r","messages":[{"role":"user","content":"\\"stream\\":true"}]}', false, false],
  ])('knows how it is to be answered: %s', (body, stream, showsUsage) => {
    const request = read(body)
    expect(request.stream).toBe(stream)
    // Without a filter a stream shows the usage that the gateway asks for.
    expect(request.filter === undefined).toBe(showsUsage || !stream)
  })

  test.each([
    ['{"model":"r"}', "Missing required parameter: 'messages'.", 'messages'],
    ['{"model":"r","messages":"hi"}', "'messages' must be a list of messages.", 'messages'],
    ['{"model":"r","messages":[1]}', "'messages[0]' must be an object with a role.", 'messages[0]'],
  ])('says what is wrong with %s', (body, message, param) => {
    expect(failure(() => read(body).chat())).toMatchObject({ status: 400, message, detail: { param } })
  })
})

describe('the route', () => {
  const { address } = endpoint('/v1/embeddings')

  test('is the model that the body names', () => {
    expect(address?.routeOf(Buffer.from('{"input":"a","model":"r.1"}'), HEAD)).toBe('r.1')
  })

  test.each([
    ['{"input":"a"}'],
    ['{"model":5}'],
    ['{"model":""}'],
    ['{"model":"a","model":"b"}'],
    ['["model"]'],
    ['{'],
    [''],
  ])('cannot be found in %s', (body) => {
    expect(failure(() => address?.routeOf(Buffer.from(body), HEAD))).toMatchObject({
      status: 400,
      kind: 'bad_request',
    })
  })

  test('that is unknown is a model that does not exist', () => {
    const error = address?.unknownRoute('nobody')
    expect(error && openAi.writeError(error)).toEqual({
      status: 404,
      body: {
        error: {
          message: "The model 'nobody' does not exist: no route of this gateway has that name.",
          type: 'invalid_request_error',
          param: 'model',
          code: 'model_not_found',
        },
      },
    })
  })

  test('of another type is refused', () => {
    const error = failure(() => readAt('/v1/chat/completions', 'llm/v1/embeddings', '{}'))
    expect(error).toMatchObject({ status: 400, detail: { param: 'model' } })
  })
})

describe('completions', () => {
  test.each(['"Once"', '["Once"]'])('take the prompt %s', (prompt) => {
    const { messages } = readCompletion(`{"model":"r","prompt":${prompt}}`).chat()
    expect(messages).toEqual([{ role: 'user', parts: [{ type: 'text', text: 'Once' }], extras: {} }])
  })

  test.each(['["a","b"]', '[1,2]', '5', 'null'])('refuse the prompt %s', (prompt) => {
    expect(failure(() => readCompletion(`{"model":"r","prompt":${prompt}}`).chat())).toMatchObject({
      status: 400,
    })
  })

  test('stream texts, not deltas, and end with [DONE]', () => {
    const request = readCompletion('{"model":"r","prompt":"a","stream":true}')
    const written = request
      .writer()
      .stream([
        { type: 'reply-start', id: 'i', model: 'm', createdAt: 1 },
        { type: 'part-start', candidate: 0, part: 0, kind: 'text' },
        { type: 'part-delta', candidate: 0, part: 0, text: 'Hi' },
        { type: 'candidate-end', candidate: 0, reason: 'stop' },
        { type: 'reply-end' },
      ])
    const chunk = (text: string, reason: string | null): string =>
      `data: {"id":"i","object":"text_completion","created":1,"model":"m","choices":[{"index":0,"text":"${text}","logprobs":null,"finish_reason":${JSON.stringify(reason)}}]}\n\n`
    expect(written).toBe(`${chunk('', null)}${chunk('Hi', null)}${chunk('', 'stop')}data: [DONE]\n\n`)
  })
})

describe('embeddings', () => {
  test('pass lists of tokens on to who can read them', () => {
    const request = readEmbeddings('{"model":"r","input":[1,2,3]}')
    expect(String(request.passThrough('openai-embeddings', { model: 'm' }))).toBe(
      '{"model":"m","input":[1,2,3]}',
    )
    expect(failure(() => request.embeddings())).toMatchObject({ status: 400, detail: { param: 'input' } })
  })

  test('keep one text apart from a list of one', () => {
    expect(readEmbeddings('{"model":"r","input":"a"}').embeddings().input).toBe('a')
    expect(readEmbeddings('{"model":"r","input":["a"]}').embeddings().input).toEqual(['a'])
  })
})

test('an error in a stream has the shape that OpenAI gives it', () => {
  const error = new GatewayError('Cut.', { kind: 'truncated', status: 502 })
  expect(read('{"model":"r","messages":[]}').writeStreamError(error)).toBe(
    'data: {"error":{"message":"Cut.","type":"server_error","param":null,"code":"stream_incomplete"}}\n\n',
  )
})
