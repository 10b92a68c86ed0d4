import { afterEach, describe, expect, test, vi } from 'vitest'
import { GatewayError } from '../../core/error.ts'
import type { Provider, ProviderConfig, UpstreamReply } from '../../core/provider.ts'
import { openAiChat, openAiEmbeddings } from '../../dialects/openai/index.ts'
import { mockProvider } from './index.ts'

afterEach(() => {
  vi.useRealTimers()
})

describe('answers', () => {
  test('the same request gives the same bytes, whatever the order of its members, and another seed others', async () => {
    const mock = create()
    const first = await ask(mock, {
      model: 'm',
      messages: [{ role: 'user', content: 'Why is the sky blue?' }],
    })
    const second = await ask(create(), {
      messages: [{ content: 'Why is the sky blue?', role: 'user' }],
      model: 'm',
    })
    const other = await ask(create({ seed: 7 }), chat('Why is the sky blue?', { model: 'm' }))
    expect(second).toBe(first)
    expect(other).not.toBe(first)
    expect(JSON.parse(other).id).not.toBe(JSON.parse(first).id)
  })

  test('a whole answer has the shape of a chat.completion and counts that add up', async () => {
    const answer = JSON.parse(await ask(create(), chat('What is the capital of France?', { model: 'gpt-x' })))
    expect(answer).toEqual({
      id: expect.stringMatching(/^chatcmpl-[A-Za-z0-9]{29}$/),
      object: 'chat.completion',
      created: expect.any(Number),
      model: 'gpt-x',
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: expect.stringContaining('France'), refusal: null },
          logprobs: null,
          finish_reason: 'stop',
        },
      ],
      usage: {
        prompt_tokens: expect.any(Number),
        completion_tokens: expect.any(Number),
        total_tokens: expect.any(Number),
      },
      system_fingerprint: expect.stringMatching(/^fp_/),
    })
    expect(answer.usage.total_tokens).toBe(answer.usage.prompt_tokens + answer.usage.completion_tokens)
  })

  test('a stream says the same as a whole answer, one token a chunk, with the same id, time and usage', async () => {
    const request = chat('Tell me about the sea', { n: 2, stream_options: { include_usage: true } })
    const whole = JSON.parse(await ask(create(), request))
    const stream = await ask(create(), request, { stream: true })
    expect(stream.endsWith('data: [DONE]\n\n')).toBe(true)
    const chunks = chunksOf(stream)
    expect(chunks[0]?.choices[0]?.delta).toEqual({ role: 'assistant', content: '', refusal: null })
    expect(new Set(chunks.map(({ id, created, object }) => `${id} ${created} ${object}`))).toEqual(
      new Set([`${whole.id} ${whole.created} chat.completion.chunk`]),
    )
    for (const { index, message, finish_reason } of whole.choices) {
      const own = chunks.flatMap(({ choices }) => choices).filter((choice) => choice.index === index)
      expect(own.map(({ delta }) => delta.content ?? '').join('')).toBe(message.content)
      expect(own.at(-1)).toMatchObject({ delta: {}, finish_reason })
    }
    const pieces = chunks.flatMap(({ choices }) => choices).filter(({ delta }) => delta.content)
    expect(pieces).toHaveLength(whole.usage.completion_tokens)
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: whole.usage })
    expect(chunks.slice(0, -1).every(({ usage }) => usage === null)).toBe(true)
  })

  test('a stream reports its usage, because the gateway asks every provider for it', async () => {
    expect(await ask(create(), chat('Hi'), { stream: true })).toMatch(/"usage":\{"prompt_tokens":\d+/)
  })

  test.each([
    ['Hello!', /hello|hi|hey/i],
    ['what is 2+3?', /\b5\b/],
    ['Say exactly: The door is open', /^The door is open$/],
    ['repeat "tick" 3 times', /^tick tick tick$/],
    ['Count from 3 to 6', /3, 4, 5, 6/],
    ['Who are you?', /mock|simulated/],
    ['How do I bake sourdough bread?', /sourdough/],
    ['Write 40 words about autumn leaves', /^(?:\S+ ){39}\S+$/],
  ])('%s is answered to the point', async (prompt, pattern) => {
    expect(await say(create(), chat(prompt))).toMatch(pattern)
  })

  test('all of a hundred candidates differ, for a greeting as for a question', async () => {
    for (const prompt of ['Hello', 'What is 1+1?', 'Why do cats purr?', 'Say x']) {
      const answer = JSON.parse(await ask(create(), chat(prompt, { n: 100 })))
      expect(new Set(answer.choices.map((choice: Choice) => choice.message.content)).size).toBe(100)
    }
  })

  test('max_tokens and stop cut the same text', async () => {
    const full = await say(create(), chat('Why do cats purr?'))
    const short = JSON.parse(await ask(create(), chat('Why do cats purr?', { max_tokens: 5 })))
    expect(short.choices[0].finish_reason).toBe('length')
    expect(short.usage.completion_tokens).toBe(5)
    expect(full.startsWith(short.choices[0].message.content)).toBe(true)
    const stopped = JSON.parse(await ask(create(), chat('Why do cats purr?', { stop: ['zzz', 'purr'] })))
    expect(stopped.choices[0]).toMatchObject({
      finish_reason: 'stop',
      message: { content: full.slice(0, full.indexOf('purr')) },
    })
  })

  test('a fixed reply is given to everything', async () => {
    expect(await say(create({ reply: 'Closed on Mondays.' }), chat('Hello'))).toBe('Closed on Mondays.')
  })

  test('content in parts is read like content in one piece', async () => {
    const parts = [{ type: 'text', text: 'what is 2+3?' }]
    expect(await say(create(), { messages: [{ role: 'user', content: parts }] })).toContain('5')
  })

  test.each([
    [{}, 'messages'],
    [{ messages: [] }, 'messages'],
    [{ messages: [{ content: 'x' }] }, 'messages[0].role'],
    [chat('x', { n: 0 }), 'n'],
    [chat('x', { max_tokens: 1.5 }), 'max_tokens'],
    [chat('x', { tool_choice: 'required' }), 'tool_choice'],
    [chat('x', { response_format: { type: 'json_schema' } }), 'response_format'],
  ])('%j is refused in the error shape of OpenAI', async (body, param) => {
    const reply = await send(create(), body)
    expect(reply.status).toBe(400)
    expect(JSON.parse(await read(reply)).error).toMatchObject({
      type: 'invalid_request_error',
      param,
      code: null,
    })
  })

  test('a body that is not JSON is refused', async () => {
    const signal = new AbortController().signal
    const reply = await create().send({ format: openAiChat, stream: false, body: Buffer.from('{"a'), signal })
    expect(reply.status).toBe(400)
  })
})

