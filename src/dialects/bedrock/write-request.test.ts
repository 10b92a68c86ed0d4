import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../../core/json.ts'
import type { ChatRequest, Message, Part } from '../../core/request.ts'
import { writeConverse } from './write-request.ts'

const CLAUDE = 'us.anthropic.claude-sonnet-4-5-20250929-v1:0'
const NOVA_2 = 'us.amazon.nova-2-lite-v1:0'
const GPT_OSS = 'openai.gpt-oss-120b-1:0'
const LLAMA = 'us.meta.llama3-3-70b-instruct-v1:0'

const message = (role: string, ...parts: Part[]): Message => ({ role, parts, extras: {} })
const text = (words: string): Part => ({ type: 'text', text: words })
const hello: Message[] = [message('user', text('Hello.'))]

function write(
  changes: Partial<ChatRequest>,
  model: string = CLAUDE,
): { body: JsonObject; dropped: string[] } {
  const { body, dropped } = writeConverse(
    { messages: hello, stream: false, extras: {}, ...changes },
    { model },
  )
  return { body: JSON.parse(body), dropped }
}

function fieldsFor(model: string, changes: Partial<ChatRequest>): unknown {
  return write(changes, model).body['additionalModelRequestFields']
}

describe('reasoning', () => {
  test('is a budget for Claude, with room for it in the answer', () => {
    const { body } = write({ reasoning: { budgetTokens: 2048 }, temperature: 1.5, topK: 4 })
    expect(body).toMatchObject({
      additionalModelRequestFields: { thinking: { type: 'enabled', budget_tokens: 2048 } },
      inferenceConfig: { maxTokens: 32_000 },
    })
  })

  test('leaves no temperature to a Claude that thinks', () => {
    const { body, dropped } = write({ reasoning: { budgetTokens: 2048 }, temperature: 1.5, topK: 4 })
    expect(body['inferenceConfig']).toEqual({ maxTokens: 32_000 })
    expect(dropped).toEqual(['temperature', 'topK'])
  })

  test('is an effort for Nova 2, whose highest takes no limits', () => {
    expect(fieldsFor(NOVA_2, { reasoning: { effort: 'medium' } })).toEqual({
      reasoningConfig: { type: 'enabled', maxReasoningEffort: 'medium' },
    })
    const { body, dropped } = write({ reasoning: { effort: 'high' }, maxTokens: 100, topP: 0.5 }, NOVA_2)
    expect(body).not.toHaveProperty('inferenceConfig')
    expect(dropped).toEqual(['maxTokens', 'topP'])
  })

  test('is turned off where it can be', () => {
    const off = { reasoning: { effort: 'none' } } as const
    expect(fieldsFor(NOVA_2, off)).toEqual({ reasoningConfig: { type: 'disabled' } })
    expect(write(off, GPT_OSS).dropped).toEqual(['reasoning'])
  })

  test('is an effort for gpt-oss and nothing for others', () => {
    expect(fieldsFor(GPT_OSS, { reasoning: { budgetTokens: 30_000 } })).toEqual({ reasoning_effort: 'high' })
    expect(write({ reasoning: { effort: 'low' } }, LLAMA).dropped).toEqual(['reasoning'])
  })
})

test.each([
  [CLAUDE, { top_k: 4 }],
  ['amazon.nova-lite-v1:0', { inferenceConfig: { topK: 4 } }],
  ['mistral.mistral-large-2402-v1:0', { top_k: 4 }],
  ['cohere.command-r-v1:0', { k: 4 }],
  [LLAMA, undefined],
])('%s has its own word for top-k', (model, expected) => {
  expect(fieldsFor(model, { topK: 4 })).toEqual(expected)
})

test('a temperature that no client chose is left out', () => {
  expect(write({ temperature: 0, temperatureIsDefault: true }).body).toEqual({
    messages: [{ role: 'user', content: [{ text: 'Hello.' }] }],
  })
})

