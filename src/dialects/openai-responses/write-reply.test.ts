import { describe, expect, test } from 'vitest'
import { GatewayError } from '../../core/error.ts'
import type { PartHead, ReplyEvent } from '../../core/events.ts'
import { asArray, asObject, type JsonObject } from '../../core/json.ts'
import { parseFrames } from '../../wire/sse.ts'
import { ResponsesReplyWriter } from './write-reply.ts'

const START: ReplyEvent = { type: 'reply-start', id: 'resp_1', model: 'a-model', createdAt: 1_700_000_000 }

function writer(request: JsonObject = {}): ResponsesReplyWriter {
  return new ResponsesReplyWriter({ request, customTools: new Set() })
}

function framesOf(text: string): JsonObject[] {
  return parseFrames(text).map(({ event, data }) => {
    const frame = asObject(JSON.parse(data))
    expect(frame['type']).toBe(event)
    return frame
  })
}

function stream(...events: ReplyEvent[]): JsonObject[] {
  return framesOf(writer().stream([START, ...events]))
}

function part(index: number, head: PartHead, ...texts: string[]): ReplyEvent[] {
  return [
    { type: 'part-start', candidate: 0, part: index, ...head },
    ...texts.map((text): ReplyEvent => ({ type: 'part-delta', candidate: 0, part: index, text })),
    { type: 'part-end', candidate: 0, part: index },
  ]
}

const end = (reason = 'stop'): ReplyEvent[] => [
  { type: 'candidate-end', candidate: 0, reason },
  { type: 'usage', usage: { inputTokens: 3, outputTokens: 2, reasoningTokens: 1 } },
  { type: 'reply-end' },
]

/** The items that a stream ends with. */
function outputOf(frames: readonly JsonObject[]): JsonObject[] {
  return asArray(asObject(frames.at(-1)?.['response'])['output']).map(asObject)
}

test('each kind of part has its events, in order and numbered', () => {
  const frames = stream(
    ...part(0, { kind: 'thinking' }, 'Hm', '.'),
    ...part(1, { kind: 'text' }, 'Hel', 'lo.'),
    ...part(2, { kind: 'refusal' }, 'No.'),
    ...part(3, { kind: 'tool-call', id: 'call_1', name: 'now' }, '{"a":', '1}'),
    ...end('tool_calls'),
  )
  expect(frames.map(({ type }) => type)).toEqual([
    'response.created',
    'response.in_progress',
    'response.output_item.added',
    'response.reasoning_summary_part.added',
    'response.reasoning_summary_text.delta',
    'response.reasoning_summary_text.delta',
    'response.reasoning_summary_text.done',
    'response.reasoning_summary_part.done',
    'response.output_item.done',
    'response.output_item.added',
    'response.content_part.added',
    'response.output_text.delta',
    'response.output_text.delta',
    'response.output_text.done',
    'response.content_part.done',
    'response.content_part.added',
    'response.refusal.delta',
    'response.refusal.done',
    'response.content_part.done',
    'response.output_item.done',
    'response.output_item.added',
    'response.function_call_arguments.delta',
    'response.function_call_arguments.delta',
    'response.function_call_arguments.done',
    'response.output_item.done',
    'response.completed',
  ])
  expect(frames.map((frame) => frame['sequence_number'])).toEqual(frames.map((_, index) => index))
  expect(outputOf(frames)).toMatchObject([
    { type: 'reasoning', summary: [{ type: 'summary_text', text: 'Hm.' }] },
    {
      type: 'message',
      status: 'completed',
      content: [
        { type: 'output_text', text: 'Hello.' },
        { type: 'refusal', refusal: 'No.' },
      ],
    },
    { type: 'function_call', call_id: 'call_1', name: 'now', arguments: '{"a":1}', status: 'completed' },
  ])
})

test('calls whose pieces come in turns are items side by side', () => {
  const delta = (index: number, text: string): ReplyEvent => ({
    type: 'part-delta',
    candidate: 0,
    part: index,
    text,
  })
  const frames = stream(
    { type: 'part-start', candidate: 0, part: 0, kind: 'tool-call', id: 'a', name: 'now' },
    { type: 'part-start', candidate: 0, part: 1, kind: 'tool-call', id: 'b', name: 'now' },
    delta(0, '{"x"'),
    delta(1, '{"y"'),
    delta(0, ':1}'),
    delta(1, ':2}'),
    { type: 'part-end', candidate: 0, part: 1 },
    { type: 'part-end', candidate: 0, part: 0 },
    ...end('tool_calls'),
  )
  expect(outputOf(frames)).toMatchObject([
    { call_id: 'a', arguments: '{"x":1}' },
    { call_id: 'b', arguments: '{"y":2}' },
  ])
})

