import { describe, expect, test } from 'vitest'
import type { JsonObject, JsonValue } from '../../core/json.ts'
import type { ChatRequest, Part } from '../../core/request.ts'
import { readRequest } from './read-request.ts'

function read(fields: JsonObject): ChatRequest {
  return readRequest({ model: 'a-route', max_tokens: 10, messages: [], ...fields })
}

function parts(content: JsonValue, role = 'user'): Part[] {
  return read({ messages: [{ role, content }] }).messages.flatMap((message) => message.parts)
}

const BASE = { messages: [], stream: false, maxTokens: 10, extras: {}, extrasDialect: 'anthropic' }

describe('the body', () => {
  test.each<[string, JsonObject, Partial<ChatRequest>]>([
    ['a stream', { stream: true }, { stream: true }],
    [
      'sampling',
      { temperature: 0.5, top_p: 0.9, top_k: 5, stop_sequences: ['END', 7] },
      { temperature: 1, topP: 0.9, topK: 5, stop: ['END'] },
    ],
    ['a text for a system', { system: 'Be brief.' }, { messages: [system('Be brief.')] }],
    [
      'blocks for a system',
      { system: [{ type: 'text', text: 'A', cache_control: { type: 'ephemeral', ttl: '1h' } }] },
      {
        messages: [
          { role: 'system', parts: [{ type: 'text', text: 'A', cache: { ttl: '1h' } }], extras: {} },
        ],
      },
    ],
    [
      'instructions on the way',
      { messages: [{ role: 'system', content: 'Be brief.' }] },
      { messages: [system('Be brief.')] },
    ],
    ['any tool', { tool_choice: { type: 'any' } }, { toolChoice: { type: 'required' } }],
    [
      'one tool at a time',
      { tool_choice: { type: 'tool', name: 'f', disable_parallel_tool_use: true } },
      { toolChoice: { type: 'tool', name: 'f' }, parallelToolCalls: false },
    ],
    ['a user', { metadata: { user_id: 'u', more: 1 } }, { endUser: 'u', extras: { metadata: { more: 1 } } }],
    ['a cache', { cache_control: { type: 'ephemeral' } }, { cache: {} }],
    [
      'a schema',
      { output_config: { format: { type: 'json_schema', schema: { type: 'object' } }, task_budget: 5 } },
      {
        responseFormat: { type: 'json-schema', schema: { type: 'object' } },
        extras: { output_config: { task_budget: 5 } },
      },
    ],
    [
      'a schema in its older place',
      { output_format: { type: 'json_schema', schema: {} } },
      { responseFormat: { type: 'json-schema', schema: {} } },
    ],
    [
      'fields of its own',
      { service_tier: 'auto', mcp_servers: [], container: null },
      { extras: { service_tier: 'auto', mcp_servers: [], container: null } },
    ],
    [
      'fields of other types',
      { temperature: '1', tools: 'x', thinking: 7, metadata: null, output_config: [], stop_sequences: 'x' },
      {},
    ],
  ])('%s', (_name, fields, expected) => {
    expect(read(fields)).toEqual({ ...BASE, ...expected })
  })

  test.each<[JsonObject, ChatRequest['reasoning'], JsonObject]>([
    [{ thinking: { type: 'enabled', budget_tokens: 2000 } }, { budgetTokens: 2000 }, {}],
    [{ thinking: { type: 'adaptive', display: 'omitted' } }, { isAdaptive: true, shows: 'nothing' }, {}],
    [{ thinking: { type: 'adaptive', display: 'summarized' } }, { isAdaptive: true, shows: 'summary' }, {}],
    [{ thinking: { type: 'disabled' } }, { effort: 'none' }, {}],
    [{ output_config: { effort: 'xhigh' } }, { effort: 'xhigh' }, {}],
    [
      { thinking: { type: 'adaptive' }, output_config: { effort: 'low' } },
      { effort: 'low', isAdaptive: true },
      {},
    ],
    [
      { thinking: { type: 'disabled' }, output_config: { effort: 'low' } },
      { effort: 'none' },
      { output_config: { effort: 'low' } },
    ],
    [{ thinking: { type: 'between_tools' } }, undefined, { thinking: { type: 'between_tools' } }],
  ])('%j asks for the thinking %j', (fields, reasoning, extras) => {
    expect(read(fields)).toEqual({ ...BASE, ...(reasoning ? { reasoning } : {}), extras })
  })

  test('tools are functions, or its own', () => {
    const search = { type: 'web_search_20250305', name: 'web_search', max_uses: 3 }
    const weather = { name: 'weather', description: 'Now.', input_schema: { type: 'object' } }
    const tools = [
      { ...weather, type: 'custom', strict: true, cache_control: { type: 'ephemeral' } },
      { ...weather, defer_loading: true },
      search,
    ]
    const { description, name } = weather
    const common = { type: 'function', name, description, parameters: { type: 'object' } }
    expect(read({ tools }).tools).toEqual([
      { ...common, strict: true, cache: {} },
      { ...common, extras: { defer_loading: true } },
      { type: 'hosted', dialect: 'anthropic', value: search },
    ])
  })

  test.each([[{ messages: 'x' }], [{ messages: [7] }], [{ messages: [{ content: 'x' }] }]])(
    '%j is refused',
    (fields) => {
      expect(() => read(fields)).toThrow(expect.objectContaining({ kind: 'bad_request', status: 400 }))
    },
  )
})

