import { describe, expect, test } from 'vitest'
import type { JsonObject, JsonValue } from '../../core/json.ts'
import type { ChatRequest, Message, Part, ToolCallPart } from '../../core/request.ts'
import { createOpenAiChat, openAiCompletions } from './index.ts'
import { readChat, readCompletion } from './read-chat.ts'
import { writeChat } from './write-request.ts'
import type { OpenAiChatOptions } from './writing.ts'

function read(body: JsonObject): ChatRequest {
  return readChat(Buffer.from(JSON.stringify({ model: 'r', messages: [], ...body }))).chat()
}

function write(
  changes: Partial<ChatRequest>,
  { model = 'm', ...options }: { model?: string } & OpenAiChatOptions = {},
): { body: JsonObject; dropped: string[] } {
  const request = { messages: [], stream: false, extras: {}, ...changes }
  const { body, dropped } = writeChat(request, { model }, options)
  return { body: JSON.parse(body), dropped }
}

function again(body: JsonObject, options: { model?: string } & OpenAiChatOptions = {}): JsonObject {
  const { model: _model, ...written } = write(read(body), options).body
  return written
}

const message = (role: string, ...parts: Part[]): Message => ({ role, parts, extras: {} })
const tool: JsonObject = { type: 'function', function: { name: 'f', parameters: {} } }

test.each<[string, JsonObject]>([
  ['options', { seed: 7, top_p: 0.5, logit_bias: { '1': -1 }, logprobs: true, top_logprobs: 2, user: 'u' }],
  ['penalties', { presence_penalty: 1, frequency_penalty: -1, n: 2, stop: ['a'], temperature: 0.5 }],
  [
    'a format',
    { response_format: { type: 'json_schema', json_schema: { name: 'x', schema: {}, strict: true } } },
  ],
  ['effort', { reasoning_effort: 'minimal' }],
  ['what only OpenAI knows', { verbosity: 'low', store: true, prompt_cache_key: 'k', prediction: { a: 1 } }],
  [
    'what cannot be read',
    { temperature: 'hot', n: 'many', logit_bias: [1], stop: [5], reasoning_effort: 'x' },
  ],
  ['its own tools', { tools: [tool, { type: 'web_search', x: 1 }], parallel_tool_calls: true }],
  [
    'custom tools',
    {
      tools: [
        {
          type: 'custom',
          custom: {
            name: 'py',
            description: 'runs',
            format: { type: 'grammar', grammar: { syntax: 'lark', definition: 'start: "a"' } },
          },
        },
      ],
      tool_choice: { type: 'custom', custom: { name: 'py' } },
    },
  ],
  [
    'a choice of some tools',
    {
      tools: [tool],
      tool_choice: {
        type: 'allowed_tools',
        allowed_tools: { mode: 'auto', tools: [{ type: 'function', function: { name: 'f' } }] },
      },
    },
  ],
])('%s are written as they were read', (_what, body) => {
  expect(again(body)).toEqual({ messages: [], ...body })
})

test.each<[string, JsonValue]>([
  ['a user who is named', { role: 'user', name: 'bob', content: 'hi' }],
  [
    'media',
    {
      role: 'user',
      content: [
        { type: 'input_audio', input_audio: { data: 'AAAA', format: 'mp3' } },
        { type: 'file', file: { filename: 'a.pdf', file_data: 'data:application/pdf;base64,AAAA' } },
        { type: 'file', file: { file_id: 'file-1' } },
        { type: 'video_url', video_url: { url: 'https://x/y' } },
      ],
    },
  ],
  ['a refusal', { role: 'assistant', content: [{ type: 'refusal', refusal: 'No.' }] }],
  ['an answer that was spoken', { role: 'assistant', content: '', audio: { id: 'audio_1' } }],
  ['a result by its name', { role: 'tool', content: '4', tool_call_id: 'c', name: 'f' }],
  [
    'details of thinking',
    {
      role: 'assistant',
      content: 'Hi',
      reasoning_details: [
        { type: 'reasoning.text', format: 'anthropic-claude-v1', text: 'Hm.', signature: 's', index: 0 },
        { type: 'reasoning.encrypted', format: 'x', data: 'sealed', id: 'rs_1', index: 1 },
      ],
    },
  ],
])('a message with %s is written as it was read', (_what, given) => {
  expect(again({ messages: [given] })).toEqual({ messages: [given] })
})

test('null is an option that is not given', () => {
  expect(read({ temperature: null, tools: null, seed: null, store: null }).extras).toEqual({})
})

test('the newer bound on tokens counts', () => {
  expect(read({ max_tokens: 5, max_completion_tokens: 7 }).maxTokens).toBe(7)
})

