import { describe, expect, test } from 'vitest'
import { readUrl } from '../../core/media.ts'
import type { JsonObject, JsonValue } from '../../core/json.ts'
import type { ChatRequest, Message, Part, ToolChoice } from '../../core/request.ts'
import { writeChat, writeCount } from './write-request.ts'

function says(role: string, ...parts: (string | Part)[]): Message {
  return {
    role,
    parts: parts.map((part) => (typeof part === 'string' ? { type: 'text', text: part } : part)),
    extras: {},
  }
}

function answers(callId: string, ...parts: (string | Part)[]): Message {
  return says('tool', { type: 'tool-result', callId, parts: says('tool', ...parts).parts })
}

function calls(id: string, name: string, text: string): Part {
  return { type: 'tool-call', id, name, arguments: text }
}

function chat(fields: Partial<ChatRequest> = {}): ChatRequest {
  return { messages: [says('user', 'Hi')], stream: false, extras: {}, ...fields }
}

function write(fields: Partial<ChatRequest>, model: string | null = 'claude-3-haiku'): JsonObject {
  const body: JsonObject = JSON.parse(writeChat(chat(fields), { model }).body)
  return body
}

function write422(message: string, parameter: string): unknown {
  return expect.objectContaining({ message, parameter, kind: 'bad_request', status: 422 })
}

const IMAGE: Part = { type: 'image', source: readUrl('data:image/png;base64,iVBORw0=') }

describe('the least request', () => {
  test('has a model, a message and a bound', () => {
    expect(writeChat(chat(), { model: 'claude-x' })).toEqual({
      body: '{"model":"claude-x","messages":[{"role":"user","content":"Hi"}],"max_tokens":8192}',
      dropped: [],
    })
  })

  test('has no model when none is known', () => {
    expect(write({}, null)).not.toHaveProperty('model')
  })
})

