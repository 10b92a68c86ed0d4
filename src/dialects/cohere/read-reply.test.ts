import { describe, expect, test } from 'vitest'
import { collectReply } from '../../core/collect.ts'
import type { ReplyEvent } from '../../core/events.ts'
import type { JsonObject, JsonValue } from '../../core/json.ts'
import { CohereReplyReader } from './read-reply.ts'

function stream(...events: JsonObject[]): ReplyEvent[] {
  const reader = new CohereReplyReader({ model: 'm' })
  return events.flatMap((event) => reader.frame({ data: JSON.stringify(event) }))
}

function whole(body: unknown): ReplyEvent[] {
  return new CohereReplyReader({ model: 'm' }).whole(typeof body === 'string' ? body : JSON.stringify(body))
}

const START = { type: 'message-start', id: 'r', delta: { message: { role: 'assistant' } } }
const call = (json: string): JsonValue => ({ function: { arguments: json } })

function end(reason: string, more: JsonObject = {}): JsonObject {
  return { type: 'message-end', delta: { finish_reason: reason, ...more } }
}

describe('a stream', () => {
  test.each([
    [['null'], '{}'],
    [['nu', 'll'], '{}'],
    [[], '{}'],
    [['{}'], '{}'],
    [['n', 'o'], 'no'],
    [['nul'], 'nul'],
  ])('with arguments in the pieces %j calls with %j', (pieces, text) => {
    const events = stream(
      START,
      {
        type: 'tool-call-start',
        index: 0,
        delta: { message: { tool_calls: { id: 'c', function: { name: 'f' } } } },
      },
      ...pieces.map((piece) => ({
        type: 'tool-call-delta',
        index: 0,
        delta: { message: { tool_calls: call(piece) } },
      })),
      { type: 'tool-call-end', index: 0 },
      end('TOOL_CALL'),
    )
    expect(collectReply(events).candidates[0]?.parts).toEqual([
      { kind: 'tool-call', id: 'c', name: 'f', text, annotations: [] },
    ])
  })

  test('may cite a text after its end', () => {
    const events = stream(
      START,
      { type: 'content-start', index: 0, delta: { message: { content: { type: 'text', text: '' } } } },
      { type: 'content-delta', index: 0, delta: { message: { content: { text: 'A.' } } } },
      { type: 'content-end', index: 0 },
      { type: 'citation-start', index: 0, delta: { message: { citations: { start: 0, end: 1 } } } },
      end('COMPLETE'),
    )
    expect(events.map(({ type }) => type)).toEqual([
      'reply-start',
      'part-start',
      'part-delta',
      'annotation',
      'part-end',
      'candidate-end',
      'reply-end',
    ])
  })

  test.each([
    [end('ERROR'), 'server_error', 'The provider failed while answering.'],
    [end('ERROR', { error: 'It broke.' }), 'server_error', 'It broke.'],
    [end('TIMEOUT'), 'timeout', 'The provider failed while answering.'],
    [{ message: 'Too many.' }, 'server_error', 'Too many.'],
  ])('that ends with %j has failed', (last, kind, message) => {
    expect(stream(START, last, end('COMPLETE')).slice(1)).toEqual([
      { type: 'error', error: expect.objectContaining({ kind, message }) },
    ])
  })

  test('is not complete without its end', () => {
    const reader = new CohereReplyReader({ model: 'm' })
    reader.frame({ data: JSON.stringify(START) })
    expect(reader.frame({ data: '[DONE]' })).toEqual([])
  })

  test('passes over what it does not know', () => {
    expect(
      stream(START, { type: 'event-of-tomorrow', index: 'x', delta: 5 }, { type: 'debug' }),
    ).toHaveLength(1)
  })
})

describe('a whole answer', () => {
  test.each([
    ['no JSON', '{"mess'],
    ['a list', []],
    ['no message', {}],
    ['a message of another type', { message: 5 }],
  ])('that is %s is a bad response', (_what, body) => {
    expect(() => whole(body)).toThrow(expect.objectContaining({ kind: 'bad_response', status: 502 }))
  })

  test.each([
    [{ message: 'No.' }, 'No.'],
    [{ message: { role: 'assistant' }, finish_reason: 'ERROR' }, 'The provider failed while answering.'],
  ])('that is the error %j is one in spite of its status', (body, message) => {
    expect(() => whole(body)).toThrow(expect.objectContaining({ message, status: 502 }))
  })

  test('of hostile members is read all the same', () => {
    const message = {
      content: [5, { type: 'text', text: 5 }],
      tool_calls: [null],
      citations: 'x',
      tool_plan: 5,
    }
    const usage = { tokens: { input_tokens: -1, output_tokens: '8' }, billed_units: 5 }
    expect(whole({ message, usage }).at(-1)).toEqual({ type: 'reply-end' })
    expect(whole({ message, usage }).some(({ type }) => type === 'usage')).toBe(false)
  })

  test('counts pictures beside the input', () => {
    const usage = { tokens: { input_tokens: 34, image_tokens: 259, output_tokens: 56 }, cached_tokens: 0 }
    expect(collectReply(whole({ message: {}, usage })).usage).toEqual({
      inputTokens: 293,
      inputImageTokens: 259,
      outputTokens: 56,
      cacheReadTokens: 0,
    })
  })
})