describe('calls of before there were tools', () => {
  const legacy = {
    messages: [
      { role: 'user', content: 'hi' },
      { role: 'assistant', content: null, function_call: { name: 'f', arguments: '{"a":1}' } },
      { role: 'function', name: 'f', content: '4' },
    ],
    functions: [{ name: 'f', parameters: {} }],
    function_call: { name: 'f' },
  }

  test('are calls of tools, which their results belong to', () => {
    const { messages, tools, toolChoice } = read(legacy)
    expect(tools).toEqual([{ type: 'function', name: 'f', parameters: {} }])
    expect(toolChoice).toEqual({ type: 'tool', name: 'f' })
    const [, call, result] = messages.map(({ parts: [part] }) => part)
    expect(call).toEqual({ type: 'tool-call', id: 'f', name: 'f', arguments: '{"a":1}' })
    expect(result).toMatchObject({ type: 'tool-result', callId: 'f' })
  })

  test('are answered in kind', () => {
    const writer = readChat(Buffer.from(JSON.stringify({ model: 'r', ...legacy }))).writer()
    const answer = writer.whole([
      { type: 'part-start', candidate: 0, part: 0, kind: 'tool-call', id: 'c', name: 'f' },
      { type: 'part-delta', candidate: 0, part: 0, text: '{}' },
      { type: 'candidate-end', candidate: 0, reason: 'tool_calls' },
    ])
    expect(JSON.parse(answer).choices[0]).toMatchObject({
      message: { content: null, function_call: { name: 'f', arguments: '{}' } },
      finish_reason: 'function_call',
    })
  })
})

test('calls of custom tools are answered as such, whole and streamed', () => {
  const body = { model: 'r', messages: [], tools: [{ type: 'custom', custom: { name: 'py' } }] }
  const request = readChat(Buffer.from(JSON.stringify(body)))
  const events = [
    { type: 'part-start', candidate: 0, part: 0, kind: 'tool-call', id: 'c', name: 'py' },
    { type: 'part-delta', candidate: 0, part: 0, text: '{"input":' },
    { type: 'part-delta', candidate: 0, part: 0, text: '"1+1"}' },
    { type: 'part-end', candidate: 0, part: 0 },
  ] as const
  const call = { id: 'c', type: 'custom', custom: { name: 'py', input: '1+1' } }
  expect(JSON.parse(request.writer().whole(events)).choices[0].message.tool_calls).toEqual([call])
  const stream = request.writer().stream(events)
  expect(stream).toContain(
    '"tool_calls":[{"index":0,"id":"c","type":"custom","custom":{"name":"py","input":""}}]',
  )
  expect(stream).toContain('"tool_calls":[{"index":0,"custom":{"input":"1+1"}}]')
})

describe('marks of caching', () => {
  const marked = {
    messages: [
      {
        role: 'user',
        content: [{ type: 'text', text: 'long', cache_control: { type: 'ephemeral', ttl: '1h' } }],
      },
    ],
    tools: [{ ...tool, cache_control: { type: 'ephemeral' } }],
  }

  test('are read, and written to those who take them', () => {
    expect(again(marked, { takesCacheMarks: true })).toEqual(marked)
  })

  test('are named when they are left out', () => {
    const { body, dropped } = write(read(marked))
    expect(dropped).toEqual(['cache'])
    expect(JSON.stringify(body)).not.toContain('cache_control')
  })
})

describe('thinking in the history', () => {
  const thought = message('assistant', { type: 'thinking', text: 'Hm.' }, { type: 'text', text: 'Hi' })

  test('that nobody signed goes to those who have a member for it', () => {
    const { body, dropped } = write({ messages: [thought] }, { thinkingName: 'reasoning_content' })
    expect(body['messages']).toEqual([{ role: 'assistant', content: 'Hi', reasoning_content: 'Hm.' }])
    expect(dropped).toEqual([])
    expect(write({ messages: [thought] }).dropped).toEqual(['messages.thinking'])
  })

  test.each(['reasoning_content', 'reasoning'])('is read from %s', (name) => {
    const messages = [{ role: 'assistant', content: 'Hi', [name]: 'Hm.' }]
    expect(read({ messages }).messages).toEqual([thought])
  })

  test("of another dialect's models never goes to a provider", () => {
    const state = { dialect: 'anthropic', data: 'secret-state' }
    const parts: Part[] = [
      { type: 'thinking', text: 'Hm.', state },
      { type: 'redacted-thinking', state },
    ]
    const { body, dropped } = write(
      { messages: [message('assistant', ...parts)] },
      { thinkingName: 'reasoning' },
    )
    expect(JSON.stringify(body)).not.toContain('secret-state')
    expect(dropped).toEqual(['messages.thinking'])
  })

  test('may be signed apart from its text, as streams tell it', () => {
    const messages = [
      {
        role: 'assistant',
        content: 'Hi',
        reasoning_content: 'Hm.',
        reasoning_details: [{ type: 'reasoning.text', signature: 'gw1.own.anthropic.sig', index: 0 }],
      },
    ]
    expect(read({ messages }).messages[0]?.parts[0]).toEqual({
      type: 'thinking',
      text: 'Hm.',
      state: { dialect: 'anthropic', data: 'sig' },
    })
  })

  test('that is tagged keeps the bytes from passing through', () => {
    const body = Buffer.from('{"model":"r","messages":[{"role":"user","content":"gw1.own.anthropic.sig"}]}')
    expect(readChat(body).passThrough('openai-chat', { model: 'm' })).toBeUndefined()
  })
})