describe('messages', () => {
  test.each<[string, Message[], { system?: JsonValue; messages: JsonValue[] }]>([
    [
      'instructions are set apart, joined by blank lines',
      [says('system', 'Be brief.'), says('user', 'Hi'), says('developer', 'In French.', '')],
      { system: 'Be brief.\n\nIn French.', messages: [{ role: 'user', content: 'Hi' }] },
    ],
    [
      'marked instructions keep their form',
      [
        says('system', 'Be brief.', {
          type: 'opaque',
          value: { type: 'text', text: 'Long.', cache_control: { type: 'ephemeral' } },
        }),
        says('user', 'Hi'),
      ],
      {
        system: [
          { type: 'text', text: 'Be brief.' },
          { type: 'text', text: 'Long.', cache_control: { type: 'ephemeral' } },
        ],
        messages: [{ role: 'user', content: 'Hi' }],
      },
    ],
    [
      'empty instructions are none',
      [says('system', ''), says('user', 'Hi')],
      { messages: [{ role: 'user', content: 'Hi' }] },
    ],
    [
      'the same side speaks once, also around an instruction',
      [
        says('user', 'One'),
        says('system', 'S'),
        says('narrator', 'Two'),
        says('assistant', 'A'),
        says('assistant', 'B'),
      ],
      {
        system: 'S',
        messages: [
          {
            role: 'user',
            content: [
              { type: 'text', text: 'One' },
              { type: 'text', text: 'Two' },
            ],
          },
          {
            role: 'assistant',
            content: [
              { type: 'text', text: 'A' },
              { type: 'text', text: 'B' },
            ],
          },
        ],
      },
    ],
    [
      'tool calls and their results, several in one turn, then the user',
      [
        says('user', 'Weather?'),
        says(
          'assistant',
          '',
          calls('call_1', 'weather', '{"city":"Oslo"}'),
          calls('functions.now:1', 'now', ''),
        ),
        answers('call_1', 'Rain'),
        answers('functions.now:1', 'Noon', IMAGE),
        says('user', 'And?'),
      ],
      {
        messages: [
          { role: 'user', content: 'Weather?' },
          {
            role: 'assistant',
            content: [
              { type: 'tool_use', id: 'call_1', name: 'weather', input: { city: 'Oslo' } },
              { type: 'tool_use', id: 'functions_now_1', name: 'now', input: {} },
            ],
          },
          {
            role: 'user',
            content: [
              { type: 'tool_result', tool_use_id: 'call_1', content: 'Rain' },
              {
                type: 'tool_result',
                tool_use_id: 'functions_now_1',
                content: [
                  { type: 'text', text: 'Noon' },
                  { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'iVBORw0=' } },
                ],
              },
              { type: 'text', text: 'And?' },
            ],
          },
        ],
      },
    ],
    [
      'a function answers as a tool does',
      [{ ...answers('call_1', ''), role: 'function' }],
      {
        messages: [{ role: 'user', content: [{ type: 'tool_result', tool_use_id: 'call_1', content: '' }] }],
      },
    ],
    [
      'images by address and by data',
      [
        says(
          'user',
          { type: 'image', source: readUrl('https://example.com/a.png') },
          { type: 'image', source: readUrl('DATA:image/JPEG;name=a;BASE64,/9j/') },
        ),
      ],
      {
        messages: [
          {
            role: 'user',
            content: [
              { type: 'image', source: { type: 'url', url: 'https://example.com/a.png' } },
              { type: 'image', source: { type: 'base64', media_type: 'image/jpeg', data: '/9j/' } },
            ],
          },
        ],
      },
    ],
    [
      'opaque parts as they came',
      [says('user', { type: 'opaque', value: { type: 'document', source: { type: 'text', data: 'x' } } })],
      { messages: [{ role: 'user', content: [{ type: 'document', source: { type: 'text', data: 'x' } }] }] },
    ],
    ['nothing said stays nothing', [says('user', '')], { messages: [{ role: 'user', content: '' }] }],
  ])('%s', (_name, messages, expected) => {
    expect(write({ messages }, null)).toEqual({ max_tokens: 8192, ...expected })
  })

  test.each([
    ['{"city":', "The arguments of tool call 'call_1' to 'weather' are not valid JSON."],
    ['[1]', "The arguments of tool call 'call_1' to 'weather' are not a JSON object."],
  ])('a tool call with the arguments %s is refused', (text, message) => {
    const messages = [says('user', 'Hi'), says('assistant', calls('call_1', 'weather', text))]
    expect(() => write({ messages })).toThrow(write422(message, 'messages'))
  })

  test.each([
    '',
    'cat.png',
    'file:///cat.png',
    'data:image/svg+xml,<svg/>',
    'data:;base64,AA',
    'data:image/png;base64',
  ])('an image at %j is refused', (url) => {
    expect(() => write({ messages: [says('user', { type: 'image', source: readUrl(url) })] })).toThrow(
      write422(
        "An image's URL must be an http(s) URL or base64 data with its type, as in 'data:image/png;base64,...'.",
        'messages',
      ),
    )
  })

  test('extras of messages are dropped and named once', () => {
    const ann = { ...says('user', 'Hi'), extras: { name: 'ann' } }
    const messages = [ann, { ...says('assistant', 'Hello'), extras: { name: 'bob', refusal: null } }]
    const written = writeChat(chat({ messages }), { model: 'claude-x' })
    expect(written.dropped).toEqual(['messages.name', 'messages.refusal'])
    expect(written.body).not.toContain('ann')
  })
})

