import { describe, expect, test } from 'vitest'
import type { JsonValue } from '../../core/json.ts'
import type { ChatRequest, Part } from '../../core/request.ts'
import { writeEmbeddingsRequest as writeEmbeddings } from './embeddings.ts'
import { readMessage } from './read-messages.ts'
import { readToolChoice, readTools } from './read-tools.ts'
import { writeChat } from './write-request.ts'

function request(changes: Partial<ChatRequest> = {}): ChatRequest {
  return { messages: [], stream: false, extras: {}, ...changes }
}

function body(changes: Partial<ChatRequest>, model: string | null = 'gpt-4o'): unknown {
  return JSON.parse(writeChat(request(changes), { model }).body)
}

function contentOf(parts: Part[]): unknown {
  const role = parts.some(({ type }) => type === 'tool-call') ? 'assistant' : 'user'
  const written = body({ messages: [{ role, parts, extras: {} }] })
  return written instanceof Object && 'messages' in written && Array.isArray(written.messages)
    ? written.messages[0]
    : undefined
}

describe('writeChat', () => {
  test("writes every canonical field in OpenAI's words", () => {
    const changes: Partial<ChatRequest> = {
      messages: [{ role: 'user', parts: [{ type: 'text', text: 'hi' }], extras: { name: 'bob' } }],
      stream: true,
      temperature: 0.5,
      topP: 0.9,
      maxTokens: 10,
      stop: ['END'],
      candidates: 2,
      tools: [
        { type: 'function', name: 'f', description: 'does', parameters: { type: 'object' }, strict: true },
      ],
      toolChoice: { type: 'tool', name: 'f' },
      extras: { seed: 7 },
    }
    expect(body(changes)).toEqual({
      model: 'gpt-4o',
      messages: [{ role: 'user', content: 'hi', name: 'bob' }],
      stream: true,
      temperature: 0.5,
      top_p: 0.9,
      max_tokens: 10,
      stop: ['END'],
      n: 2,
      tools: [
        {
          type: 'function',
          function: { name: 'f', description: 'does', parameters: { type: 'object' }, strict: true },
        },
      ],
      tool_choice: { type: 'function', function: { name: 'f' } },
      seed: 7,
    })
    expect(writeChat(request(changes), { model: 'gpt-4o' }).dropped).toEqual([])
  })

  test('leaves out what is not asked for, and the model when the provider has its own', () => {
    expect(body({}, null)).toEqual({ messages: [] })
  })

  test('leaves the model out where the URL has it, and writes what that model wants', () => {
    const target = { model: 'o3-mini', omitsModel: true }
    expect(JSON.parse(writeChat(request({ maxTokens: 5 }), target).body)).toEqual({
      max_completion_tokens: 5,
      messages: [],
    })
    expect(JSON.parse(writeEmbeddings({ input: 'a', extras: {} }, target).body)).toEqual({ input: 'a' })
  })

  test('lets an extra field never replace one of ours', () => {
    expect(body({ extras: { model: 'other', messages: 'x', n: 9 }, candidates: 1 })).toEqual({
      model: 'gpt-4o',
      messages: [],
      n: 1,
    })
  })

  test('gives a reasoning model its own name for max_tokens and no temperature by default', () => {
    expect(body({ maxTokens: 5, temperature: 0, temperatureIsDefault: true }, 'o3-mini')).toEqual({
      model: 'o3-mini',
      max_completion_tokens: 5,
      messages: [],
    })
  })

  test('gives a reasoning model the temperature that the client chose', () => {
    expect(body({ temperature: 1 }, 'o3-mini')).toMatchObject({ temperature: 1 })
  })

  test.each([['auto'], ['none'], ['required']] as const)('writes the tool choice %s as a word', (type) => {
    const tools = [{ type: 'function', name: 'f', parameters: {} } as const]
    expect(body({ tools, toolChoice: { type } })).toMatchObject({ tool_choice: type })
    expect(body({ toolChoice: { type } })).not.toHaveProperty('tool_choice')
  })

  test.each<[string, Part[], object]>([
    ['a single text as a plain string', [{ type: 'text', text: 'hi' }], { content: 'hi' }],
    [
      'several texts as parts',
      [
        { type: 'text', text: 'a' },
        { type: 'text', text: 'b' },
      ],
      {
        content: [
          { type: 'text', text: 'a' },
          { type: 'text', text: 'b' },
        ],
      },
    ],
    [
      'an image as a part',
      [{ type: 'image', source: { kind: 'url', url: 'u' } }],
      { content: [{ type: 'image_url', image_url: { url: 'u' } }] },
    ],
    [
      'what it does not know as it came',
      [{ type: 'opaque', value: { type: 'x', y: 1 } }],
      { content: [{ type: 'x', y: 1 }] },
    ],
    ['nothing as an empty text', [], { content: '' }],
    [
      'tool calls beside null',
      [{ type: 'tool-call', id: 'c', name: 'f', arguments: '{}' }],
      {
        content: null,
        tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: '{}' } }],
      },
    ],
    [
      'tool calls beside their text',
      [
        { type: 'text', text: 'a' },
        { type: 'tool-call', id: 'c', name: 'f', arguments: '' },
      ],
      { content: 'a', tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: '' } }] },
    ],
  ])('writes %s', (_what, parts, expected) => {
    expect(contentOf(parts)).toMatchObject(expected)
  })

  test("writes what was read from OpenAI's shape back as it was", () => {
    const messages = [
      { role: 'system', content: 'be brief' },
      {
        role: 'user',
        name: 'bob',
        content: [
          { type: 'text', text: 'a' },
          { type: 'image_url', image_url: { url: 'u' } },
        ],
      },
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: '{"a":1}' } }],
      },
      { role: 'tool', content: '4', tool_call_id: 'c' },
    ]
    const tools: JsonValue = [
      { type: 'function', function: { name: 'f', description: 'd', parameters: { a: 1 } } },
    ]
    const choice: JsonValue = { type: 'function', function: { name: 'f' } }
    const changes: Partial<ChatRequest> = { messages: messages.map((message) => readMessage(message)) }
    const readBack = readTools(tools)
    const chosen = readToolChoice(choice)
    if (readBack) changes.tools = readBack
    if (chosen) changes.toolChoice = chosen
    expect(body(changes, null)).toEqual({ messages, tools, tool_choice: choice })
  })

  test('keeps how closely an image is to be looked at', () => {
    const image = { type: 'image_url', image_url: { url: 'u', detail: 'low' } }
    const message = readMessage({ role: 'user', content: [image] })
    expect(body({ messages: [message] }, null)).toEqual({ messages: [{ role: 'user', content: [image] }] })
  })
})

test.each([
  ['one text', 'a'],
  ['a list', ['a', 'b']],
  ['an empty list', []],
])('writeEmbeddings writes %s as it is', (_what, input) => {
  const request = { input, extras: { dimensions: 8, model: 'other' } }
  expect(JSON.parse(writeEmbeddings(request, { model: 'm' }).body)).toEqual({
    model: 'm',
    input,
    dimensions: 8,
  })
  expect(writeEmbeddings({ input, extras: {} }, { model: null })).toEqual({
    body: JSON.stringify({ input }),
    dropped: [],
  })
})
