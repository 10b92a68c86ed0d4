import { describe, expect, test } from 'vitest'
import { readMessage } from './read-messages.ts'
import { readToolChoice, readTools } from './read-tools.ts'

describe('readMessage', () => {
  test('reads a text', () => {
    expect(readMessage({ role: 'user', content: 'hi', name: 'bob' })).toEqual({
      role: 'user',
      parts: [{ type: 'text', text: 'hi' }],
      extras: { name: 'bob' },
    })
  })

  test('reads parts, and keeps whole what it does not know', () => {
    const video = { type: 'video_url', video_url: { url: 'https://x/y.mp4' } }
    const content = [
      { type: 'text', text: 'look' },
      { type: 'image_url', image_url: { url: 'data:image/png;base64,AA', detail: 'low' } },
      video,
    ]
    expect(readMessage({ role: 'user', content }).parts).toEqual([
      { type: 'text', text: 'look' },
      { type: 'image', source: { kind: 'base64', mediaType: 'image/png', data: 'AA' }, detail: 'low' },
      { type: 'opaque', value: video },
    ])
    expect(readMessage({ role: 'user', content: [video] }, 'openai').parts).toEqual([
      { type: 'opaque', dialect: 'openai', value: video },
    ])
  })

  test('reads tool calls beside no content', () => {
    const tool_calls = [
      { id: 'c1', type: 'function', function: { name: 'f', arguments: '{"a":1}' } },
      { id: 'c2', type: 'function', function: { name: 'g' } },
    ]
    expect(readMessage({ role: 'assistant', content: null, tool_calls })).toEqual({
      role: 'assistant',
      parts: [
        { type: 'tool-call', id: 'c1', name: 'f', arguments: '{"a":1}' },
        { type: 'tool-call', id: 'c2', name: 'g', arguments: '{}' },
      ],
      extras: {},
    })
  })

  test('reads the answer of a tool', () => {
    expect(readMessage({ role: 'tool', tool_call_id: 'c1', content: '4' })).toEqual({
      role: 'tool',
      parts: [{ type: 'tool-result', callId: 'c1', parts: [{ type: 'text', text: '4' }] }],
      extras: {},
    })
  })

  test.each([
    [{}],
    [{ content: null }],
    [{ content: [] }],
    [{ content: ['text', 5] }],
    [{ tool_calls: 'x' }],
  ])('finds no part in %j', (message) => {
    expect(readMessage(message)).toMatchObject({ role: 'user', parts: [] })
  })
})

describe('readTools', () => {
  test('reads functions with all that they define', () => {
    const parameters = { type: 'object', properties: { a: { type: 'string' } } }
    expect(
      readTools([
        { type: 'function', function: { name: 'f', description: 'does', parameters, strict: true } },
        { type: 'function', function: { name: 'g' } },
      ]),
    ).toEqual([
      { type: 'function', name: 'f', description: 'does', parameters, strict: true },
      { type: 'function', name: 'g', parameters: {} },
    ])
  })

  test.each([
    [undefined],
    [null],
    ['f'],
    [[{ type: 'web_search' }]],
    [[{ type: 'function', function: { name: 'f' } }, { type: 'web_search' }]],
    [[{ type: 'function', function: { name: 5 } }]],
  ])('leaves %j to the provider', (tools) => {
    expect(readTools(tools)).toBeUndefined()
  })
})

test.each([
  ['auto', { type: 'auto' }],
  ['none', { type: 'none' }],
  ['required', { type: 'required' }],
  [
    { type: 'function', function: { name: 'f' } },
    { type: 'tool', name: 'f' },
  ],
  ['any', undefined],
  [{ type: 'allowed_tools' }, undefined],
  [null, undefined],
  [undefined, undefined],
])('the tool choice %j is read as %j', (choice, expected) => {
  expect(readToolChoice(choice)).toEqual(expected)
})