describe('tools', () => {
  const weather = {
    type: 'function',
    function: {
      name: 'get_weather',
      description: 'Look up the forecast of a city',
      parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
    },
  }
  const time = { type: 'function', function: { name: 'currentTime', parameters: { type: 'object' } } }

  test.each([
    ['What is the weather in Oslo?', undefined, ['get_weather']],
    ['What is the forecast in Oslo?', 'auto', ['get_weather']],
    ['Weather and time in Oslo?', 'auto', ['get_weather', 'currentTime']],
    ['Why do cats purr?', 'auto', []],
    ['Why do cats purr?', 'required', ['get_weather']],
    ['What is the weather in Oslo?', 'none', []],
    ['Hello', { type: 'function', function: { name: 'currentTime' } }, ['currentTime']],
  ])('%s with tool_choice %j calls %j', async (prompt, choice, names) => {
    const body = chat(prompt, {
      tools: [weather, time],
      ...(choice === undefined ? {} : { tool_choice: choice }),
    })
    const { message, finish_reason } = JSON.parse(await ask(create(), body)).choices[0]
    const calls: Call[] = message.tool_calls ?? []
    expect(calls.map((call) => call.function.name)).toEqual(names)
    expect(finish_reason).toBe(names.length > 0 ? 'tool_calls' : 'stop')
    for (const call of calls) {
      expect(call.id).toMatch(/^call_[A-Za-z0-9]{24}$/)
      expect(call.type).toBe('function')
    }
  })

  test('streamed fragments of the arguments join to those of the whole answer', async () => {
    const body = chat('What is the weather in Oslo?', { tools: [weather] })
    const [whole] = JSON.parse(await ask(create(), body)).choices[0].message.tool_calls
    const deltas = chunksOf(await ask(create(), body, { stream: true })).flatMap(
      ({ choices }) => choices[0]?.delta.tool_calls ?? [],
    )
    expect(JSON.parse(whole.function.arguments)).toEqual({ city: 'Oslo' })
    expect(deltas[0]).toMatchObject({
      index: 0,
      id: whole.id,
      function: { name: 'get_weather', arguments: '' },
    })
    expect(deltas.map((call) => call.function.arguments).join('')).toBe(whole.function.arguments)
    expect(deltas.length).toBeGreaterThan(3)
  })

  test('the result of a tool is told in text, even when a call is required', async () => {
    const call = {
      id: 'call_1',
      type: 'function',
      function: { name: 'get_weather', arguments: '{"city":"Oslo"}' },
    }
    const messages = [
      { role: 'user', content: 'What is the weather in Oslo?' },
      { role: 'assistant', content: null, tool_calls: [call] },
      { role: 'tool', tool_call_id: 'call_1', content: '{"degrees":-4,"sky":"clear"}' },
    ]
    const answer = await say(create(), { messages, tools: [weather], tool_choice: 'required' })
    expect(answer).toContain('get_weather says degrees is -4 and sky is clear')
  })

  test('JSON is answered when asked for, after the schema when there is one', async () => {
    const object = await say(
      create(),
      chat('Why do cats purr?', { response_format: { type: 'json_object' } }),
    )
    expect(JSON.parse(object)).toMatchObject({ answer: expect.any(String) })
    const schema = {
      type: 'object',
      properties: { n: { type: 'integer', minimum: 3, maximum: 3 } },
      required: ['n'],
    }
    const format = { type: 'json_schema', json_schema: { name: 'x', schema } }
    expect(await say(create(), chat('Why do cats purr?', { response_format: format }))).toBe('{"n":3}')
  })
})

