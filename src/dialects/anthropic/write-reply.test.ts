import Anthropic from '@anthropic-ai/sdk'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { PartHead, ReplyEvent } from '../../core/events.ts'
import type { JsonObject } from '../../core/json.ts'
import type { ModelState } from '../../core/state.ts'
import { AnthropicReplyWriter } from './write-reply.ts'

type Said = PartHead & { texts?: string[]; end?: ModelState }

function part(index: number, { texts = [], end, ...head }: Said): ReplyEvent[] {
  const at = { candidate: 0, part: index }
  return [
    { type: 'part-start', ...at, ...head },
    ...texts.map((text): ReplyEvent => ({ type: 'part-delta', ...at, text })),
    { type: 'part-end', ...at, ...(end ? { state: end } : {}) },
  ]
}

function reply(parts: Said[], reason = 'stop'): ReplyEvent[] {
  return [
    { type: 'reply-start', id: 'chatcmpl-1', model: 'a-model' },
    ...parts.flatMap((said, index) => part(index, said)),
    { type: 'candidate-end', candidate: 0, reason },
    { type: 'usage', usage: { inputTokens: 12, outputTokens: 8, cacheReadTokens: 5, reasoningTokens: 3 } },
    { type: 'reply-end' },
  ]
}

function whole(events: ReplyEvent[]): JsonObject {
  const message: JsonObject = JSON.parse(new AnthropicReplyWriter().whole(events))
  return message
}

function stream(events: ReplyEvent[]): string {
  const writer = new AnthropicReplyWriter()
  return events.map((event) => writer.stream([event])).join('')
}

/** What Anthropic's SDK makes of a stream. */
async function accumulate(text: string): Promise<JsonObject> {
  const client = new Anthropic({
    apiKey: 'none',
    maxRetries: 0,
    fetch: () => Promise.resolve(new Response(text, { headers: { 'content-type': 'text/event-stream' } })),
  })
  const message = await client.messages.stream({ model: 'x', max_tokens: 1, messages: [] }).finalMessage()
  const { parsed_output: _parsed, ...plain }: JsonObject = JSON.parse(JSON.stringify(message))
  return plain
}

const GEMINI = { dialect: 'gemini', data: 'c2ln' }
const CALL = { kind: 'tool-call', id: 'call_1', name: 'weather' } as const