describe('messages', () => {
  test('carry arguments as they came, numbers beyond 2^53 included', () => {
    const call: Part = { type: 'tool-call', id: 'c1', name: 'f', arguments: '{ "id": 12345678901234567890 }' }
    const { body } = writeConverse(
      { messages: [...hello, message('assistant', call)], stream: false, extras: {} },
      { model: CLAUDE },
    )
    expect(body).toContain('"input":{ "id": 12345678901234567890 }')
  })

  test.each(['[1]', '{"a":', 'null'])('refuse the arguments %s', (json) => {
    const call: Part = { type: 'tool-call', id: 'c1', name: 'f', arguments: json }
    expect(() => write({ messages: [message('assistant', call)] })).toThrow(
      expect.objectContaining({ status: 422, parameter: 'messages' }),
    )
  })

  test('have ids that Bedrock takes', () => {
    const id = `resp_${'x'.repeat(70)}:call.0`
    const messages = [
      message('assistant', { type: 'tool-call', id, name: 'f', arguments: '' }),
      message('tool', { type: 'tool-result', callId: id, parts: [] }),
    ]
    const expected = `${'x'.repeat(57)}_call_0`
    expect(write({ messages }).body['messages']).toMatchObject([
      { content: [{ toolUse: { toolUseId: expected, input: {} } }] },
      { content: [{ toolResult: { toolUseId: expected, content: [] } }] },
    ])
  })

  test('leave blank texts out, and turns of nothing else', () => {
    const messages = [...hello, message('assistant', text(' \n')), message('user', text('Well?'))]
    expect(write({ messages }).body['messages']).toEqual([
      { role: 'user', content: [{ text: 'Hello.' }, { text: 'Well?' }] },
    ])
  })

  test('send thinking only to the models whose it is', () => {
    const thinking: Part = { type: 'thinking', text: 'Hm.', state: { dialect: 'anthropic', data: 'sig' } }
    const messages = [message('assistant', thinking, text('Hi.'))]
    expect(write({ messages }).body['messages']).toEqual([
      {
        role: 'assistant',
        content: [
          { reasoningContent: { reasoningText: { text: 'Hm.', signature: 'sig' } } },
          { text: 'Hi.' },
        ],
      },
    ])
    expect(write({ messages }, NOVA_2)).toMatchObject({
      body: { messages: [{ content: [{ text: 'Hi.' }] }] },
      dropped: ['messages.thinking'],
    })
  })
})

describe('files', () => {
  const file = (source: Part & { type: 'file' }): JsonObject => {
    const { body } = write({ messages: [message('user', source)] })
    return JSON.parse(JSON.stringify(body['messages']))[0].content[0]
  }
  const base64 = (mediaType: string) => ({ kind: 'base64', mediaType, data: 'QQ==' }) as const

  test.each([
    ['a_b/c*.pdf', 'a-b-c-'],
    ['Q1  (final) [v2].pdf', 'Q1 (final) [v2]'],
    ['Bericht für März.PDF', 'Bericht f-r M-rz'],
    ['', 'document'],
    ['x'.repeat(300), 'x'.repeat(190)],
  ])('named %j are called %j', (name, expected) => {
    expect(file({ type: 'file', source: base64('application/pdf'), name })).toMatchObject({
      document: { name: expected, format: 'pdf' },
    })
  })

  test('never share a name', () => {
    const one: Part = { type: 'file', source: base64('text/csv'), name: 'a.csv' }
    const [{ content }] = JSON.parse(
      JSON.stringify(write({ messages: [message('user', one, one)] }).body['messages']),
    )
    expect(content.map(({ document }: { document: JsonObject }) => document['name'])).toEqual(['a', 'a 2'])
  })

  test('may be texts, films and in S3', () => {
    expect(
      file({ type: 'file', source: { kind: 'text', text: 'x' }, context: 'c', citations: true }),
    ).toEqual({
      document: {
        format: 'txt',
        name: 'document',
        source: { text: 'x' },
        context: 'c',
        citations: { enabled: true },
      },
    })
    expect(file({ type: 'file', source: base64('video/quicktime') })).toHaveProperty('video.format', 'mov')
    expect(file({ type: 'file', source: { kind: 'url', url: 's3://b/k.docx' } })).toHaveProperty('document', {
      format: 'docx',
      name: 'document',
      source: { s3Location: { uri: 's3://b/k.docx' } },
    })
  })

  test.each<[string, Part]>([
    ['on the web', { type: 'image', source: { kind: 'url', url: 'https://example.com/a.png' } }],
    ['of unknown type', { type: 'file', source: base64('application/zip') }],
    ['of another API', { type: 'image', source: { kind: 'file-id', id: 'f', dialect: 'openai' } }],
    ['that are no pictures', { type: 'image', source: base64('image/svg+xml') }],
  ])('%s are refused', (_what, part) => {
    expect(() => write({ messages: [message('user', part)] })).toThrow(
      expect.objectContaining({ status: 422 }),
    )
  })
})