describe('time', () => {
  test('headers wait for the latency, and a whole answer also for its tokens', async () => {
    vi.useFakeTimers()
    const mock = create({ latency: 500, tokens_per_second: 10, reply: 'one two three' })
    const arrived: string[] = []
    void send(mock, chat('x'), { stream: true }).then(() => arrived.push('stream'))
    void send(mock, chat('x')).then(() => arrived.push('whole'))
    await vi.advanceTimersByTimeAsync(499)
    expect(arrived).toEqual([])
    await vi.advanceTimersByTimeAsync(1)
    expect(arrived).toEqual(['stream'])
    await vi.advanceTimersByTimeAsync(300)
    expect(arrived).toEqual(['stream', 'whole'])
  })

  test('a distribution of latencies has the median and the tail that were asked for', async () => {
    vi.useFakeTimers()
    const mock = create({ latency_distribution: { p50: 100, p99: 1000 } })
    let answered = 0
    for (let index = 0; index < 2000; index++)
      void send(mock, chat(`question ${index}`)).then(() => answered++)
    await vi.advanceTimersByTimeAsync(100)
    expect(answered).toBeGreaterThan(900)
    expect(answered).toBeLessThan(1100)
    await vi.advanceTimersByTimeAsync(900)
    expect(answered).toBeGreaterThan(1960)
    expect(answered).toBeLessThan(2000)
    await vi.runAllTimersAsync()
    expect(answered).toBe(2000)
  })

  test('an abort before the headers rejects with its reason and leaves no timer', async () => {
    vi.useFakeTimers()
    const abort = new AbortController()
    const sent = send(create({ latency: 5000 }), chat('x'), { signal: abort.signal })
    const reason = new GatewayError('the client left', { kind: 'canceled', status: 499 })
    abort.abort(reason)
    await expect(sent).rejects.toBe(reason)
    expect(vi.getTimerCount()).toBe(0)
  })

  test('close ends what waits and what streams, and nothing starts after it', async () => {
    vi.useFakeTimers()
    const mock = create({ latency: 5000, tokens_per_second: 1 })
    const flowing = failureOf(send(mock, chat('x'), { stream: true }).then(read))
    await vi.advanceTimersByTimeAsync(5500)
    const waiting = failureOf(send(mock, chat('y')))
    await mock.close()
    await vi.advanceTimersByTimeAsync(1)
    expect(await flowing).toMatchObject({ kind: 'draining' })
    expect(await waiting).toMatchObject({ kind: 'draining' })
    await expect(send(mock, chat('z'))).rejects.toThrow('closed')
    expect(vi.getTimerCount()).toBe(0)
  })
})

function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  )
}

interface Call {
  index: number
  id: string
  type: string
  function: { name: string; arguments: string }
}
interface Choice {
  index: number
  message: { content: string }
  delta: { role?: string; content?: string | null; tool_calls?: Call[] }
  finish_reason: string | null
}
interface Chunk {
  id: string
  created: number
  object: string
  choices: Choice[]
  usage?: object | null
}

function create(config: ProviderConfig = {}): Provider {
  return mockProvider({ chat: openAiChat, embeddings: openAiEmbeddings }).create({ model: null, config })
}

function chat(content: string, rest: object = {}): object {
  return { messages: [{ role: 'user', content }], ...rest }
}

interface Way {
  stream?: boolean
  signal?: AbortSignal
}

function send(mock: Provider, body: object, { stream = false, signal }: Way = {}): Promise<UpstreamReply> {
  return mock.send({
    format: openAiChat,
    stream,
    body: JSON.stringify({ ...body, stream }),
    signal: signal ?? new AbortController().signal,
  })
}

async function ask(mock: Provider, body: object, way: Way = {}): Promise<string> {
  const reply = await send(mock, body, way)
  expect(reply.status).toBe(200)
  expect(reply.contentType).toBe(way.stream ? 'text/event-stream' : 'application/json')
  return read(reply)
}

async function say(mock: Provider, body: object): Promise<string> {
  return JSON.parse(await ask(mock, body)).choices[0].message.content
}

function read({ body }: UpstreamReply): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    body.flow({ data: (chunk) => void (text += chunk.toString()), end: () => resolve(text), error: reject })
  })
}

function chunksOf(stream: string): Chunk[] {
  return stream
    .split('\n\n')
    .filter((line) => line.startsWith('data: {'))
    .map((line) => JSON.parse(line.slice(6)))
}
