import { describe, expect, test } from 'vitest'
import { collectReply } from '../../core/collect.ts'
import type { Frame } from '../../core/dialect.ts'
import type { ReplyEvent } from '../../core/events.ts'
import type { JsonObject } from '../../core/json.ts'
import { BedrockReplyReader } from './read-reply.ts'

const MODEL = 'us.anthropic.claude-sonnet-4-5-20250929-v1:0'

const frame = (event: string, data: JsonObject = {}): Frame => ({ event, data: JSON.stringify(data) })
const delta = (contentBlockIndex: number, delta: JsonObject): Frame =>
  frame('contentBlockDelta', { contentBlockIndex, delta, p: 'abc' })
const stop = (contentBlockIndex: number): Frame => frame('contentBlockStop', { contentBlockIndex })
const end = [
  frame('messageStop', { stopReason: 'end_turn' }),
  frame('metadata', { usage: { inputTokens: 1 } }),
]

function stream(frames: readonly Frame[], model = MODEL): ReplyEvent[] {
  const reader = new BedrockReplyReader({ model })
  return [...frames.flatMap((one) => reader.frame(one)), ...reader.end()]
}

function whole(answer: JsonObject): ReplyEvent[] {
  return new BedrockReplyReader({ model: MODEL }).whole(JSON.stringify(answer))
}

function partsOf(events: readonly ReplyEvent[]): unknown[] {
  return collectReply(events).candidates[0]?.parts.map(({ kind, text }) => [kind, text]) ?? []
}

describe('a stream', () => {
  test('that opens a block for each piece of a text is one text', () => {
    const pieces = ['It', ' is', ' warm.'].flatMap((text, index) => [delta(index, { text }), stop(index)])
    expect(partsOf(stream([...pieces, ...end]))).toEqual([['text', 'It is warm.']])
  })

  test('keeps texts apart that another block stands between', () => {
    const frames = [
      delta(0, { text: '' }),
      stop(0),
      delta(1, { text: 'One' }),
      stop(1),
      delta(2, { reasoningContent: { text: 'Hm.' } }),
      stop(2),
      delta(3, { text: 'Two' }),
      stop(3),
      ...end,
    ]
    expect(partsOf(stream(frames))).toEqual([
      ['text', 'One'],
      ['thinking', 'Hm.'],
      ['text', 'Two'],
    ])
  })

  test('has its citations at the texts that they are of', () => {
    const citation = { title: 'T', sourceContent: [{ text: 'a' }, { text: 'b' }] }
    const frames = [
      delta(0, { text: 'One' }),
      stop(0),
      delta(1, { citation }),
      delta(1, { text: 'Two' }),
      stop(1),
    ]
    const plain = [delta(2, { text: 'Three' }), stop(2), ...end]
    const parts = collectReply(stream([...frames, ...plain])).candidates[0]?.parts ?? []
    expect(parts.map(({ text, annotations }) => [text, annotations.length])).toEqual([
      ['One', 0],
      ['Two', 1],
      ['Three', 0],
    ])
    expect(parts[1]?.annotations).toMatchObject([{ title: 'T', citedText: 'ab', start: 0, end: 3 }])
  })

  test('passes over tools that Bedrock runs itself', () => {
    const server = { toolUse: { toolUseId: 't', name: 'code', type: 'server_tool_use' } }
    const frames = [
      frame('contentBlockStart', { contentBlockIndex: 0, start: server }),
      delta(0, { toolUse: { input: '{"a":1}' } }),
      stop(0),
      frame('contentBlockStart', { contentBlockIndex: 1, start: { toolResult: { toolUseId: 't' } } }),
      delta(1, { toolResult: [{ json: {} }] }),
      stop(1),
      delta(2, { text: 'Done.' }),
      ...end,
    ]
    expect(partsOf(stream(frames))).toEqual([
      ['opaque', ''],
      ['opaque', ''],
      ['text', 'Done.'],
    ])
  })

  test('is complete with its last message, counts or not', () => {
    expect(stream([delta(0, { text: 'x' }), ...end.slice(0, 1)]).at(-1)).toEqual({ type: 'reply-end' })
    expect(stream([delta(0, { text: 'x' }), stop(0)]).map(({ type }) => type)).not.toContain('reply-end')
    expect(stream(end).filter(({ type }) => type === 'reply-end')).toHaveLength(1)
  })

  test.each([
    ['throttlingException', 'rate_limit', 429],
    ['modelStreamErrorException', 'server_error', 502],
    ['validationException', 'bad_request', 400],
    ['serviceUnavailableException', 'overloaded', 503],
    ['internalServerException', 'server_error', 500],
    ['modelTimeoutException', 'timeout', 504],
    ['exceptionOfTomorrow', 'server_error', 502],
  ])('may fail with %s', (type, kind, status) => {
    const events = stream([delta(0, { text: 'x' }), frame(`exception:${type}`, { message: 'No.' }), ...end])
    expect(events.at(-1)).toMatchObject({
      type: 'error',
      error: { message: 'No.', kind, status, code: type },
    })
  })

  test('skips what it does not know', () => {
    expect(partsOf(stream([frame('eventOfTomorrow', { a: [] }), delta(0, { future: 1 }), ...end]))).toEqual(
      [],
    )
  })

  test('of no JSON is a bad response', () => {
    expect(() => stream([{ event: 'messageStart', data: '{' }])).toThrow(
      expect.objectContaining({ kind: 'bad_response' }),
    )
  })
})