describe('parameters', () => {
  test.each<[string, Partial<ChatRequest>, JsonObject]>([
    ['temperature is halved', { temperature: 1.5 }, { temperature: 0.75 }],
    ['temperature may be 0', { temperature: 0 }, { temperature: 0 }],
    ['top_p', { topP: 0.6 }, { top_p: 0.6 }],
    ['max_tokens', { maxTokens: 1_000_000 }, { max_tokens: 1_000_000 }],
    ['one candidate says nothing', { candidates: 1 }, {}],
    ['a stream', { stream: true }, { stream: true }],
    ['stop sequences', { stop: ['END', '\n\nHuman:'] }, { stop_sequences: ['END', '\n\nHuman:'] }],
    ['no stop sequences', { stop: [] }, {}],
    ['no tools', { tools: [] }, {}],
    [
      'tools',
      {
        tools: [
          { type: 'function', name: 'now', parameters: {} },
          {
            type: 'function',
            name: 'weather',
            description: 'Now.',
            parameters: { type: 'object', required: ['city'] },
          },
        ],
      },
      {
        tools: [
          { name: 'now', input_schema: { type: 'object' } },
          { name: 'weather', description: 'Now.', input_schema: { type: 'object', required: ['city'] } },
        ],
      },
    ],
    [
      'extras',
      { extras: { top_k: 5, metadata: { user_id: 'u' } } },
      { top_k: 5, metadata: { user_id: 'u' } },
    ],
  ])('%s', (_name, fields, expected) => {
    expect(write(fields, null)).toEqual({
      messages: [{ role: 'user', content: 'Hi' }],
      max_tokens: 8192,
      ...expected,
    })
  })

  test.each<[ToolChoice, JsonObject]>([
    [{ type: 'auto' }, { type: 'auto' }],
    [{ type: 'none' }, { type: 'none' }],
    [{ type: 'required' }, { type: 'any' }],
    [
      { type: 'tool', name: 'now' },
      { type: 'tool', name: 'now' },
    ],
  ])('the tool choice %j is written as %j', (toolChoice, expected) => {
    expect(write({ toolChoice })['tool_choice']).toEqual(expected)
  })

  test.each<[Partial<ChatRequest>, string, string]>([
    [{ maxTokens: 1_000_001 }, 'Invalid value for max_tokens: cannot exceed 1000000.', 'maxTokens'],
    [
      { temperature: 0, temperatureIsDefault: true, topP: 1 },
      "Cannot set both 'temperature' and 'top_p' parameters. Please use only the temperature parameter for your query.",
      'topP',
    ],
    [
      { candidates: 2 },
      "'{parameter}' must be '1' for the Anthropic provider. Received value: '2'.",
      'candidates',
    ],
  ])('%j is refused', (fields, message, parameter) => {
    expect(() => write(fields)).toThrow(write422(message, parameter))
  })

  test('stop sequences of white space are dropped and named', () => {
    const written = writeChat(chat({ stop: ['\n', 'END', ' '] }), { model: 'claude-x' })
    expect(JSON.parse(written.body)).toMatchObject({ stop_sequences: ['END'] })
    expect(written.dropped).toEqual(['stop'])
    expect(write({ stop: ['\n'] })).not.toHaveProperty('stop_sequences')
  })

  test('extras do not replace what the gateway sets, and are named', () => {
    const extras = { model: 'other', messages: [], max_tokens: 1, stream: true, system: 'Obey.' }
    const messages = [says('system', 'Be brief.'), says('user', 'Hi')]
    const written = writeChat(chat({ messages, extras }), { model: 'claude-x' })
    expect(JSON.parse(written.body)).toEqual({
      model: 'claude-x',
      system: 'Be brief.',
      messages: [{ role: 'user', content: 'Hi' }],
      max_tokens: 8192,
    })
    expect(written.dropped).toEqual(['model', 'messages', 'max_tokens', 'stream', 'system'])
  })

  test('extras may hold the instructions when the messages do not', () => {
    expect(write({ extras: { system: 'Be brief.' } })['system']).toBe('Be brief.')
  })
})

describe('a temperature that the client did not choose', () => {
  test.each([
    ['claude-2.1', true],
    ['claude-instant-1.2', true],
    ['claude-3-5-sonnet-20241022', true],
    ['claude-sonnet-4-20250514', true],
    ['claude-opus-4-1-20250805', true],
    ['claude-haiku-4-5@20251001', true],
    ['claude-sonnet-4-6', true],
    ['claude-opus-4-7', false],
    ['claude-opus-4-8-20260601', false],
    ['claude-sonnet-5', false],
    ['a-model-of-another-maker', true],
    [null, true],
  ])('is sent to %s: %s', (model, sent) => {
    expect('temperature' in write({ temperature: 0, temperatureIsDefault: true }, model)).toBe(sent)
  })

  test.each([
    [{ type: 'enabled', budget_tokens: 2000 }, false],
    [{ type: 'disabled' }, true],
  ])('gives way to thinking: %j', (thinking, sent) => {
    const body = write({ temperature: 0, temperatureIsDefault: true, extras: { thinking } })
    expect('temperature' in body).toBe(sent)
    expect(body['thinking']).toEqual(thinking)
  })
})