describe('content', () => {
  test.each<[string, JsonValue, Part[]]>([
    ['a text', 'Hi', [{ type: 'text', text: 'Hi' }]],
    ['nothing', '', []],
    ['what is none', 7, []],
    [
      'an image in base64',
      [{ type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AA' } }],
      [{ type: 'image', source: { kind: 'base64', mediaType: 'image/png', data: 'AA' } }],
    ],
    [
      'an image at an address',
      [{ type: 'image', source: { type: 'url', url: 'https://a/b.png' } }],
      [{ type: 'image', source: { kind: 'url', url: 'https://a/b.png' } }],
    ],
    [
      'an image of its files',
      [{ type: 'image', source: { type: 'file', file_id: 'file_1' } }],
      [{ type: 'image', source: { kind: 'file-id', id: 'file_1', dialect: 'anthropic' } }],
    ],
    [
      'a document',
      [
        {
          type: 'document',
          source: { type: 'base64', media_type: 'application/pdf', data: 'AA' },
          title: 'T',
          context: 'C',
          citations: { enabled: true },
          cache_control: { type: 'ephemeral', ttl: '5m' },
        },
      ],
      [
        {
          type: 'file',
          source: { kind: 'base64', mediaType: 'application/pdf', data: 'AA' },
          name: 'T',
          context: 'C',
          citations: true,
          cache: { ttl: '5m' },
        },
      ],
    ],
    [
      'a document as text',
      [{ type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'Once' } }],
      [{ type: 'file', source: { kind: 'text', text: 'Once', mediaType: 'text/plain' } }],
    ],
    [
      'what only Anthropic knows',
      [
        { type: 'document', source: { type: 'content', content: [] } },
        { type: 'container_upload', file_id: 'f' },
      ],
      [
        {
          type: 'opaque',
          dialect: 'anthropic',
          value: { type: 'document', source: { type: 'content', content: [] } },
        },
        { type: 'opaque', dialect: 'anthropic', value: { type: 'container_upload', file_id: 'f' } },
      ],
    ],
    [
      'thinking',
      [
        { type: 'thinking', thinking: 'Hm.', signature: 'c2ln' },
        { type: 'thinking', thinking: 'Hm.', signature: '' },
        { type: 'thinking', thinking: 'Hm.', signature: 'gw1.own.gemini.eA==' },
        { type: 'thinking', thinking: 'Hm.', signature: 'gw1.own.none.' },
        { type: 'redacted_thinking', data: 'eA==' },
        { type: 'redacted_thinking', data: 'gw1.own.gemini.eA==' },
      ],
      [
        { type: 'thinking', text: 'Hm.', state: { dialect: 'anthropic', data: 'c2ln' } },
        { type: 'thinking', text: 'Hm.' },
        { type: 'thinking', text: 'Hm.', state: { dialect: 'gemini', data: 'eA==' } },
        { type: 'thinking', text: 'Hm.' },
        { type: 'redacted-thinking', state: { dialect: 'anthropic', data: 'eA==' } },
        { type: 'redacted-thinking', state: { dialect: 'gemini', data: 'eA==' } },
      ],
    ],
    [
      'state that travels beside its part',
      [
        { type: 'redacted_thinking', data: 'gw1.next.gemini.Y2FsbA==' },
        { type: 'tool_use', id: 'a', name: 'f', input: { x: 1 } },
        { type: 'text', text: 'Hi' },
        { type: 'redacted_thinking', data: 'gw1.previous.gemini.dGV4dA==' },
      ],
      [
        {
          type: 'tool-call',
          id: 'a',
          name: 'f',
          arguments: '{"x":1}',
          state: { dialect: 'gemini', data: 'Y2FsbA==' },
        },
        { type: 'text', text: 'Hi', state: { dialect: 'gemini', data: 'dGV4dA==' } },
      ],
    ],
    [
      'a call that a program made',
      [{ type: 'tool_use', id: 'a', name: 'f', input: {}, caller: { type: 'code_execution_20250825' } }],
      [
        {
          type: 'tool-call',
          id: 'a',
          name: 'f',
          arguments: '{}',
          state: { dialect: 'anthropic', data: '{"caller":{"type":"code_execution_20250825"}}' },
        },
      ],
    ],
    [
      'blocks of other types',
      [null, 'x', { type: 'text' }, { type: 'tool_use' }, { type: 'image' }, { text: 'x' }],
      [
        { type: 'text', text: '' },
        { type: 'tool-call', id: '', name: '', arguments: '{}' },
        { type: 'opaque', dialect: 'anthropic', value: { type: 'image' } },
        { type: 'opaque', dialect: 'anthropic', value: { text: 'x' } },
      ],
    ],
  ])('%s', (_name, content, expected) => {
    expect(parts(content, 'assistant')).toEqual(expected)
  })

  test("citations are kept, and another dialect's are what they were", () => {
    const native = { type: 'char_location', cited_text: 'A', document_title: 'T', document_index: 0 }
    const foreign = {
      type: 'web_search_result_location',
      url: 'https://a',
      title: null,
      cited_text: '',
      encrypted_index: 'gw1.own.openai.{"start":1,"end":3,"native":{"type":"url_citation"}}',
    }
    expect(parts([{ type: 'text', text: 'A', citations: [native, foreign, 7] }])).toEqual([
      {
        type: 'text',
        text: 'A',
        annotations: [
          { title: 'T', citedText: 'A', native: { dialect: 'anthropic', value: native } },
          {
            url: 'https://a',
            start: 1,
            end: 3,
            native: { dialect: 'openai', value: { type: 'url_citation' } },
          },
        ],
      },
    ])
  })

  test('results of tools are messages of their own, in their place', () => {
    const result = (id: string, more: JsonObject = {}): JsonObject => ({
      type: 'tool_result',
      tool_use_id: id,
      ...more,
    })
    const content = [
      result('a', { content: 'Rain', is_error: false }),
      result('b', { content: [{ type: 'text', text: 'No.' }], is_error: true }),
      { type: 'text', text: 'And?' },
      { type: 'text', text: 'Well?' },
    ]
    expect(read({ messages: [{ role: 'user', content }] }).messages).toEqual([
      {
        role: 'tool',
        parts: [
          { type: 'tool-result', callId: 'a', parts: [{ type: 'text', text: 'Rain' }], isError: false },
        ],
        extras: {},
      },
      {
        role: 'tool',
        parts: [{ type: 'tool-result', callId: 'b', parts: [{ type: 'text', text: 'No.' }], isError: true }],
        extras: {},
      },
      {
        role: 'user',
        parts: [
          { type: 'text', text: 'And?' },
          { type: 'text', text: 'Well?' },
        ],
        extras: {},
      },
    ])
  })
})

function system(text: string): ChatRequest['messages'][number] {
  return { role: 'system', parts: [{ type: 'text', text }], extras: {} }
}
