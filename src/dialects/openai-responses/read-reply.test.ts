import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { collectReply, type CollectedPart } from '../../core/collect.ts'
import type { GatewayError } from '../../core/error.ts'
import type { ReplyEvent } from '../../core/events.ts'
import type { JsonObject } from '../../core/json.ts'
import { ResponsesReplyReader } from './read-reply.ts'

const USAGE = { input_tokens: 3, output_tokens: 2, total_tokens: 5 }

function completed(output: JsonObject[], more: JsonObject = {}): JsonObject {
  const response = { id: 'resp_1', status: 'completed', error: null, output, usage: USAGE, ...more }
  return { type: 'response.completed', response }
}

function read(...events: (JsonObject | string)[]): ReplyEvent[] {
  const reader = new ResponsesReplyReader()
  return events.flatMap((event) =>
    reader.frame({ data: typeof event === 'string' ? event : JSON.stringify(event) }),
  )
}

function partsOf(events: readonly ReplyEvent[]): CollectedPart[] {
  return collectReply(events).candidates[0]?.parts ?? []
}

function errorOf(events: readonly ReplyEvent[]): GatewayError | undefined {
  return events.find((event) => event.type === 'error')?.error
}

const message = (text: string): JsonObject => ({
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  content: [{ type: 'output_text', text, annotations: [] }],
})
const done = (item: JsonObject, index = 0): JsonObject => ({
  type: 'response.output_item.done',
  output_index: index,
  item,
})
const added = (item: JsonObject, index = 0): JsonObject => ({
  type: 'response.output_item.added',
  output_index: index,
  item,
})

describe('servers that send less than OpenAI', () => {
  test('a text without deltas is read from its finished item', () => {
    expect(partsOf(read(done(message('Hi.')), completed([])))).toMatchObject([{ kind: 'text', text: 'Hi.' }])
  })

  test('a call without deltas is read from its finished item', () => {
    const call = { type: 'function_call', call_id: 'call_1', name: 'now', arguments: '{"a":1}' }
    const events = read(
      added({ ...call, arguments: '' }),
      { type: 'response.function_call_arguments.done', output_index: 0, arguments: '{"a":1}' },
      done(call),
      completed([]),
    )
    expect(partsOf(events)).toMatchObject([{ kind: 'tool-call', id: 'call_1', text: '{"a":1}' }])
    expect(collectReply(events).candidates[0]?.end).toEqual({ reason: 'tool_calls' })
  })

  test('a reply that is told only at its end is read from there', () => {
    expect(partsOf(read(completed([message('Hi.')])))).toMatchObject([{ kind: 'text', text: 'Hi.' }])
  })

  test('a thought that is finished after the answer comes before it', () => {
    const thought = {
      id: 'rs_1',
      type: 'reasoning',
      summary: [],
      content: [{ type: 'reasoning_text', text: 'Hm.' }],
    }
    const events = read(
      added({ ...thought, content: [] }),
      { type: 'response.reasoning_text.delta', output_index: 0, content_index: 0, delta: 'Hm.' },
      { type: 'response.output_text.delta', output_index: 1, content_index: 0, delta: 'Hi.' },
      done(message('Hi.'), 1),
      done(thought),
      completed([thought, message('Hi.')]),
    )
    expect(partsOf(events)).toMatchObject([
      { kind: 'thinking', text: 'Hm.' },
      { kind: 'text', text: 'Hi.' },
    ])
  })

  test('chat completions end their streams otherwise', () => {
    const events = read(completed([message('Hi.')]), '[DONE]')
    expect(events.at(-1)).toEqual({ type: 'reply-end' })
  })
})

test('the parts of a summary are one text', () => {
  const delta = (index: number, text: string): JsonObject => ({
    type: 'response.reasoning_summary_text.delta',
    output_index: 0,
    summary_index: index,
    delta: text,
  })
  const events = read(delta(0, 'Hm'), delta(0, '.'), delta(1, 'Aha.'), completed([]))
  expect(partsOf(events)).toMatchObject([{ kind: 'thinking', text: 'Hm.\n\nAha.' }])
})

test('log-probabilities come with their text', () => {
  const logprobs = [{ token: 'Hi', logprob: -0.5, top_logprobs: [] }]
  const events = read(
    { type: 'response.output_text.delta', output_index: 0, content_index: 0, delta: 'Hi', logprobs },
    done({ ...message('Hi'), content: [{ type: 'output_text', text: 'Hi', annotations: [], logprobs }] }),
    completed([]),
  )
  expect(events.map(({ type }) => type)).toEqual([
    'reply-start',
    'part-start',
    'logprobs',
    'part-delta',
    'part-end',
    'candidate-end',
    'usage',
    'reply-end',
  ])
})

test('what only this dialect knows is opaque, pictures are media', () => {
  const search = { id: 'ws_1', type: 'web_search_call', status: 'completed' }
  const picture = { id: 'ig_1', type: 'image_generation_call', result: 'AAAA', output_format: 'webp' }
  expect(partsOf(read(done(search), done(picture, 1), completed([])))).toMatchObject([
    { kind: 'opaque', dialect: 'openai-responses', value: search },
    { kind: 'media', mediaType: 'image/webp', data: 'AAAA' },
  ])
})

