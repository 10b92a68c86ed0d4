import { describe, expect, test } from 'vitest'
import { answers, calls, chat, says, write, write422 } from '../../../test/support/anthropic-writing.ts'
import type { JsonValue } from '../../core/json.ts'
import { readUrl } from '../../core/media.ts'
import type { Message, Part } from '../../core/request.ts'
import { writeChat } from './write-request.ts'

const IMAGE: Part = { type: 'image', source: readUrl('data:image/png;base64,iVBORw0=') }

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

describe('parts', () => {
  const state = { dialect: 'anthropic', data: 'c2ln' }
  const foreign = { dialect: 'gemini', data: 'c2ln' }

  function content(...parts: Part[]): { content: unknown; dropped: string[] } {
    const isMedia = parts.every(({ type }) => type === 'file' || type === 'image')
    const messages = [
      says(isMedia ? 'assistant' : 'user', 'Hi'),
      says(isMedia ? 'user' : 'assistant', ...parts),
    ]
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
          annotations: [
            { native: { dialect: 'anthropic', value: { type: 'char_location' } } },
            { url: 'https://a' },
          ],
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
    expect(writeChat(chat({ messages }), { model: null }).body).toContain(
      '"input":{"id": 12345678901234567890}',
    )
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

  test('media that other models made are left out', () => {
    const messages = [says('user', 'Draw.'), says('assistant', 'Here:', IMAGE)]
    const { body, dropped } = writeChat(chat({ messages }), { model: null })
    expect(JSON.parse(body)).toMatchObject({ messages: [{}, { role: 'assistant', content: 'Here:' }] })
    expect(dropped).toEqual(['messages.media'])
  })
})
