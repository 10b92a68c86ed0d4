import { describe, expect, test } from 'vitest'
import type { ReplyEvent } from '../../core/events.ts'
import type { JsonObject, JsonValue } from '../../core/json.ts'
import { AnthropicReplyReader } from './read-reply.ts'

function stream(...events: JsonObject[]): ReplyEvent[] {
  const reader = new AnthropicReplyReader()
  return events.flatMap((event) => reader.frame({ data: JSON.stringify(event) }))
}

function whole(message: JsonObject): ReplyEvent[] {
  return new AnthropicReplyReader().whole(JSON.stringify(message))
}

function start(usage: JsonObject = { input_tokens: 9, output_tokens: 1 }): JsonObject {
  return { type: 'message_start', message: { id: 'msg_1', model: 'claude-x', content: [], usage } }
}

function open(index: number, block: JsonObject): JsonObject {
  return { type: 'content_block_start', index, content_block: block }
}

function delta(index: number, type: string, fields: JsonObject): JsonObject {
  return { type: 'content_block_delta', index, delta: { type, ...fields } }
}

function close(index: number): JsonObject {
  return { type: 'content_block_stop', index }
}

function finish(reason: string | null, usage: JsonObject = { output_tokens: 20 }): JsonObject {
  return { type: 'message_delta', delta: { stop_reason: reason, stop_sequence: null }, usage }
}

const PING = { type: 'ping' }
const STOP = { type: 'message_stop' }
const TEXT = { type: 'text', text: '' }

/** Thinking, text and two tool calls, as blocks of a whole message. */
const RICH_BLOCKS: JsonValue[] = [
  { type: 'thinking', thinking: 'Two cities, two calls.', signature: 'c2ln' },
  { type: 'text', text: 'Let me look.' },
  { type: 'tool_use', id: 'toolu_1', name: 'weather', input: { city: 'Oslo' } },
  { type: 'tool_use', id: 'toolu_2', name: 'now', input: {} },
]

const RICH_EVENTS: ReplyEvent[] = [
  { type: 'reply-start', id: 'msg_1', model: 'claude-x' },
  { type: 'part-start', candidate: 0, part: 0, kind: 'thinking' },
  { type: 'part-delta', candidate: 0, part: 0, text: 'Two cities, two calls.' },
  { type: 'part-end', candidate: 0, part: 0, state: { dialect: 'anthropic', data: 'c2ln' } },
  { type: 'part-start', candidate: 0, part: 1, kind: 'text' },
  { type: 'part-delta', candidate: 0, part: 1, text: 'Let me look.' },
  { type: 'part-end', candidate: 0, part: 1 },
  { type: 'part-start', candidate: 0, part: 2, kind: 'tool-call', id: 'toolu_1', name: 'weather' },
  { type: 'part-delta', candidate: 0, part: 2, text: '{"city":"Oslo"}' },
  { type: 'part-end', candidate: 0, part: 2 },
  { type: 'part-start', candidate: 0, part: 3, kind: 'tool-call', id: 'toolu_2', name: 'now' },
  { type: 'part-delta', candidate: 0, part: 3, text: '{}' },
  { type: 'part-end', candidate: 0, part: 3 },
  { type: 'candidate-end', candidate: 0, reason: 'tool_calls' },
  { type: 'usage', usage: { inputTokens: 9, outputTokens: 20 } },
  { type: 'reply-end' },
]

/** The usage that a stream tells at its start. */
const FIRST_USAGE: ReplyEvent = { type: 'usage', usage: { inputTokens: 9, outputTokens: 1 } }

describe('a whole message', () => {
  test('is thinking, text and tool calls in their order', () => {
    const message = {
      id: 'msg_1',
      type: 'message',
      model: 'claude-x',
      content: RICH_BLOCKS,
      stop_reason: 'tool_use',
      usage: { input_tokens: 9, output_tokens: 20 },
    }
    expect(whole(message)).toEqual(RICH_EVENTS)
  })

  test('may have no content, no usage and no reason', () => {
    expect(whole({ type: 'message', content: [] })).toEqual([
      { type: 'reply-start' },
      { type: 'candidate-end', candidate: 0, reason: 'stop' },
      { type: 'reply-end' },
    ])
  })

  test.each([
    ['is cut off', '{"type":"message","content":[{"te', "The provider's answer is not valid JSON."],
    ['is a page', '<html>secret-canary</html>', "The provider's answer is not valid JSON."],
    ['is a list', '[]', "The provider's answer is not a JSON object."],
    [
      'is of another API',
      '{"choices":[]}',
      'The provider\'s answer is not a message: it has no list named "content".',
    ],
  ])('that %s is a bad response that does not quote it', (_what, body, message) => {
    const read = (): ReplyEvent[] => new AnthropicReplyReader().whole(body)
    expect(read).toThrow(expect.objectContaining({ message, kind: 'bad_response', status: 502 }))
    expect(read).not.toThrow(expect.objectContaining({ cause: expect.anything() }))
  })

  test('that is an error in spite of its status is thrown', () => {
    expect(() => whole({ type: 'error', error: { type: 'overloaded_error', message: 'Busy.' } })).toThrow(
      expect.objectContaining({ message: 'Busy.', kind: 'overloaded', status: 529 }),
    )
  })
})

