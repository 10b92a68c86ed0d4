import { describe, expect, test } from 'vitest'
import { collectReply, textOf } from '../../core/collect.ts'
import type { ChatRequest } from '../../core/request.ts'
import { mlflowServingChat, mlflowServingEmbeddings } from './index.ts'

const target = { model: 'chat-bot' }

function chat(changes: Partial<ChatRequest> = {}): ChatRequest {
  const parts = [{ type: 'text' as const, text: 'Is this a test?' }]
  return { messages: [{ role: 'user', parts, extras: {} }], stream: false, extras: {}, ...changes }
}

function write(request: ChatRequest): unknown {
  return JSON.parse(mlflowServingChat.write(request, target).body)
}

describe('a request to a served model', () => {
  test('is one row of inputs, with all else as params', () => {
    const request = chat({ temperature: 0, candidates: 1, maxTokens: 9, stop: ['x'], extras: { top_k: 3 } })
    expect(write(request)).toEqual({
      inputs: ['Is this a test?'],
      params: { top_k: 3, temperature: 0, candidate_count: 1, max_tokens: 9, stop: ['x'] },
    })
  })

  test('has no params when there are none', () => {
    expect(write(chat())).toEqual({ inputs: ['Is this a test?'] })
  })

  test('with two messages is refused, and says how many there are', () => {
    const [message] = chat().messages
    const messages = message ? [message, message] : []
    expect(() => write(chat({ messages }))).toThrow(
      'MLflow chat models are only capable of processing a single query at a time. The request submitted consists of 2 queries.',
    )
  })

  test('with an image is refused', () => {
    const source = { kind: 'url' as const, url: 'https://x.example/y.png' }
    const messages = [{ role: 'user', parts: [{ type: 'image' as const, source }], extras: {} }]
    expect(() => write(chat({ messages }))).toThrow("a part of type 'image'")
  })

  test('names what the model has no place for', () => {
    const request = chat({ topP: 0.5, seed: 1, extras: { logit_bias: {} }, extrasDialect: 'openai' })
    expect(mlflowServingChat.write(request, target).dropped).toEqual(['topP', 'seed', 'logit_bias'])
  })

  test('for embeddings has each text as a row', () => {
    const written = mlflowServingEmbeddings.write({ input: ['a', 'b'], dimensions: 3, extras: {} }, target)
    expect(JSON.parse(written.body)).toEqual({ inputs: ['a', 'b'] })
    expect(written.dropped).toEqual(['dimensions'])
    expect(mlflowServingEmbeddings.write({ input: 'a', extras: { k: 1 } }, target).body).toBe(
      '{"inputs":["a"],"params":{"k":1}}',
    )
  })
})

function texts(predictions: unknown): string[] {
  const events = mlflowServingChat.reader(target).whole(JSON.stringify({ predictions }))
  return collectReply(events).candidates.map((candidate) => textOf(candidate, 'text'))
}

describe('predictions', () => {
  test.each([
    ['a list', ['one', 'two']],
    ['a mapping of one list', { anything: ['one', 'two'] }],
    ['candidates among others', { candidates: ['one', 'two'], ignored: ['a'] }],
    ['choices among others', { choices: ['one', 'two'], ignored: ['a'] }],
  ])('are answers when they are %s', (_case, predictions) => {
    expect(texts(predictions)).toEqual(['one', 'two'])
  })

  test('are complete, and say nothing of why they ended', () => {
    const reply = collectReply(mlflowServingChat.reader(target).whole('{"predictions":["a"]}'))
    expect(reply).toMatchObject({ model: 'chat-bot', usage: {} })
    expect(reply.candidates[0]?.end).toEqual({ reason: 'stop', native: { dialect: 'mlflow', reason: '' } })
  })

  test.each([
    ['numbers', [1, 2, 3]],
    ['numbers in a mapping', { candidates: [1] }],
    ['an empty list', []],
    ['two lists without a name for one', { a: ['x'], b: ['y'] }],
    ['missing', undefined],
  ])('are refused when they are %s', (_case, predictions) => {
    expect(() => texts(predictions)).toThrow('ServingTextResponse\npredictions')
  })

  test('are vectors, or one vector', () => {
    const rows = [
      [0.01, -0.1],
      [0.03, -0.03],
    ]
    expect(mlflowServingEmbeddings.read(JSON.stringify({ predictions: rows })).vectors).toEqual(rows)
    expect(mlflowServingEmbeddings.read('{"predictions":[1.5,2]}').vectors).toEqual([[1.5, 2]])
  })

  test.each(['a text', ['a', 'b'], [[1, 2.3], ['a']], [[], []], []])(
    'are no vectors: %j',
    (...predictions) => {
      const body = JSON.stringify({ predictions: predictions.length === 1 ? predictions[0] : predictions })
      expect(() => mlflowServingEmbeddings.read(body)).toThrow('EmbeddingsResponse\npredictions')
    },
  )

  test('that are not JSON are a bad answer', () => {
    expect(() => mlflowServingChat.reader(target).whole('<html>')).toThrow('not valid JSON')
  })
})

test('a refusal keeps its message and its word for it', () => {
  const body = '{"error_code":"BAD_REQUEST","message":"Invalid input."}'
  const error = mlflowServingChat.readError(400, 'application/json', body)
  expect(error).toMatchObject({
    message: 'Invalid input.',
    code: 'BAD_REQUEST',
    kind: 'bad_request',
    status: 400,
  })
})
