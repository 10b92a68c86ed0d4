import { expect, test } from 'vitest'
import { GatewayError, type ErrorKind } from '../../core/error.ts'
import { readError, writeError } from './errors.ts'

const JSON_TYPE = 'application/json'

test.each<[number, string, ErrorKind]>([
  [400, 'too many tokens: size limit exceeded by 9 tokens.', 'context_window'],
  [404, "model 'm' not found, use another one", 'model_not_found'],
  [400, 'invalid request', 'bad_request'],
  [401, 'invalid api token', 'auth'],
  [402, 'Please pay.', 'auth'],
  [429, 'Too many tokens this month.', 'rate_limit'],
  [500, 'internal server error', 'server_error'],
  [503, 'later', 'overloaded'],
  [504, 'late', 'timeout'],
])('status %i with "%s" is of kind %s', (status, message, kind) => {
  expect(readError(status, JSON_TYPE, JSON.stringify({ message }))).toMatchObject({ kind, status, message })
})

test('a token that has expired is a wrong key', () => {
  expect(readError(498, JSON_TYPE, '{"message":"expired"}')).toMatchObject({ kind: 'auth', status: 401 })
})

test.each<[ErrorKind, number]>([
  ['context_window', 400],
  ['content_policy', 400],
  ['model_not_found', 404],
])('%s reaches clients with its status %i', (kind, status) => {
  expect(writeError(new GatewayError('No.', { kind, status }))).toEqual({ status, body: { message: 'No.' } })
})