test('a response repeats the request and tells the usage', () => {
  const tools = [{ type: 'function', name: 'now', parameters: {}, strict: false }]
  const request = { model: 'a-route', instructions: 'Be brief.', tools, temperature: 0.5, store: true }
  const events = [START, ...part(0, { kind: 'text' }, 'Hi.'), ...end()]
  const response = asObject(JSON.parse(writer(request).whole(events)))
  expect(response).toMatchObject({
    id: 'resp_1',
    object: 'response',
    created_at: 1_700_000_000,
    status: 'completed',
    model: 'a-model',
    error: null,
    incomplete_details: null,
    instructions: 'Be brief.',
    metadata: {},
    parallel_tool_calls: true,
    store: false,
    temperature: 0.5,
    text: { format: { type: 'text' } },
    tool_choice: 'auto',
    tools,
    usage: {
      input_tokens: 3,
      input_tokens_details: { cached_tokens: 0, cache_write_tokens: 0 },
      output_tokens: 2,
      output_tokens_details: { reasoning_tokens: 1 },
      total_tokens: 5,
    },
  })
  const last = framesOf(writer(request).stream(events)).at(-1)
  expect(last?.['response']).toEqual(response)
})

test.each([
  ['length', 'max_output_tokens'],
  ['content_filter', 'content_filter'],
])('an answer that ends with %s is incomplete', (reason, expected) => {
  const frames = stream(...part(0, { kind: 'text' }, 'Once'), ...end(reason))
  expect(frames.at(-1)).toMatchObject({
    type: 'response.incomplete',
    response: { status: 'incomplete', incomplete_details: { reason: expected } },
  })
  expect(outputOf(frames)).toMatchObject([{ status: 'incomplete' }])
})

describe('state', () => {
  test("of this dialect's models is the item as it came", () => {
    const data = JSON.stringify({ id: 'rs_9', encrypted_content: 'abc' })
    const frames = stream(
      ...part(0, { kind: 'redacted-thinking', state: { dialect: 'openai-responses', data } }),
      ...end(),
    )
    expect(outputOf(frames)).toEqual([
      { id: 'rs_9', type: 'reasoning', summary: [], encrypted_content: 'abc' },
    ])
  })

  test('of others is tagged, beside the part when that has no place for it', () => {
    const gemini = { dialect: 'gemini', data: 'sig' }
    const frames = stream(
      { type: 'part-start', candidate: 0, part: 0, kind: 'thinking' },
      { type: 'part-delta', candidate: 0, part: 0, text: 'Hm.' },
      { type: 'part-end', candidate: 0, part: 0, state: { dialect: 'anthropic', data: 'own' } },
      ...part(1, { kind: 'tool-call', id: 'call_1', name: 'now', state: gemini }, '{}'),
      { type: 'part-start', candidate: 0, part: 2, kind: 'text' },
      { type: 'part-delta', candidate: 0, part: 2, text: 'Hi.' },
      { type: 'part-end', candidate: 0, part: 2, state: gemini },
      ...end(),
    )
    const told = outputOf(frames).map((item) => item['encrypted_content'] ?? item['type'])
    expect(told).toEqual([
      'gw1.own.anthropic.own',
      'gw1.next.gemini.sig',
      'function_call',
      'message',
      'gw1.previous.gemini.sig',
    ])
  })
})

test('items that only this dialect knows are written whole, those of others not', () => {
  const search = { id: 'ws_1', type: 'web_search_call', status: 'completed' }
  const frames = stream(
    ...part(0, { kind: 'opaque', dialect: 'openai-responses', value: search }),
    ...part(1, { kind: 'opaque', dialect: 'gemini', value: { executableCode: {} } }),
    ...part(2, { kind: 'media', mediaType: 'audio/wav', data: 'AAAA' }),
    ...end(),
  )
  expect(outputOf(frames)).toEqual([search])
})

test('candidates after the first are passed over', () => {
  const frames = stream(
    { type: 'part-start', candidate: 1, part: 0, kind: 'text' },
    { type: 'part-delta', candidate: 1, part: 0, text: 'Two.' },
    ...part(0, { kind: 'text' }, 'One.'),
    ...end(),
  )
  expect(JSON.stringify(frames)).not.toContain('Two.')
})

test('a failure ends the stream where it stopped', () => {
  const broken = writer()
  const before = framesOf(broken.stream([START, ...part(0, { kind: 'text' }, 'Hi.')]))
  const error = new GatewayError('It broke.', { kind: 'rate_limit', status: 429, code: 'slow_down' })
  const frames = framesOf(broken.fail(error))
  expect(frames).toMatchObject([
    { type: 'error', sequence_number: before.length, message: 'It broke.', error: { message: 'It broke.' } },
    {
      type: 'response.failed',
      response: { id: 'resp_1', status: 'failed', error: { message: 'It broke.' } },
    },
  ])
})

test('a whole answer that holds an error is none', () => {
  const error = new GatewayError('It broke.', { kind: 'server_error', status: 500 })
  expect(() => writer().whole([START, { type: 'error', error }])).toThrow(error)
})