describe('a stream', () => {
  test('gives the same events as the whole message', () => {
    const events = stream(
      start(),
      open(0, { type: 'thinking', thinking: '', signature: '' }),
      PING,
      delta(0, 'thinking_delta', { thinking: 'Two cities, two calls.', estimated_tokens: 6 }),
      delta(0, 'thinking_delta', { thinking: '' }),
      delta(0, 'signature_delta', { signature: 'c2ln' }),
      close(0),
      open(1, TEXT),
      delta(1, 'text_delta', { text: 'Let me look.' }),
      close(1),
      open(2, { type: 'tool_use', id: 'toolu_1', name: 'weather', input: {} }),
      delta(2, 'input_json_delta', { partial_json: '' }),
      delta(2, 'input_json_delta', { partial_json: '{"city":"Oslo"}' }),
      close(2),
      open(3, { type: 'tool_use', id: 'toolu_2', name: 'now', input: {} }),
      delta(3, 'input_json_delta', { partial_json: '' }),
      close(3),
      finish('tool_use'),
      STOP,
    )
    expect(events).toEqual([RICH_EVENTS[0], FIRST_USAGE, ...RICH_EVENTS.slice(1)])
  })

  test('keeps the parts of interleaved tool calls apart', () => {
    const deltas = stream(
      start(),
      open(0, { type: 'tool_use', id: 'a', name: 'f', input: {} }),
      open(1, { type: 'tool_use', id: 'b', name: 'g', input: {} }),
      delta(0, 'input_json_delta', { partial_json: '{"x"' }),
      delta(1, 'input_json_delta', { partial_json: '{"y":2}' }),
      delta(0, 'input_json_delta', { partial_json: ':1}' }),
      close(1),
      close(0),
      finish('tool_use'),
      STOP,
    ).filter((event) => event.type === 'part-delta')
    expect(deltas.map(({ part, text }) => [part, text])).toEqual([
      [0, '{"x"'],
      [1, '{"y":2}'],
      [0, ':1}'],
    ])
  })

  test('may carry the whole input of a tool call in the start of its block', () => {
    const events = stream(
      start(),
      open(0, { type: 'tool_use', id: 'a', name: 'f', input: { x: 1 } }),
      close(0),
    )
    expect(events).toContainEqual({ type: 'part-delta', candidate: 0, part: 0, text: '{"x":1}' })
  })

  test('hands on blocks that it does not know, put together, and passes over other events', () => {
    const events = stream(
      start(),
      { type: 'event_of_tomorrow', index: 0 },
      open(0, { type: 'redacted_thinking', data: 'eA==' }),
      close(0),
      open(1, { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: {} }),
      delta(1, 'input_json_delta', { partial_json: '{"query"' }),
      delta(1, 'input_json_delta', { partial_json: ':"x"}' }),
      close(1),
      open(2, { type: 'web_search_tool_result', tool_use_id: 'srvtoolu_1', content: [] }),
      close(2),
      open(3, { type: 'compaction', content: null }),
      delta(3, 'compaction_delta', { content: 'So far: ' }),
      delta(3, 'compaction_delta', { content: 'nothing.' }),
      close(3),
      open(4, TEXT),
      delta(4, 'delta_of_tomorrow', { value: 'x' }),
      delta(4, 'text_delta', { text: 'Found.' }),
      close(4),
      finish('end_turn'),
      STOP,
    )
    const opaque = (part: number, value: JsonObject): ReplyEvent[] => [
      { type: 'part-start', candidate: 0, part, kind: 'opaque', dialect: 'anthropic', value },
      { type: 'part-end', candidate: 0, part },
    ]
    const state = { dialect: 'anthropic', data: 'eA==' }
    expect(events).toEqual([
      { type: 'reply-start', id: 'msg_1', model: 'claude-x' },
      FIRST_USAGE,
      { type: 'part-start', candidate: 0, part: 0, kind: 'redacted-thinking', state },
      { type: 'part-end', candidate: 0, part: 0 },
      ...opaque(1, { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: { query: 'x' } }),
      ...opaque(2, { type: 'web_search_tool_result', tool_use_id: 'srvtoolu_1', content: [] }),
      ...opaque(3, { type: 'compaction', content: 'So far: nothing.' }),
      { type: 'part-start', candidate: 0, part: 4, kind: 'text' },
      { type: 'part-delta', candidate: 0, part: 4, text: 'Found.' },
      { type: 'part-end', candidate: 0, part: 4 },
      { type: 'candidate-end', candidate: 0, reason: 'stop' },
      { type: 'usage', usage: { inputTokens: 9, outputTokens: 20 } },
      { type: 'reply-end' },
    ])
  })

  test('keeps who made a call, unless it was the model itself', () => {
    const caller = { type: 'code_execution_20250825', tool_id: 'srvtoolu_1' }
    const call = { type: 'tool_use', id: 'a', name: 'f', input: {} }
    const states = stream(
      start(),
      open(0, { ...call, caller }),
      open(1, { ...call, caller: { type: 'direct' } }),
    ).flatMap((event) => ('kind' in event && event.kind === 'tool-call' ? [event.state] : []))
    expect(states).toEqual([{ dialect: 'anthropic', data: JSON.stringify({ caller }) }, undefined])
  })

  test('cites its sources', () => {
    const citation = { type: 'page_location', cited_text: 'Cats.', document_title: 'Zoo', document_index: 0 }
    const annotation = { title: 'Zoo', citedText: 'Cats.', native: { dialect: 'anthropic', value: citation } }
    const expected = { type: 'annotation', candidate: 0, part: 0, annotation }
    expect(stream(start(), open(0, TEXT), delta(0, 'citations_delta', { citation }))).toContainEqual(expected)
    const content = [{ type: 'text', text: 'Cats', citations: [citation] }]
    expect(whole({ content })).toContainEqual(expected)
  })

  test('of which only the beginning and the end are seen tells both counts and its end', () => {
    const events = stream(
      start({ input_tokens: 9, cache_read_input_tokens: 3, output_tokens: 1 }),
      open(0, TEXT),
      delta(0, 'text_delta', { text: 'Hel' }),
      delta(7, 'input_json_delta', { partial_json: ' more"}' }),
      close(7),
      finish('tool_use'),
      STOP,
    )
    expect(events.slice(-4)).toEqual([
      { type: 'part-end', candidate: 0, part: 0 },
      { type: 'candidate-end', candidate: 0, reason: 'tool_calls' },
      { type: 'usage', usage: { inputTokens: 12, cacheReadTokens: 3, outputTokens: 20 } },
      { type: 'reply-end' },
    ])
  })

  test('that reaches its token limit ends open parts before the candidate', () => {
    const events = stream(
      start(),
      open(0, TEXT),
      delta(0, 'text_delta', { text: 'Once upon' }),
      finish('max_tokens'),
      STOP,
    )
    expect(events.slice(4)).toEqual([
      { type: 'part-end', candidate: 0, part: 0 },
      { type: 'candidate-end', candidate: 0, reason: 'length' },
      { type: 'usage', usage: { inputTokens: 9, outputTokens: 20 } },
      { type: 'reply-end' },
    ])
  })

  test('that is refused ends with the explanation as a refusal', () => {
    const refused = {
      type: 'message_delta',
      delta: { stop_reason: 'refusal', stop_details: { type: 'refusal', explanation: 'Not this.' } },
      usage: { output_tokens: 3 },
    }
    expect(stream(start(), PING, refused, STOP).slice(2)).toEqual([
      { type: 'part-start', candidate: 0, part: 0, kind: 'refusal' },
      { type: 'part-delta', candidate: 0, part: 0, text: 'Not this.' },
      { type: 'part-end', candidate: 0, part: 0 },
      { type: 'candidate-end', candidate: 0, reason: 'content_filter' },
      { type: 'usage', usage: { inputTokens: 9, outputTokens: 3 } },
      { type: 'reply-end' },
    ])
  })

  test('that is refused without a word just ends', () => {
    expect(stream(start(), finish('refusal'), STOP).slice(2, 3)).toEqual([
      { type: 'candidate-end', candidate: 0, reason: 'content_filter' },
    ])
  })

  test('that fails on the way ends with the error and nothing after it', () => {
    const events = stream(
      start(),
      open(0, TEXT),
      delta(0, 'text_delta', { text: 'Half' }),
      { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } },
      close(0),
      finish('end_turn'),
      STOP,
    )
    expect(events.map((event) => event.type)).toEqual([
      'reply-start',
      'usage',
      'part-start',
      'part-delta',
      'error',
    ])
    expect(events.at(-1)).toMatchObject({ error: { message: 'Overloaded', kind: 'overloaded', status: 529 } })
  })

  test.each([
    ['rate_limit_error', 'rate_limit', 429],
    ['invalid_request_error', 'bad_request', 400],
    ['authentication_error', 'auth', 401],
    ['api_error', 'server_error', 500],
    ['a_type_of_tomorrow', 'server_error', 502],
  ])('tells the kind of an error by its type: %s', (type, kind, status) => {
    const [event] = stream({ type: 'error', error: { type, message: 'No.' } })
    expect(event).toMatchObject({ type: 'error', error: { message: 'No.', kind, status } })
  })

  test('does not end without its last event', () => {
    const types = stream(start(), open(0, TEXT), close(0), finish('end_turn')).map((event) => event.type)
    expect(types).not.toContain('reply-end')
  })

  test('ignores what follows its last event', () => {
    const reader = new AnthropicReplyReader()
    reader.frame({ data: JSON.stringify(start()) })
    reader.frame({ data: JSON.stringify(STOP) })
    expect(reader.frame({ data: '[DONE]' })).toEqual([])
  })

  test('may send its start twice', () => {
    const starts = stream(start(), start(), open(0, TEXT)).filter((event) => event.type === 'reply-start')
    expect(starts).toHaveLength(1)
  })

  test('with a second message inside the first is a bad response', () => {
    expect(() => stream(start(), open(0, TEXT), start())).toThrow(
      expect.objectContaining({ kind: 'bad_response', status: 502 }),
    )
  })

  test('with an event that is not JSON is a bad response', () => {
    expect(() => new AnthropicReplyReader().frame({ event: 'message_start', data: '{"type":' })).toThrow(
      expect.objectContaining({ kind: 'bad_response', message: "The provider's answer is not valid JSON." }),
    )
  })

  test('may name an event in its head alone', () => {
    const reader = new AnthropicReplyReader()
    expect(reader.frame({ event: 'message_start', data: '{"message":{"id":"msg_2"}}' })).toEqual([
      { type: 'reply-start', id: 'msg_2' },
    ])
  })
})

