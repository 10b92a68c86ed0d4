import { describe, expect, test } from 'vitest'
import { collectReply } from '../../core/collect.ts'
import type { ReplyEvent } from '../../core/events.ts'
import type { JsonObject } from '../../core/json.ts'
import type { ChatRequest, Part, Reasoning } from '../../core/request.ts'
import { ollamaChat, ollamaEmbeddings } from './index.ts'

function write(
  fields: Partial<ChatRequest>,
  model = 'qwen3',
): { text: string; body: JsonObject; dropped: string[] } {
  const messages = [{ role: 'user', parts: [{ type: 'text' as const, text: 'Hi' }], extras: {} }]
  const { body, dropped } = ollamaChat.write({ messages, stream: false, extras: {}, ...fields }, { model })
  return { text: body, body: JSON.parse(body), dropped }
}

function says(role: string, ...parts: Part[]): ChatRequest['messages'] {
  return [{ role, parts, extras: {} }]
}

describe('a request', () => {
  test('keeps the arguments of calls as they were written', () => {
    const call: Part = { type: 'tool-call', id: 'c', name: 'f', arguments: '{"n": 12345678901234567890}' }
    expect(write({ messages: says('assistant', call) }).text).toContain(
      '"arguments":{"n": 12345678901234567890}',
    )
  })

  test.each(['[1]', '{"a":', 'null'])('with the arguments %s of a call is refused', (text) => {
    const call: Part = { type: 'tool-call', id: 'c', name: 'f', arguments: text }
    expect(() => write({ messages: says('assistant', call) })).toThrow(
      expect.objectContaining({ status: 422 }),
    )
  })

  test.each<[string, Reasoning, boolean | string | undefined, string[]]>([
    ['gpt-oss:20b', { effort: 'high' }, 'high', []],
    ['gpt-oss:20b', { effort: 'minimal' }, 'low', []],
    ['gpt-oss:20b', { budgetTokens: 500 }, 'low', ['reasoning.budgetTokens']],
    ['qwen3', { effort: 'high' }, true, ['reasoning.effort']],
    ['qwen3', { budgetTokens: 0 }, false, []],
    ['qwen3', { shows: 'full' }, undefined, []],
  ])('%s with %j thinks: %j', (model, reasoning, think, dropped) => {
    const written = write({ reasoning }, model)
    expect(written.body['think']).toBe(think)
    expect(written.dropped).toEqual(dropped)
  })

  test('may set options of the model and of the server', () => {
    const extras = { num_ctx: 8192, keep_alive: '5m', options: { mirostat: 1 } }
    expect(write({ extras, seed: 7 }).body).toMatchObject({
      keep_alive: '5m',
      options: { num_ctx: 8192, mirostat: 1, seed: 7 },
    })
    expect(write({ extras, extrasDialect: 'openai' }).dropped).toEqual(['num_ctx'])
  })
})

describe('an answer', () => {
  function read(...lines: JsonObject[]): ReplyEvent[] {
    const reader = ollamaChat.reader({ model: 'm' })
    return lines.flatMap((line) => reader.frame({ data: JSON.stringify(line) }))
  }

  const calls = [
    { function: { name: 'f', arguments: { a: 1 } } },
    { function: { name: 'f', arguments: '{}' } },
  ]

  test('of an older version gets ids for its calls that differ by time and number', () => {
    const ids = ['2025-01-01T00:00:00Z', '2025-01-01T00:00:01Z'].map((created_at) => {
      const events = read({ created_at, message: { tool_calls: calls }, done: true, done_reason: 'stop' })
      return collectReply(events).candidates[0]?.parts.map((part) => part.kind === 'tool-call' && part.id)
    })
    expect(new Set(ids.flat()).size).toBe(4)
  })

  test('of a model that was only loaded has said nothing', () => {
    expect(read({ message: { content: '' }, done: true, done_reason: 'load' }).slice(1)).toEqual([
      { type: 'candidate-end', candidate: 0, reason: 'stop', native: { dialect: 'ollama', reason: 'load' } },
      { type: 'reply-end' },
    ])
  })

  test('ends with an error, and nothing follows it', () => {
    expect(read({ message: { content: 'A' } }, { error: 'No.' }, { done: true }).at(-1)).toEqual({
      type: 'error',
      error: expect.objectContaining({ message: 'No.', status: 502 }),
    })
  })

  test('of hostile members is read all the same', () => {
    const message = { content: 5, thinking: [], tool_calls: [5, null, { function: 'x' }] }
    const events = read({ message, logprobs: [null, {}], done: true, prompt_eval_count: -1, eval_count: 'x' })
    expect(events.at(-1)).toEqual({ type: 'reply-end' })
    expect(events.some(({ type }) => type === 'usage')).toBe(false)
  })

  test.each(['', '[]', '{}', '{"message":"x"}', '{"mess'])('that is %j is a bad response', (body) => {
    expect(() => ollamaChat.reader({ model: 'm' }).whole(body)).toThrow(
      expect.objectContaining({ kind: 'bad_response', status: 502 }),
    )
  })

  test('that is an error in spite of its status is one', () => {
    expect(() => ollamaChat.reader({ model: 'm' }).whole('{"error":"No."}')).toThrow(
      expect.objectContaining({ message: 'No.' }),
    )
  })
})

test('a refusal says why', () => {
  expect(ollamaChat.readError(404, 'application/json', '{"error":"model \\"x\\" not found"}')).toMatchObject({
    kind: 'model_not_found',
    message: 'model "x" not found',
  })
})

test('embeddings are counted, and further options that are not known are named', () => {
  const written = ollamaEmbeddings.write(
    { input: 'A', purpose: 'clustering', extras: { truncate: false, user: 'u' } },
    { model: 'm' },
  )
  expect(written).toEqual({
    body: '{"model":"m","input":"A","truncate":false}',
    dropped: ['purpose', 'user'],
  })
  const body = '{"model":"m","embeddings":[[0.5]],"prompt_eval_count":2}'
  expect(ollamaEmbeddings.read(body)).toEqual({ model: 'm', vectors: [[0.5]], usage: { inputTokens: 2 } })
  expect(ollamaEmbeddings.usage(Buffer.from(body))).toEqual({ inputTokens: 2 })
})