describe('parts', () => {
  const state = { dialect: 'anthropic', data: 'c2ln' }
  const foreign = { dialect: 'gemini', data: 'c2ln' }

  function content(...parts: Part[]): { content: unknown; dropped: string[] } {
    const messages = [says('user', 'Hi'), says('assistant', ...parts)]
    const { body, dropped } = writeChat(chat({ messages }), { model: 'claude-x' })
    const written: { messages: { content: unknown }[] } = JSON.parse(body)
    return { content: written.messages[1]?.content, dropped }
  }

  test.each<[string, Part[], JsonValue, string[]]>([
    [
      'its own state is restored in place',
      [
        { type: 'thinking', text: 'Hm.', state },
        { type: 'redacted-thinking', state },
        calls('a', 'f', '{}'),
        { type: 'thinking', text: '', state },
      ],
      [
        { type: 'thinking', thinking: 'Hm.', signature: 'c2ln' },
        { type: 'redacted_thinking', data: 'c2ln' },
        { type: 'tool_use', id: 'a', name: 'f', input: {} },
        { type: 'thinking', thinking: '', signature: 'c2ln' },
      ],
      [],
    ],
    [
      'state of others is left out',
      [
        { type: 'thinking', text: 'Hm.', state: foreign },
        { type: 'thinking', text: 'Hm.' },
        { type: 'redacted-thinking', state: foreign },
        { type: 'text', text: 'Yes.', state: foreign },
      ],
      'Yes.',
      ['messages.thinking', 'messages.signature'],
    ],
    [
      'calls keep what their program said',
      [
        {
          type: 'tool-call',
          id: 'a',
          name: 'f',
          arguments: '{}',
          state: { dialect: 'anthropic', data: '{"caller":{"type":"x"}}' },
        },
      ],
      [{ type: 'tool_use', id: 'a', name: 'f', caller: { type: 'x' }, input: {} }],
      [],
    ],
    [
      'citations are its own or none',
      [
        {
          type: 'text',
          text: 'A',
          annotations: [{ native: { dialect: 'anthropic', value: { type: 'char_location' } } }, { url: 'https://a' }],
        },
      ],
      [{ type: 'text', text: 'A', citations: [{ type: 'char_location' }] }],
      ['messages.annotations'],
    ],
    [
      'opaque blocks are its own or none',
      [
        { type: 'opaque', dialect: 'anthropic', value: { type: 'server_tool_use' } },
        { type: 'opaque', dialect: 'openai', value: { type: 'web_search_call' } },
      ],
      [{ type: 'server_tool_use' }],
      ['messages.web_search_call'],
    ],
    [
      'documents are PDFs and texts',
      [
        { type: 'file', source: { kind: 'base64', mediaType: 'application/pdf', data: 'AA' }, context: 'C' },
        { type: 'file', source: { kind: 'base64', mediaType: 'text/csv', data: 'YSxi' }, citations: true },
        { type: 'file', source: { kind: 'text', text: 'Once' }, cache: {} },
        { type: 'file', source: { kind: 'file-id', id: 'file_1', dialect: 'anthropic' } },
        { type: 'file', source: { kind: 'url', url: 'https://a/b.png', mediaType: 'image/png' } },
      ],
      [
        {
          type: 'document',
          source: { type: 'base64', media_type: 'application/pdf', data: 'AA' },
          context: 'C',
        },
        {
          type: 'document',
          source: { type: 'text', media_type: 'text/plain', data: 'a,b' },
          citations: { enabled: true },
        },
        {
          type: 'document',
          source: { type: 'text', media_type: 'text/plain', data: 'Once' },
          cache_control: { type: 'ephemeral' },
        },
        { type: 'document', source: { type: 'file', file_id: 'file_1' } },
        { type: 'image', source: { type: 'url', url: 'https://a/b.png' } },
      ],
      [],
    ],
    [
      'white space beside other blocks is nothing',
      [{ type: 'text', text: '\n\n' }, calls('a', 'f', '{}')],
      [{ type: 'tool_use', id: 'a', name: 'f', input: {} }],
      [],
    ],
  ])('%s', (_name, parts, expected, dropped) => {
    expect(content(...parts)).toEqual({ content: expected, dropped })
  })

  test.each<Part>([
    { type: 'audio', source: { kind: 'base64', mediaType: 'audio/wav', data: 'AA' } },
    { type: 'file', source: { kind: 'base64', mediaType: 'video/mp4', data: 'AA' } },
    { type: 'file', source: { kind: 'url', url: 'https://a/b.docx', mediaType: 'application/msword' } },
    { type: 'file', source: { kind: 'file-id', id: 'file-1', dialect: 'openai' } },
    { type: 'image', source: { kind: 'file-id', id: 'file-1', dialect: 'openai' } },
  ])('%j is refused', (part) => {
    expect(() => content(part)).toThrow(
      expect.objectContaining({ parameter: 'messages', kind: 'bad_request', status: 422 }),
    )
  })

  test('large numbers in arguments stay as they are', () => {
    const messages = [says('assistant', calls('a', 'f', '{"id": 12345678901234567890}'))]
    expect(writeChat(chat({ messages }), { model: null }).body).toContain('"input":{"id": 12345678901234567890}')
  })

  test('calls without ids get some, which their results find by name', () => {
    const messages = [
      says('assistant', calls('', 'f', '{}'), calls('', 'g', '{}')),
      says(
        'tool',
        { type: 'tool-result', callId: '', name: 'g', parts: [] },
        { type: 'tool-result', callId: '', parts: [] },
      ),
    ]
    expect(write({ messages })['messages']).toMatchObject([
      { content: [{ id: 'call_1' }, { id: 'call_2' }] },
      { content: [{ tool_use_id: 'call_2' }, { tool_use_id: 'call_1' }] },
    ])
  })

  test('results come before what the user says, and messages of which nothing is left are none', () => {
    const messages = [
      says('user', 'Hi'),
      says('assistant', { type: 'thinking', text: 'Hm.' }),
      says('user', 'Wait.'),
      answers('a', 'Rain'),
    ]
    expect(write({ messages })['messages']).toEqual([
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'a', content: 'Rain' },
          { type: 'text', text: 'Hi' },
          { type: 'text', text: 'Wait.' },
        ],
      },
    ])
  })

  test("instructions on the way stay there for Anthropic's own clients", () => {
    const messages = [says('system', 'A'), says('user', 'Hi'), says('system', 'B'), says('user', 'And?')]
    expect(write({ messages, extrasDialect: 'anthropic' })).toMatchObject({
      system: 'A',
      messages: [{ role: 'user' }, { role: 'system', content: 'B' }, { role: 'user' }],
    })
    const { body, dropped } = writeChat(chat({ messages }), { model: null })
    expect(JSON.parse(body)).toMatchObject({ system: 'A\n\nB', messages: [{ role: 'user' }] })
    expect(dropped).toEqual(['messages.role'])
  })
})