test("Gemini's signatures go to Google only", () => {
  const call: ToolCallPart = {
    type: 'tool-call',
    id: 'c',
    name: 'f',
    arguments: '{}',
    state: { dialect: 'gemini', data: 'sig' },
  }
  const messages = [message('assistant', call)]
  const own = { extra_content: { google: { thought_signature: 'sig' } } }
  expect(write({ messages }, { takesThoughtSignatures: true }).body['messages']).toMatchObject([
    { tool_calls: [own] },
  ])
  expect(write({ messages }).dropped).toEqual(['messages.signature'])
})

test('pictures in results follow behind the last result of the turn', () => {
  const image: Part = { type: 'image', source: { kind: 'url', url: 'https://x/y.png' } }
  const result = (callId: string, ...parts: Part[]): Part => ({ type: 'tool-result', callId, parts })
  const { body, dropped } = write({
    messages: [
      message('tool', result('a', image, { type: 'text', text: 'one' })),
      message('tool', result('b', { type: 'text', text: 'two' })),
      message('user', { type: 'text', text: 'And?' }),
    ],
  })
  expect(body['messages']).toEqual([
    { role: 'tool', content: 'one', tool_call_id: 'a' },
    { role: 'tool', content: 'two', tool_call_id: 'b' },
    { role: 'user', content: [{ type: 'image_url', image_url: { url: 'https://x/y.png' } }] },
    { role: 'user', content: 'And?' },
  ])
  expect(dropped).toEqual(['messages.toolResult.parts'])
})

test('results and words of one turn are apart, the results first', () => {
  const result: Part = { type: 'tool-result', callId: 'a', parts: [], isError: true }
  const { body, dropped } = write({ messages: [message('user', { type: 'text', text: 'So?' }, result)] })
  expect(body['messages']).toEqual([
    { role: 'tool', content: '', tool_call_id: 'a' },
    { role: 'user', content: 'So?' },
  ])
  expect(dropped).toEqual(['messages.isError'])
})

describe('what is of another dialect', () => {
  test('is left out and named', () => {
    const { dropped } = write({
      messages: [
        {
          role: 'user',
          parts: [{ type: 'opaque', dialect: 'anthropic', value: { type: 'x' } }],
          extras: { phase: 1 },
        },
      ],
      tools: [{ type: 'hosted', dialect: 'anthropic', value: { type: 'web_search_20250305' } }],
      extras: { metadata: {}, container: 'c' },
      extrasDialect: 'anthropic',
      topK: 5,
    })
    expect(dropped.toSorted()).toEqual([
      'container',
      'messages.opaque',
      'messages.phase',
      'metadata',
      'tools.hosted',
      'topK',
    ])
  })

  test('is taken where the Responses API means the same', () => {
    const { body } = write({ extras: { service_tier: 'flex' }, extrasDialect: 'openai-responses' })
    expect(body).toMatchObject({ service_tier: 'flex' })
  })

  test.each<[string, Part]>([
    ['a file by its URL', { type: 'file', source: { kind: 'url', url: 'https://x/y.pdf' } }],
    ["another provider's file", { type: 'file', source: { kind: 'file-id', id: 'f', dialect: 'anthropic' } }],
    [
      "another provider's image",
      { type: 'image', source: { kind: 'file-id', id: 'f', dialect: 'anthropic' } },
    ],
    ['sound by its URL', { type: 'audio', source: { kind: 'url', url: 'https://x/y.mp3' } }],
  ])('and cannot be left out is refused: %s', (_what, part) => {
    expect(() => write({ messages: [message('user', part)] })).toThrow(
      expect.objectContaining({ status: 422, parameter: 'messages' }),
    )
  })
})

