import { describe, expect, test } from 'vitest'
import {
  MODEL_REFUSED,
  N_REFUSED,
  NULL,
  mistake,
  read,
  refusal,
} from '../../../test/support/mlflow-reading.ts'
import { readCompletions, readEmbeddings, type Contract } from './read-request.ts'

describe('completions', () => {
  test('are a chat of one message', () => {
    const request = read(readCompletions, '2.5', { prompt: 'Say', temperature: 0.25, seed: 7, best_of: 2 })
    expect(request.chat()).toEqual({
      messages: [{ role: 'user', parts: [{ type: 'text', text: 'Say' }], extras: {} }],
      stream: false,
      temperature: 0.5,
      temperatureIsDefault: false,
      candidates: 1,
      seed: 7,
      extras: { best_of: 2 },
    })
    expect(request.passThrough('openai-chat', { model: 'm' })).toBeUndefined()
  })

  test('may have an empty prompt, or a number', () => {
    expect(read(readCompletions, '2.5', { prompt: '' }).chat().messages[0]?.parts).toEqual([
      { type: 'text', text: '' },
    ])
    expect(read(readCompletions, '2.5', { prompt: 5 }).chat().messages[0]?.parts).toEqual([
      { type: 'text', text: '5' },
    ])
  })

  test.each<[unknown, unknown]>([
    [{}, mistake(['prompt'], 'field required', 'value_error.missing')],
    [{ prompt: null }, mistake(['prompt'], ...NULL)],
    [{ prompt: ['a'] }, mistake(['prompt'], 'str type expected', 'type_error.str')],
    [{ prompt: 'a', model: 'm' }, MODEL_REFUSED],
    [{ prompt: 'a', n: 2 }, N_REFUSED],
  ])('%j are refused', (body, expected) => {
    expect(refusal(readCompletions, '2.5', body)).toEqual(expected)
  })
})

describe('embeddings', () => {
  test.each<[Contract, string]>([
    ['seed', 'text'],
    ['2.5', 'text'],
    ['2.5', 'texts'],
    ['2.5', 'input'],
    ['2.9', 'input'],
    ['2.9', 'text'],
  ])('in contract %s are asked for by %s', (contract, field) => {
    const request = read(readEmbeddings, contract, { [field]: ['a', 'b'], dimensions: 8, other: 'x' })
    expect(request.embeddings()).toEqual({ input: ['a', 'b'], dimensions: 8, extras: { other: 'x' } })
  })

  test.each<[unknown, string | string[]]>([
    ['a', 'a'],
    [5, '5'],
    [[], []],
    [
      ['a', 5],
      ['a', '5'],
    ],
  ])('of %j are of %j', (text, input) => {
    expect(read(readEmbeddings, '2.5', { text }).embeddings().input).toEqual(input)
  })

  test.each<[Contract, unknown, unknown]>([
    ['2.5', {}, mistake(['text'], 'field required', 'value_error.missing')],
    ['2.9', {}, mistake(['input'], 'field required', 'value_error.missing')],
    ['2.5', { text: null }, mistake(['text'], ...NULL)],
    ['2.5', { text: 'a', model: 'm' }, MODEL_REFUSED],
    ['2.5', { text: ['a', null] }, mistake(['text', 1], ...NULL)],
    [
      '2.5',
      { text: { a: 1 } },
      [
        422,
        [
          { loc: ['body', 'text'], msg: 'str type expected', type: 'type_error.str' },
          { loc: ['body', 'text'], msg: 'value is not a valid list', type: 'type_error.list' },
        ],
      ],
    ],
  ])('in contract %s with %j are refused', (contract, body, expected) => {
    expect(refusal(readEmbeddings, contract, body)).toEqual(expected)
  })

  test("pass their bytes on when they are OpenAI's own", () => {
    const passed = (body: string, format = 'openai-embeddings', model: string | null = 'm'): unknown =>
      read(readEmbeddings, '2.9', body).passThrough(format, { model })?.toString()
    expect(passed('{ "input": "a" }')).toBe('{"model":"m", "input": "a" }')
    expect(passed('{"input":"a"}', 'openai-embeddings', null)).toBe('{"input":"a"}')
    expect(passed('{"text":"a"}')).toBeUndefined()
    expect(passed('{"input":5}')).toBeUndefined()
    expect(passed('{"input":"a"}', 'openai-chat')).toBeUndefined()
  })
})