describe('an answer', () => {
  test.each<[string, Said[], string, JsonObject[], string]>([
    [
      'a text',
      [{ kind: 'text', texts: ['Hel', 'lo'] }],
      'stop',
      [{ type: 'text', text: 'Hello' }],
      'end_turn',
    ],
    [
      'empty texts are none',
      [{ kind: 'text' }, { kind: 'thinking' }, { kind: 'text', texts: [''] }],
      'length',
      [],
      'max_tokens',
    ],
    [
      'its own thinking',
      [
        { kind: 'thinking', texts: ['Hm.'], end: { dialect: 'anthropic', data: 'c2ln' } },
        { kind: 'thinking', end: { dialect: 'anthropic', data: 'b21pdHRlZA==' } },
        { kind: 'redacted-thinking', state: { dialect: 'anthropic', data: 'eA==' } },
      ],
      'stop',
      [
        { type: 'thinking', thinking: 'Hm.', signature: 'c2ln' },
        { type: 'thinking', thinking: '', signature: 'b21pdHRlZA==' },
        { type: 'redacted_thinking', data: 'eA==' },
      ],
      'end_turn',
    ],
    [
      'thinking of others',
      [
        { kind: 'thinking', texts: ['Hm.'], end: GEMINI },
        { kind: 'thinking', texts: ['Hm.'] },
        { kind: 'redacted-thinking', state: GEMINI },
      ],
      'stop',
      [
        { type: 'thinking', thinking: 'Hm.', signature: 'gw1.own.gemini.c2ln' },
        { type: 'thinking', thinking: 'Hm.', signature: 'gw1.own.none.' },
        { type: 'redacted_thinking', data: 'gw1.own.gemini.c2ln' },
      ],
      'end_turn',
    ],
    [
      'a call',
      [{ ...CALL, texts: ['{"city":', '"Oslo"}'] }],
      'tool_calls',
      [{ type: 'tool_use', id: 'call_1', name: 'weather', input: { city: 'Oslo' } }],
      'tool_use',
    ],
    [
      'a call without arguments, of a provider that does not say why it ends',
      [CALL],
      'stop',
      [{ type: 'tool_use', id: 'call_1', name: 'weather', input: {} }],
      'tool_use',
    ],
    [
      'a signed call',
      [{ ...CALL, state: GEMINI, texts: ['{}'] }],
      'tool_calls',
      [
        { type: 'redacted_thinking', data: 'gw1.next.gemini.c2ln' },
        { type: 'tool_use', id: 'call_1', name: 'weather', input: {} },
      ],
      'tool_use',
    ],
    [
      'a call that a program made',
      [{ ...CALL, state: { dialect: 'anthropic', data: '{"caller":{"type":"x"},"id":"y"}' }, texts: ['{}'] }],
      'tool_calls',
      [{ type: 'tool_use', id: 'call_1', name: 'weather', input: {}, caller: { type: 'x' } }],
      'tool_use',
    ],
    [
      'signed texts',
      [
        { kind: 'text', texts: ['Hi'], end: GEMINI },
        { kind: 'text', end: GEMINI },
      ],
      'stop',
      [
        { type: 'text', text: 'Hi' },
        { type: 'redacted_thinking', data: 'gw1.previous.gemini.c2ln' },
        { type: 'redacted_thinking', data: 'gw1.own.gemini.c2ln' },
      ],
      'end_turn',
    ],
    ['a refusal', [{ kind: 'refusal', texts: ['No.'] }], 'stop', [{ type: 'text', text: 'No.' }], 'refusal'],
    [
      'media, and what only one dialect knows',
      [
        { kind: 'media', mediaType: 'image/png', data: 'AA' },
        { kind: 'media', mediaType: 'audio/wav', data: 'AA' },
        {
          kind: 'opaque',
          dialect: 'anthropic',
          value: { type: 'server_tool_use', id: 's', name: 'w', input: { q: 1 } },
        },
        { kind: 'opaque', dialect: 'openai', value: { type: 'web_search_call' } },
      ],
      'a reason of tomorrow',
      [
        { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AA' } },
        { type: 'document', source: { type: 'base64', media_type: 'audio/wav', data: 'AA' } },
        { type: 'server_tool_use', id: 's', name: 'w', input: { q: 1 } },
      ],
      'end_turn',
    ],
  ])('%s', async (_name, parts, reason, content, stopReason) => {
    const events = reply(parts, reason)
    const expected = {
      id: 'msg_chatcmpl-1',
      type: 'message',
      role: 'assistant',
      model: 'a-model',
      content,
      stop_reason: stopReason,
      stop_sequence: null,
      usage: {
        input_tokens: 7,
        cache_read_input_tokens: 5,
        output_tokens: 8,
        output_tokens_details: { thinking_tokens: 3 },
      },
    }
    expect(whole(events)).toEqual(expected)
    expect(await accumulate(stream(events))).toEqual(expected)
  })

  test('keeps large numbers in arguments, and shows broken ones', () => {
    const numbers = new AnthropicReplyWriter().whole(
      reply([{ ...CALL, texts: ['{"id":12345678901234567890}'] }]),
    )
    expect(numbers).toContain('"input":{"id":12345678901234567890}')
    expect(whole(reply([{ ...CALL, texts: ['{"a":'] }]))['content']).toMatchObject([
      { input: { INVALID_JSON: '{"a":' } },
    ])
  })

  test('cites, also the sources of others', async () => {
    const own = { type: 'char_location', cited_text: 'A' }
    const at = { candidate: 0, part: 0 }
    const events: ReplyEvent[] = [
      { type: 'part-start', ...at, kind: 'text' },
      { type: 'part-delta', ...at, text: 'A' },
      { type: 'annotation', ...at, annotation: { native: { dialect: 'anthropic', value: own } } },
      { type: 'annotation', ...at, annotation: { url: 'https://a', title: 'T', start: 0, end: 1 } },
      { type: 'annotation', ...at, annotation: { title: 'a file that no one else knows' } },
      { type: 'part-end', ...at },
      { type: 'candidate-end', candidate: 0, reason: 'stop' },
      { type: 'reply-end' },
    ]
    const content = [
      {
        type: 'text',
        text: 'A',
        citations: [
          own,
          {
            type: 'web_search_result_location',
            url: 'https://a',
            title: 'T',
            cited_text: '',
            encrypted_index: 'gw1.own.none.{"start":0,"end":1}',
          },
        ],
      },
    ]
    expect(whole(events)['content']).toEqual(content)
    expect((await accumulate(stream(events)))['content']).toEqual(content)
  })

  test('is the first of several, and has an id and a stop sequence when the provider told none and one', () => {
    const events: ReplyEvent[] = [
      { type: 'part-start', candidate: 1, part: 0, kind: 'text' },
      { type: 'part-delta', candidate: 1, part: 0, text: 'Two' },
      { type: 'part-start', candidate: 0, part: 0, kind: 'text' },
      { type: 'part-delta', candidate: 0, part: 0, text: 'One' },
      { type: 'part-end', candidate: 0, part: 0 },
      { type: 'part-end', candidate: 1, part: 0 },
      { type: 'candidate-end', candidate: 1, reason: 'length' },
      { type: 'candidate-end', candidate: 0, reason: 'stop', stopSequence: 'END' },
      { type: 'reply-end' },
    ]
    const message = whole(events)
    expect(message).toMatchObject({
      content: [{ type: 'text', text: 'One' }],
      stop_reason: 'stop_sequence',
      stop_sequence: 'END',
      usage: { input_tokens: 0, output_tokens: 0 },
    })
    expect(message['id']).toMatch(/^msg_[0-9a-f]{32}$/)
    expect(stream(events)).not.toContain('Two')
  })

  test("ends with Anthropic's own word where it says more", () => {
    const native = { dialect: 'anthropic', reason: 'pause_turn' }
    const events: ReplyEvent[] = [{ type: 'candidate-end', candidate: 0, reason: 'pause_turn', native }]
    expect(whole(events)['stop_reason']).toBe('pause_turn')
  })
})

describe('a stream', () => {
  test('names its events, in their order', () => {
    const text = stream(
      reply([
        { kind: 'thinking', texts: ['Hm.'], end: GEMINI },
        { ...CALL, texts: ['{}'] },
      ]),
    )
    expect(text.split('\n\n').map((frame) => /^event: (\w+)/.exec(frame)?.[1] ?? '')).toEqual([
      'message_start',
      'content_block_start',
      'content_block_delta',
      'content_block_delta',
      'content_block_stop',
      'content_block_start',
      'content_block_delta',
      'content_block_stop',
      'message_delta',
      'message_stop',
      '',
    ])
  })

  test('begins with the size of the prompt when it is known by then', () => {
    const text = stream([
      { type: 'reply-start', id: 'msg_1' },
      {
        type: 'usage',
        usage: { inputTokens: 12, outputTokens: 1, cacheWriteTokens: 2, cacheWrite1hTokens: 3 },
      },
      ...part(0, { kind: 'text', texts: ['Hi'] }),
    ])
    const [first = ''] = text.split('\n\n')
    expect(JSON.parse(first.slice(first.indexOf('{')))).toMatchObject({
      message: {
        id: 'msg_1',
        usage: {
          input_tokens: 7,
          cache_creation_input_tokens: 5,
          cache_creation: { ephemeral_5m_input_tokens: 2, ephemeral_1h_input_tokens: 3 },
          output_tokens: 0,
        },
      },
    })
  })

  test('does not end without the last event', () => {
    expect(stream(reply([{ kind: 'text', texts: ['Hi'] }]).slice(0, -1))).not.toContain('message_stop')
  })

  test('has one open block at a time, however parts interleave', async () => {
    const parts: Said[] = [
      { ...CALL, id: 'a', texts: ['{"x"', ':1}'] },
      { kind: 'text', texts: ['A', 'B', ''] },
      { ...CALL, id: 'b', texts: ['{"y":2', '}'] },
    ]
    const queues = parts.map((said, index) => part(index, said))
    const expected = whole(reply(parts))['content']
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(2), { maxLength: 30 }), async (picks) => {
        const rest = structuredClone(queues)
        const mixed: ReplyEvent[] = []
        // Parts begin in their order: that is how they are numbered.
        for (const queue of rest) mixed.push(...queue.splice(0, 1))
        for (const pick of picks) mixed.push(...(rest[pick]?.splice(0, 1) ?? []))
        mixed.push(
          ...rest.flat(),
          { type: 'candidate-end', candidate: 0, reason: 'stop' },
          { type: 'reply-end' },
        )
        expect((await accumulate(stream(mixed)))['content']).toEqual(expected)
      }),
      { numRuns: 30 },
    )
  })
})