describe('tools', () => {
  const tool = { type: 'function', name: 'f', parameters: {} } as const
  const used = [
    ...hello,
    message('assistant', { type: 'tool-call', id: 'c1', name: 'f', arguments: '{}' }),
    message('tool', { type: 'tool-result', callId: 'c1', parts: [text('x')] }),
  ]

  test('that a conversation used stay, although none may be called now', () => {
    const { body, dropped } = write({ messages: used, tools: [tool], toolChoice: { type: 'none' } })
    expect(body['toolConfig']).toEqual({
      tools: [{ toolSpec: { name: 'f', inputSchema: { json: { type: 'object' } } } }],
    })
    expect(dropped).toEqual(['toolChoice'])
  })

  test('that a conversation used are named, although the client gives none', () => {
    expect(write({ messages: used }).body['toolConfig']).toEqual({
      tools: [{ toolSpec: { name: 'f', inputSchema: { json: { type: 'object' } } } }],
    })
  })

  test('of other APIs are left out and named', () => {
    const hosted = { type: 'hosted', dialect: 'anthropic', value: { type: 'web_search' } } as const
    expect(write({ tools: [hosted] })).toMatchObject({ dropped: ['tools.web_search'] })
  })
})

describe('cache points', () => {
  const marked = (words: string): Part => ({ type: 'text', text: words, cache: { ttl: '1h' } })

  test('are at most four: the first two and the last', () => {
    const messages = [message('user', ...['a', 'b', 'c', 'd', 'e', 'f'].map(marked))]
    const { body, dropped } = write({ messages })
    const [{ content }] = JSON.parse(JSON.stringify(body['messages']))
    expect(content.map((block: JsonObject) => block['text'] ?? '|').join('')).toBe('a|b|cde|f|')
    expect(dropped).toEqual(['messages.cache'])
  })

  test('have no time with Nova, and are no place for tools', () => {
    const tool = { type: 'function', name: 'f', parameters: {}, cache: {} } as const
    const { body, dropped } = write({ messages: [message('user', marked('a'))], tools: [tool] }, NOVA_2)
    expect(body['messages']).toEqual([
      { role: 'user', content: [{ text: 'a' }, { cachePoint: { type: 'default' } }] },
    ])
    expect(dropped).toEqual(['messages.cache.ttl', 'tools.cache'])
  })

  test('are left out for models that cache nothing', () => {
    const { body, dropped } = write({ messages: [message('user', marked('a'))] }, LLAMA)
    expect(JSON.stringify(body)).not.toContain('cachePoint')
    expect(dropped).toEqual(['messages.cache'])
  })
})

describe('an answer as JSON', () => {
  const responseFormat = { type: 'json-schema', schema: { type: 'object' }, name: 'x' } as const

  test('is asked for in words of models that take no schema', () => {
    const { body, dropped } = write({ responseFormat }, 'anthropic.claude-3-haiku-20240307-v1:0')
    expect(body['system']).toEqual([{ text: expect.stringContaining('JSON Schema: {"type":"object"}') }])
    expect(dropped).toEqual(['responseFormat'])
  })

  test('has a schema as text', () => {
    expect(write({ responseFormat }).body['outputConfig']).toEqual({
      textFormat: {
        type: 'json_schema',
        structure: { jsonSchema: { name: 'x', schema: '{"type":"object","additionalProperties":false}' } },
      },
    })
  })
})

describe('further fields', () => {
  test("that are Converse's own go to their place, whoever sends them", () => {
    const extras = { performanceConfig: { latency: 'optimized' }, service_tier: 'flex', user: 'x' }
    expect(write({ extras, extrasDialect: 'openai' })).toMatchObject({
      body: { performanceConfig: { latency: 'optimized' }, serviceTier: { type: 'flex' } },
      dropped: ['user'],
    })
  })

  test('of no dialect are for the model', () => {
    const extras = { safe_mode: true, additionalModelRequestFields: { a: 1 }, messages: [] }
    const { body, dropped } = write({ extras, topK: 4 })
    expect(body['additionalModelRequestFields']).toEqual({ safe_mode: true, a: 1, top_k: 4 })
    expect(dropped).toEqual(['messages'])
  })
})

test('several candidates are refused', () => {
  expect(() => write({ candidates: 2 })).toThrow(
    expect.objectContaining({ status: 422, parameter: 'candidates' }),
  )
})