test("the signature is the state of the model's own kind", () => {
  const frames = [
    delta(0, { reasoningContent: { text: 'Hm.' } }),
    delta(0, { reasoningContent: { signature: 'sig' } }),
    stop(0),
    delta(1, { reasoningContent: { redactedContent: 'cmVk' } }),
    stop(1),
    ...end,
  ]
  const statesOf = (model: string): unknown =>
    collectReply(stream(frames, model)).candidates[0]?.parts.map(({ state }) => state)
  expect(statesOf(MODEL)).toEqual([
    { dialect: 'anthropic', data: 'sig' },
    { dialect: 'anthropic', data: 'cmVk' },
  ])
  expect(statesOf('amazon.nova-2-lite-v1:0')).toMatchObject([{ dialect: 'bedrock' }, { dialect: 'bedrock' }])
})

test.each([
  ['end_turn', 'stop'],
  ['stop_sequence', 'stop'],
  ['tool_use', 'tool_calls'],
  ['max_tokens', 'length'],
  ['model_context_window_exceeded', 'length'],
  ['guardrail_intervened', 'content_filter'],
  ['content_filtered', 'content_filter'],
  ['reason_of_tomorrow', 'reason_of_tomorrow'],
])('the stop reason %s is %s', (stopReason, reason) => {
  const answer = { output: { message: { content: [] } }, stopReason }
  expect(whole(answer)).toContainEqual(expect.objectContaining({ type: 'candidate-end', reason }))
})

test.each(['', '{', '[]', 'null', '{}', '{"output":{"message":{"content":"x"}}}'])(
  'the whole answer %j is a bad response',
  (body) => {
    expect(() => new BedrockReplyReader({ model: MODEL }).whole(body)).toThrow(
      expect.objectContaining({ kind: 'bad_response', status: 502 }),
    )
  },
)

test('hostile blocks are passed over', () => {
  const content = [
    null,
    1,
    'x',
    {},
    { text: 7 },
    { toolUse: [] },
    { reasoningContent: { reasoningText: 3 } },
    { image: {} },
  ]
  const events = whole({ output: { message: { content } }, usage: { inputTokens: -1, outputTokens: '7' } })
  expect(events.filter(({ type }) => type === 'usage')).toEqual([])
  expect(events.at(-1)).toEqual({ type: 'reply-end' })
})

test('usage counts what was cached into the prompt', () => {
  const counts = {
    inputTokens: 5,
    outputTokens: 7,
    cacheReadInputTokens: 40,
    cacheWriteInputTokens: 100,
    cacheDetails: [
      { ttl: '1h', inputTokens: 60 },
      { ttl: '5m', inputTokens: 40 },
    ],
  }
  const usage = {
    inputTokens: 145,
    outputTokens: 7,
    cacheReadTokens: 40,
    cacheWriteTokens: 40,
    cacheWrite1hTokens: 60,
  }
  expect(whole({ output: { message: { content: [] } }, usage: counts })).toContainEqual({
    type: 'usage',
    usage,
  })
  const body = Buffer.from(JSON.stringify({ usage: counts }))
  expect(new BedrockReplyReader({ model: MODEL }).usage(body)).toEqual(usage)
})