describe('a reader that is shown the head and the end of a stream', () => {
  test('knows usage and end from the last event alone', () => {
    const call = { type: 'function_call', call_id: 'call_1', name: 'now', arguments: '{}' }
    const events = read(completed([call]))
    expect(events).toContainEqual({ type: 'candidate-end', candidate: 0, reason: 'tool_calls' })
    expect(events).toContainEqual({
      type: 'usage',
      usage: { inputTokens: 3, outputTokens: 2, totalTokens: 5 },
    })
    expect(events.at(-1)).toEqual({ type: 'reply-end' })
  })

  test('bears with events of items that it has not seen begin', () => {
    const events = read(
      { type: 'response.created', response: { id: 'resp_1', error: null } },
      { type: 'response.output_text.delta', output_index: 0, content_index: 0, delta: 'H' },
      { type: 'response.output_text.annotation.added', output_index: 4, content_index: 1, annotation: {} },
      { type: 'response.function_call_arguments.delta', output_index: 5, delta: '}' },
      { type: 'response.content_part.done', output_index: 4, content_index: 0, part: {} },
      completed([message('Hi.')]),
    )
    expect(errorOf(events)).toBeUndefined()
    expect(events.at(-1)).toEqual({ type: 'reply-end' })
  })
})

describe('a failure', () => {
  const error = { type: 'insufficient_quota', code: 'insufficient_quota', message: 'No more.' }

  test.each([
    ['an event with the error inside', { type: 'error', error }],
    ['an event that is the error', { ...error, type: 'error' }],
    ['a failed response', { type: 'response.failed', response: { status: 'failed', error } }],
    ['a response with an error', completed([], { error })],
  ])('%s', (_, event) => {
    const failed = errorOf(read({ type: 'response.created', response: {} }, event))
    expect(failed).toMatchObject({
      kind: 'auth',
      status: 429,
      code: 'insufficient_quota',
      message: 'No more.',
    })
  })

  test('ends the stream', () => {
    const events = read({ type: 'error', error }, completed([message('Hi.')]))
    expect(events.map(({ type }) => type)).toEqual(['error'])
  })

  test('is thrown when it is the whole answer', () => {
    const whole = (body: JsonObject): unknown => new ResponsesReplyReader().whole(JSON.stringify(body))
    expect(() => whole({ status: 'failed', error, output: [] })).toThrow('No more.')
    expect(() => whole({ status: 'cancelled', error: null, output: [] })).toThrow('cancelled')
    expect(() => whole({ status: 'queued', error: null, output: [] })).toThrow('not finished')
    expect(() => whole({ error: { message: 'Broken.' } })).toThrow('Broken.')
    expect(() => whole({ choices: [] })).toThrow('has no "output"')
  })
})

test.each([
  ['max_output_tokens', 'length'],
  ['content_filter', 'content_filter'],
  ['max_tool_calls', 'max_tool_calls'],
])('a response that is incomplete because of %s ends with %s', (reason, expected) => {
  const events = read({
    type: 'response.incomplete',
    response: { status: 'incomplete', incomplete_details: { reason }, output: [] },
  })
  expect(events).toContainEqual({ type: 'candidate-end', candidate: 0, reason: expected })
})

test('counts that are none are not counted', () => {
  const reader = new ResponsesReplyReader()
  const body = { usage: { input_tokens: -1, output_tokens: '7', output_tokens_details: null } }
  expect(reader.usage(Buffer.from(JSON.stringify(body)))).toBeUndefined()
})

test('any JSON is read or refused, and never breaks the reader', () => {
  const type = fc.constantFrom(
    'response.created',
    'response.output_item.added',
    'response.output_item.done',
    'response.output_text.delta',
    'response.output_text.annotation.added',
    'response.reasoning_summary_text.delta',
    'response.reasoning_text.delta',
    'response.function_call_arguments.delta',
    'response.refusal.delta',
    'response.completed',
    'response.failed',
    'error',
  )
  const item = fc.record({
    type: fc.constantFrom('message', 'reasoning', 'function_call', 'custom_tool_call', 'other'),
    content: fc.jsonValue(),
    summary: fc.jsonValue(),
    arguments: fc.jsonValue(),
    encrypted_content: fc.jsonValue(),
  })
  const event = fc.record({
    type,
    item: fc.oneof(item, fc.jsonValue()),
    response: fc.jsonValue(),
    delta: fc.jsonValue(),
    annotation: fc.jsonValue(),
    output_index: fc.jsonValue(),
    logprobs: fc.jsonValue(),
    error: fc.jsonValue(),
  })
  fc.assert(
    fc.property(fc.array(event), (events) => {
      const reader = new ResponsesReplyReader()
      for (const frame of events) expect(reader.frame({ data: JSON.stringify(frame) })).toBeInstanceOf(Array)
    }),
    { numRuns: 200 },
  )
})
