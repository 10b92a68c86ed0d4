import { describe, expect, test } from 'vitest'
import type { ErrorKind } from '../core/error.ts'
import { classifyRefusal } from './classify-refusal.ts'

test.each<[number, ErrorKind]>([
  [400, 'bad_request'],
  [401, 'auth'],
  [402, 'auth'],
  [403, 'auth'],
  [404, 'not_found'],
  [408, 'timeout'],
  [409, 'bad_request'],
  [413, 'too_large'],
  [422, 'bad_request'],
  [429, 'rate_limit'],
  [498, 'overloaded'],
  [500, 'server_error'],
  [502, 'server_error'],
  [503, 'overloaded'],
  [504, 'timeout'],
  [520, 'server_error'],
  [521, 'server_error'],
  [523, 'server_error'],
  [524, 'timeout'],
  [529, 'overloaded'],
])('status %i alone is of kind %s and stays', (status, kind) => {
  expect(classifyRefusal({ status, words: [null, 7, 'unheard_of'], message: 'No.' })).toEqual({
    kind,
    status,
  })
})

test('a redirect is a bad response', () => {
  expect(classifyRefusal({ status: 302, words: ['model_not_found'] })).toEqual({
    kind: 'bad_response',
    status: 502,
  })
})

test.each<[string, ErrorKind]>([
  ['context_length_exceeded', 'context_window'],
  ['DeploymentNotFound', 'model_not_found'],
  ['deployment-not-found', 'model_not_found'],
  ['Arrearage', 'auth'],
])('the word %s is known however it is spelt: %s', (word, kind) => {
  expect(classifyRefusal({ status: 400, words: ['invalid_request_error', word] }).kind).toBe(kind)
})

test('a word that is not one is passed over', () => {
  const words = [{ code: 1 }, ['model_not_found'], '_'.repeat(100) + 'model_not_found', '__proto__']
  expect(classifyRefusal({ status: 400, words }).kind).toBe('bad_request')
})

describe('a status says what can be believed', () => {
  test.each<[number, string, ErrorKind]>([
    [400, 'Too many tokens.', 'context_window'],
    [413, 'Too many tokens.', 'context_window'],
    [429, 'Too many tokens, please wait.', 'rate_limit'],
    [503, 'Too many tokens, please wait.', 'overloaded'],
    [401, 'The model x does not exist or you may not use it.', 'auth'],
    [403, 'The model x does not exist or you may not use it.', 'auth'],
    [500, 'The model x was not found in the cache.', 'server_error'],
    [429, 'Your content violates the usage policy too often.', 'rate_limit'],
    [500, 'Invalid API key for the store.', 'server_error'],
    [400, 'Service tier capacity exceeded.', 'bad_request'],
  ])('%i with "%s" is of kind %s', (status, message, kind) => {
    expect(classifyRefusal({ status, message }).kind).toBe(kind)
  })
})

describe('the fault of a request', () => {
  test('is not shown as one of the provider', () => {
    const message = 'Context size has been exceeded.'
    expect(classifyRefusal({ status: 500, message })).toEqual({ kind: 'context_window', status: 400 })
    expect(classifyRefusal({ status: 502, words: ['content_filter'] })).toEqual({
      kind: 'content_policy',
      status: 400,
    })
  })

  test("is not shown as one of the client's key", () => {
    const refusal = { status: 403, message: 'Content violates usage guidelines. Failed check: X' }
    expect(classifyRefusal(refusal)).toEqual({ kind: 'content_policy', status: 400 })
  })
})

test.each([
  'max_tokens (10000) cannot exceed 8192. Please reduce the length of max output tokens generated.',
  'The maximum tokens you requested exceeds the model limit of 32768',
  "Unsupported value: 'temperature' does not support 0.5 with this model.",
  'Model x does not support parameter reasoningEffort.',
  "Invalid 'messages[0].content': string too long. Expected a string with maximum length 10.",
  'Previous response with id resp_1 not found.',
  'The content filtering system timed out.',
  `Unknown field: ${'x'.repeat(2500)} maximum context length`,
])('"%s" is only a bad request', (message) => {
  expect(classifyRefusal({ status: 400, message }).kind).toBe('bad_request')
})
