import { describe, expect, test } from 'vitest'
import type { JsonObject, JsonValue } from '../../core/json.ts'
import type { ChatRequest, Part } from '../../core/request.ts'
import { readChatRequest } from './read-request.ts'

function read(more: JsonObject): ChatRequest {
  return readChatRequest({ model: 'm', messages: [{ role: 'user', content: 'Hi' }], ...more })
}

function partsOf(...messages: JsonObject[]): Part[][] {
  return read({ messages }).messages.map(({ parts }) => parts)
}

function refused(message: string): unknown {
  return expect.objectContaining({ message: expect.stringContaining(message), status: 400 })
}

describe('messages', () => {
  test.each<[string, JsonValue]>([
    ['none', null],
    ['a text', 'Hi'],
    ['a list of texts', ['Hi']],
    ['a message without a role', [{ content: 'Hi' }]],
  ])('that are %s are refused', (_what, messages) => {
    expect(() => read({ messages })).toThrow(refused("'messages"))
  })

  test('of hostile contents are read all the same', () => {
    expect(partsOf({ role: 'user', content: [1, null, { type: 'text' }, { type: 'image_url' }] })).toEqual([
      [
        { type: 'text', text: '' },
        { type: 'opaque', dialect: 'cohere', value: { type: 'image_url' } },
      ],
    ])
  })

  test('hold a plan for tools between contents and calls', () => {
    const call = {
      id: 'c',
      type: 'function',
      function: { name: 'f', arguments: '{"n":12345678901234567890}' },
    }
    expect(
      partsOf({ role: 'assistant', content: '', tool_plan: 'I will look.', tool_calls: [call] }),
    ).toEqual([
      [
        { type: 'thinking', text: 'I will look.', state: { dialect: 'cohere', data: 'tool_plan' } },
        { type: 'tool-call', id: 'c', name: 'f', arguments: '{"n":12345678901234567890}' },
      ],
    ])
  })

  test('hold documents as results of tools', () => {
    const content = [
      { type: 'document', document: { id: '1', data: { title: 'A', snippet: 'B' } } },
      { type: 'document', document: { data: { text: 'C' } } },
    ]
    expect(partsOf({ role: 'tool', tool_call_id: 'c', content })).toEqual([
      [
        {
          type: 'tool-result',
          callId: 'c',
          parts: [
            {
              type: 'file',
              name: '1',
              source: { kind: 'text', text: '{"title":"A","snippet":"B"}', mediaType: 'application/json' },
            },
            { type: 'file', source: { kind: 'text', text: 'C' } },
          ],
        },
      ],
    ])
  })

  test('hold citations at the text that they are of', () => {
    const citation = { start: 0, end: 1, sources: [{ document: { url: 'u', title: 't', snippet: 's' } }] }
    const content = [
      { type: 'thinking', thinking: 'Hm.' },
      { type: 'text', text: 'A.' },
    ]
    const [[, text] = []] = partsOf({ role: 'assistant', content, citations: [citation] })
    expect(text).toEqual({
      type: 'text',
      text: 'A.',
      annotations: [
        {
          url: 'u',
          title: 't',
          citedText: 's',
          start: 0,
          end: 1,
          native: { dialect: 'cohere', value: citation },
        },
      ],
    })
  })

  test('hold the state of other models that our answers gave them', () => {
    const content = [
      { type: 'thinking', thinking: 'Hm.', signature: 'gw1.own.anthropic.c2ln' },
      { type: 'thinking', thinking: '', data: 'gw1.own.anthropic.eA==' },
      { type: 'text', text: 'A.', signature: 'gw1.own.gemini.eQ==' },
    ]
    const calls = [{ id: 'c', function: { name: 'f', arguments: '{}' }, signature: 'gw1.own.gemini.eg==' }]
    expect(partsOf({ role: 'assistant', content, tool_calls: calls })).toEqual([
      [
        { type: 'thinking', text: 'Hm.', state: { dialect: 'anthropic', data: 'c2ln' } },
        { type: 'redacted-thinking', state: { dialect: 'anthropic', data: 'eA==' } },
        { type: 'text', text: 'A.', state: { dialect: 'gemini', data: 'eQ==' } },
        {
          type: 'tool-call',
          id: 'c',
          name: 'f',
          arguments: '{}',
          state: { dialect: 'gemini', data: 'eg==' },
        },
      ],
    ])
  })
})

describe('options', () => {
  test('that have no place elsewhere are extras', () => {
    const extras = { documents: ['A.'], citation_options: { mode: 'FAST' }, safety_mode: 'OFF' }
    expect(read(extras)).toMatchObject({ extras, extrasDialect: 'cohere' })
  })

  test.each<[JsonObject, Partial<ChatRequest>]>([
    [{ response_format: { type: 'json_object' } }, { responseFormat: { type: 'json' } }],
    [
      { response_format: { type: 'json_object', schema: { type: 'object' } } },
      { responseFormat: { type: 'json-schema', schema: { type: 'object' } } },
    ],
    [{ response_format: { type: 'text' } }, { responseFormat: { type: 'text' } }],
    [{ thinking: { type: 'enabled' } }, { reasoning: { isAdaptive: true } }],
    [{ thinking: { type: 'enabled', token_budget: 9 } }, { reasoning: { budgetTokens: 9 } }],
    [{ thinking: { type: 'disabled' } }, { reasoning: { effort: 'none' } }],
    [{ tool_choice: 'REQUIRED' }, { toolChoice: { type: 'required' } }],
    [
      { temperature: 1.5, p: 0.5, k: 3 },
      { temperature: 1.5, topP: 0.5, topK: 3 },
    ],
  ])('%j', (body, expected) => {
    expect(read(body)).toMatchObject(expected)
  })

  test('of null are none', () => {
    const nulls = { temperature: null, tools: null, tool_choice: null, thinking: null, stop_sequences: null }
    expect(read(nulls)).toEqual(read({}))
  })

  test('a choice of tools that Cohere does not know is refused', () => {
    expect(() => read({ tool_choice: 'auto' })).toThrow(refused("'tool_choice'"))
  })
})