describe("OpenAI's models that think", () => {
  test('get no sampling but that which changes nothing, and no stop', () => {
    const sampling = { temperature: 0.5, topP: 0.5, presencePenalty: 0, logitBias: {}, stop: ['a'] }
    const { body, dropped } = write({ ...sampling, maxTokens: 5 }, { model: 'o3' })
    expect(body).toEqual({ model: 'o3', messages: [], presence_penalty: 0, max_completion_tokens: 5 })
    expect(dropped.toSorted()).toEqual(['logitBias', 'stop', 'temperature', 'topP'])
  })

  test('get it since GPT-5.1 while they do not think', () => {
    expect(write({ temperature: 0.5 }, { model: 'gpt-5.1' }).body).toMatchObject({ temperature: 0.5 })
    const thinking = write({ temperature: 0.5, reasoning: { effort: 'low' } }, { model: 'gpt-5.1' })
    expect(thinking.dropped).toEqual(['temperature'])
  })

  test.each([
    ['o3', 'none', 'low'],
    ['o4-mini', 'max', 'high'],
    ['gpt-5', 'none', 'minimal'],
    ['gpt-5.1', 'none', 'none'],
    ['gpt-5.1', 'minimal', 'low'],
    ['gpt-5.4', 'max', 'xhigh'],
    ['deepseek-chat', 'max', 'xhigh'],
    ['gpt-4o', 'high', undefined],
  ] as const)('%s asked for the effort %s gets %s', (model, effort, expected) => {
    const { body, dropped } = write({ reasoning: { effort } }, { model })
    expect(body['reasoning_effort']).toBe(expected)
    expect(dropped).toEqual(expected === effort ? [] : [expected ? 'reasoning.effort' : 'reasoning'])
  })

  test('that do not think are not told to stop it', () => {
    expect(write({ reasoning: { effort: 'none' } }, { model: 'gpt-4o' })).toMatchObject({ dropped: [] })
  })
})

test('OpenRouter’s way to ask for thinking is read', () => {
  expect(read({ reasoning: { max_tokens: 2000, exclude: true } }).reasoning).toEqual({
    budgetTokens: 2000,
    shows: 'nothing',
  })
  expect(read({ reasoning: { enabled: true } }).reasoning).toEqual({ isAdaptive: true })
  expect(read({ reasoning: { enabled: false } }).reasoning).toEqual({ effort: 'none' })
})

test('a variant takes what OpenAI does not', () => {
  const request = { messages: [], stream: false, topK: 5, extras: {} }
  const written = createOpenAiChat({ takesTopK: true }).write(request, { model: 'm' })
  expect(written).toEqual({ body: '{"model":"m","top_k":5,"messages":[]}', dropped: [] })
})

describe('a completion', () => {
  const target = { model: 'm' }

  test('is asked for with what it has a place for', () => {
    const body = {
      model: 'r',
      prompt: 'Once',
      max_tokens: 5,
      logprobs: 2,
      suffix: 'end',
      stream: true,
      best_of: 2,
    }
    const request = readCompletion(Buffer.from(JSON.stringify(body)))
    expect(String(request.passThrough('openai-completions', target))).toBe(
      JSON.stringify({ ...body, model: 'm' }),
    )
    const written = openAiCompletions.write({ ...request.chat(), topK: 1 }, target)
    expect(JSON.parse(written.body)).toEqual({ ...body, model: 'm' })
    expect(written.dropped).toEqual(['topK'])
  })

  test('is of one text', () => {
    const messages = [
      message('system', { type: 'text', text: 'a' }),
      message('user', { type: 'text', text: 'b' }),
    ]
    expect(() => openAiCompletions.write({ messages, stream: false, extras: {} }, target)).toThrow(
      expect.objectContaining({ status: 422 }),
    )
  })

  test('is read as a text, with its probabilities', () => {
    const logprobs = { tokens: ['Hi'], token_logprobs: [-1], top_logprobs: [{ Yo: -2 }], text_offset: [0] }
    const body = { choices: [{ index: 0, text: 'Hi', logprobs, finish_reason: 'stop' }] }
    const events = openAiCompletions.reader(target).whole(JSON.stringify(body))
    expect(events).toContainEqual({
      type: 'logprobs',
      candidate: 0,
      tokens: [{ token: 'Hi', logprob: -1, alternatives: [{ token: 'Yo', logprob: -2 }] }],
    })
    const request = readCompletion(Buffer.from('{"model":"r","prompt":"a"}'))
    expect(JSON.parse(request.writer().whole(events)).choices).toEqual([
      { index: 0, text: 'Hi', logprobs, finish_reason: 'stop' },
    ])
  })
})