describe('cache marks', () => {
  const marked = (text: string): Part => ({ type: 'text', text, cache: {} })

  test('beyond four are taken out of the middle, and named', () => {
    const messages = [
      says('system', marked('1')),
      says('user', marked('2'), { type: 'tool-result', callId: 'a', parts: [marked('3')] }),
      says('assistant', marked('4')),
      says('user', marked('5')),
    ]
    const tools = [{ type: 'function' as const, name: 'f', parameters: {}, cache: {} }]
    const { body, dropped } = writeChat(chat({ messages, tools }), { model: null })
    const texts = body.match(/"text":"(\d)","cache_control"/g)?.map((match) => match.slice(8, 9))
    expect(texts).toEqual(['1', '4', '5'])
    expect(body.match(/cache_control/g)).toHaveLength(4)
    expect(dropped).toEqual(['messages.cache'])
  })

  test('are three beside the one that moves by itself', () => {
    const messages = [says('user', marked('1'), marked('2'), marked('3'), marked('4'))]
    const { body, dropped } = writeChat(chat({ messages, cache: { ttl: '1h' } }), { model: null })
    expect(body.match(/cache_control/g)).toHaveLength(4)
    expect(body).toContain('"cache_control":{"type":"ephemeral","ttl":"1h"}')
    expect(dropped).toEqual(['messages.cache'])
  })

  test('up to four stay', () => {
    const messages = [says('user', marked('1'), marked('2'), marked('3'), marked('4'))]
    expect(writeChat(chat({ messages }), { model: null }).dropped).toEqual([])
  })
})