describe('usage', () => {
  test.each<[string, JsonObject, object | undefined]>([
    [
      'counts the cache into the prompt',
      {
        input_tokens: 5,
        cache_creation_input_tokens: 100,
        cache_read_input_tokens: 40,
        output_tokens: 7,
        output_tokens_details: { thinking_tokens: 3 },
      },
      { inputTokens: 145, cacheReadTokens: 40, cacheWriteTokens: 100, outputTokens: 7, reasoningTokens: 3 },
    ],
    [
      'splits what was written to the cache by how long it is kept',
      {
        input_tokens: 5,
        cache_creation_input_tokens: 100,
        cache_creation: { ephemeral_5m_input_tokens: 40, ephemeral_1h_input_tokens: 60 },
        server_tool_use: { web_search_requests: 2, web_fetch_requests: 1 },
      },
      { inputTokens: 105, cacheWriteTokens: 40, cacheWrite1hTokens: 60, webSearches: 2 },
    ],
    ['knows no counts below 0 and no texts', { input_tokens: -1, output_tokens: '7' }, undefined],
    ['leaves out what was not reported', { output_tokens: 7, input_tokens: null }, { outputTokens: 7 }],
    ['is absent when nothing was reported', {}, undefined],
  ])('%s', (_name, counts, expected) => {
    const message = { content: [], usage: counts }
    expect(new AnthropicReplyReader().usage(Buffer.from(JSON.stringify(message)))).toEqual(expected)
    expect(whole(message).find((event) => event.type === 'usage')?.usage).toEqual(expected)
  })

  test.each(['', 'no JSON', '[1]', '{"usage":7}'])('of the body %j is unknown', (body) => {
    expect(new AnthropicReplyReader().usage(Buffer.from(body))).toBeUndefined()
  })

  test('of a stream keeps the cache of its start when its end tells only the output', () => {
    const events = stream(
      start({
        input_tokens: 5,
        cache_read_input_tokens: 40,
        cache_creation_input_tokens: 0,
        output_tokens: 1,
      }),
      finish('end_turn', { output_tokens: 12, input_tokens: null }),
      STOP,
    )
    expect(events.at(-2)).toEqual({
      type: 'usage',
      usage: { inputTokens: 45, cacheReadTokens: 40, cacheWriteTokens: 0, outputTokens: 12 },
    })
  })

  test('of a stream takes the later figures', () => {
    const events = stream(
      start(),
      finish(null, { output_tokens: 4 }),
      finish('end_turn', { input_tokens: 11, output_tokens: 12 }),
      STOP,
    )
    expect(events.slice(2)).toEqual([
      { type: 'candidate-end', candidate: 0, reason: 'stop' },
      { type: 'usage', usage: { inputTokens: 11, outputTokens: 12 } },
      { type: 'reply-end' },
    ])
  })
})
