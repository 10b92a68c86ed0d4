import { describe, expect, test } from 'vitest'
import type { ReplyWriter } from '../../core/dialect.ts'
import type { ReplyEvent } from '../../core/events.ts'
import { parseFrames } from '../../wire/sse.ts'
import type { Contract } from './read-request.ts'
import { createWriter, writeVectors, type AnsweredType } from './write-reply.ts'

function writer(contract: Contract, type: AnsweredType, showsUsage = false): ReplyWriter {
  return createWriter(contract, type, showsUsage)
}

const EVENTS: ReplyEvent[] = [
  { type: 'reply-start', id: 'c1', model: 'm', createdAt: 7 },
  { type: 'part-start', candidate: 0, part: 0, kind: 'text' },
  { type: 'part-delta', candidate: 0, part: 0, text: 'Hi' },
  { type: 'part-end', candidate: 0, part: 0 },
  { type: 'candidate-end', candidate: 0, reason: 'stop' },
  { type: 'usage', usage: { inputTokens: 1, outputTokens: 2 } },
  { type: 'reply-end' },
]
const CALL: ReplyEvent[] = [
  { type: 'part-start', candidate: 0, part: 0, kind: 'tool-call', id: 'a', name: 'f' },
  { type: 'part-delta', candidate: 0, part: 0, text: '{}' },
  { type: 'part-end', candidate: 0, part: 0 },
  { type: 'candidate-end', candidate: 0, reason: 'tool_calls' },
]

describe.each<Contract>(['seed', '2.5'])('in contract %s', (contract) => {
  test('a chat has candidates with messages, in the order of members that MLflow has', () => {
    expect(writer(contract, 'llm/v1/chat').whole(EVENTS)).toBe(
      '{"candidates":[{"message":{"role":"assistant","content":"Hi"},"metadata":{"finish_reason":"stop"}}],"metadata":{"input_tokens":1,"output_tokens":2,"total_tokens":3,"model":"m","route_type":"llm/v1/chat"}}',
    )
  })

  test('completions have candidates with texts', () => {
    expect(writer(contract, 'llm/v1/completions').whole(EVENTS)).toBe(
      '{"candidates":[{"text":"Hi","metadata":{"finish_reason":"stop"}}],"metadata":{"input_tokens":1,"output_tokens":2,"total_tokens":3,"model":"m","route_type":"llm/v1/completions"}}',
    )
  })

  test('embeddings have no output tokens', () => {
    const reply = { model: 'm', vectors: [[0.5]], usage: { inputTokens: 3, totalTokens: 3 } }
    expect(writeVectors(reply)).toBe(
      '{"embeddings":[[0.5]],"metadata":{"input_tokens":3,"output_tokens":0,"total_tokens":3,"model":"m","route_type":"llm/v1/embeddings"}}',
    )
  })

  test('what is not known is null', () => {
    const unknown = { input_tokens: null, output_tokens: null, total_tokens: null, model: null }
    expect(JSON.parse(writer(contract, 'llm/v1/chat').whole([]))).toEqual({
      candidates: [],
      metadata: { ...unknown, route_type: 'llm/v1/chat' },
    })
    expect(JSON.parse(writeVectors({ vectors: [], usage: {} }))).toEqual({
      embeddings: [],
      metadata: { ...unknown, route_type: 'llm/v1/embeddings' },
    })
  })

  test('tool calls stand in the message, beside a content that is a text', () => {
    expect(JSON.parse(writer(contract, 'llm/v1/chat').whole(CALL))).toMatchObject({
      candidates: [
        {
          message: {
            role: 'assistant',
            content: '',
            tool_calls: [{ id: 'a', type: 'function', function: { name: 'f', arguments: '{}' } }],
          },
          metadata: { finish_reason: 'tool_calls' },
        },
      ],
    })
  })
})

describe('in contract 2.9', () => {
  test.each<[AnsweredType, object]>([
    [
      'llm/v1/chat',
      {
        object: 'chat.completion',
        choices: [{ index: 0, message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' }],
      },
    ],
    [
      'llm/v1/completions',
      { object: 'text_completion', choices: [{ index: 0, text: 'Hi', finish_reason: 'stop' }] },
    ],
  ])('%s has the shape of OpenAI', (type, expected) => {
    expect(JSON.parse(writer('2.9', type).whole(EVENTS))).toEqual({
      id: 'c1',
      created: 7,
      model: 'm',
      usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 },
      ...expected,
    })
  })
})

describe.each<Contract>(['seed', '2.5', '2.9'])('a stream in contract %s', (contract) => {
  test.each<[AnsweredType, string]>([
    ['llm/v1/chat', 'chat.completion.chunk'],
    ['llm/v1/completions', 'text_completion_chunk'],
  ])('of %s has chunks that are %s, and neither usage nor [DONE]', (type, object) => {
    const chunks = parseFrames(writer(contract, type).stream(EVENTS)).map(({ data }): unknown =>
      JSON.parse(data),
    )
    const head = { id: 'c1', object, created: 7, model: 'm' }
    expect(chunks).toEqual([
      { ...head, choices: [{ index: 0, finish_reason: null, delta: { role: 'assistant', content: '' } }] },
      { ...head, choices: [{ index: 0, finish_reason: null, delta: { role: null, content: 'Hi' } }] },
      { ...head, choices: [{ index: 0, finish_reason: 'stop', delta: { role: null, content: null } }] },
    ])
  })

  test('shows the usage to a client that asked for it', () => {
    const asked = writer(contract, 'llm/v1/chat', true)
    expect(asked.stream(EVENTS)).toContain('"choices":[],"usage":{"prompt_tokens":1')
  })
})