describe('formats and tools', () => {
  const schema = {
    type: 'object',
    properties: { a: { type: 'object' }, list: { type: 'array', items: { properties: {} } }, b: { type: 'string' } },
    anyOf: [{ type: ['object', 'null'], additionalProperties: true }],
    $defs: { open: { type: 'object', additionalProperties: { type: 'string' } } },
  }

  test('schemas of objects are closed', () => {
    const body = write({ responseFormat: { type: 'json-schema', schema } }, 'claude-sonnet-4-5')
    expect(body['output_config']).toEqual({
      format: {
        type: 'json_schema',
        schema: {
          type: 'object',
          additionalProperties: false,
          properties: {
            a: { type: 'object', additionalProperties: false },
            list: { type: 'array', items: { properties: {}, additionalProperties: false } },
            b: { type: 'string' },
          },
          anyOf: [{ type: ['object', 'null'], additionalProperties: false }],
          $defs: { open: { type: 'object', additionalProperties: { type: 'string' } } },
        },
      },
    })
  })

  test('older models are asked for a schema', () => {
    const { body, dropped } = writeChat(chat({ responseFormat: { type: 'json-schema', schema: { type: 'object' } } }), {
      model: 'claude-sonnet-4-20250514',
    })
    expect(JSON.parse(body)).toMatchObject({ system: expect.stringMatching(/JSON Schema: \{"type":"object"\}$/) })
    expect(dropped).toEqual(['responseFormat'])
  })

  test("tools are its own or functions, with what the client's dialect adds", () => {
    const tools: ChatRequest['tools'] = [
      { type: 'function', name: 'f', parameters: {}, strict: true, extras: { defer_loading: true } },
      { type: 'hosted', dialect: 'anthropic', value: { type: 'bash_20250124', name: 'bash' } },
      { type: 'hosted', dialect: 'openai', value: { type: 'web_search' } },
    ]
    const model = 'claude-3-7-sonnet-latest'
    const own = writeChat(chat({ tools, extrasDialect: 'anthropic' }), { model })
    expect(JSON.parse(own.body)).toMatchObject({
      tools: [
        { name: 'f', input_schema: { type: 'object' }, defer_loading: true },
        { type: 'bash_20250124', name: 'bash' },
      ],
    })
    expect(own.dropped).toEqual(['tools.strict', 'tools.web_search'])
    expect(writeChat(chat({ tools, extrasDialect: 'openai' }), { model }).dropped).toEqual([
      'tools.defer_loading',
      'tools.strict',
      'tools.web_search',
    ])
  })

  test('of tools of which none is left, none is chosen', () => {
    const tools: ChatRequest['tools'] = [{ type: 'hosted', dialect: 'openai', value: { type: 'web_search' } }]
    const body = write({ tools, toolChoice: { type: 'required' } })
    expect(body).not.toHaveProperty('tools')
    expect(body).not.toHaveProperty('tool_choice')
  })
})

describe('extras', () => {
  test('of another dialect are dropped', () => {
    const { body, dropped } = writeChat(chat({ extras: { store: true }, extrasDialect: 'openai' }), { model: null })
    expect(body).not.toContain('store')
    expect(dropped).toEqual(['store'])
  })

  test('are joined with what the canonical form knows of the same field', () => {
    const extras = { metadata: { more: 1, user_id: 'other' }, output_config: { task_budget: 5 } }
    const body = write(
      { extras, extrasDialect: 'anthropic', endUser: 'u', reasoning: { effort: 'low' } },
      'claude-opus-5',
    )
    expect(body).toMatchObject({
      metadata: { more: 1, user_id: 'u' },
      output_config: { task_budget: 5, effort: 'low' },
    })
  })

  test.each(['seed', 'presencePenalty', 'frequencyPenalty'] as const)('there is no %s', (field) => {
    expect(writeChat(chat({ [field]: 1 }), { model: null }).dropped).toEqual([field])
  })
})

test('counting takes only what makes the prompt', () => {
  const request = chat({
    messages: [says('system', 'Be brief.'), says('user', 'Hi')],
    maxTokens: 10,
    stream: true,
    temperature: 1,
    endUser: 'u',
    tools: [{ type: 'function', name: 'f', parameters: {} }],
    extras: { context_management: {}, service_tier: 'auto' },
  })
  expect(JSON.parse(writeCount(request, { model: 'claude-3-haiku' }).body)).toEqual({
    model: 'claude-3-haiku',
    system: 'Be brief.',
    messages: [{ role: 'user', content: 'Hi' }],
    tools: [{ name: 'f', input_schema: { type: 'object' } }],
    context_management: {},
  })
})
