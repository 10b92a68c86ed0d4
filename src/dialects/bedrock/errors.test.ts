import { expect, test } from 'vitest'
import { readError } from './errors.ts'

const JSON_TYPE = 'application/json'

test.each([
  [400, '{"message":"No."}', 'bad_request'],
  [403, '{"Message":"No."}', 'auth'],
  [404, '{"message":"No."}', 'not_found'],
  [429, '{"message":"No."}', 'rate_limit'],
  [500, '{"message":"No."}', 'server_error'],
  [503, '{"message":"No."}', 'overloaded'],
])('status %i with %s is of kind %s', (status, body, kind) => {
  expect(readError(status, JSON_TYPE, body)).toMatchObject({ message: 'No.', kind, status })
})

test.each([
  [408, 504],
  [424, 502],
])('a model that failed with status %i is not the fault of the caller', (status, expected) => {
  expect(readError(status, JSON_TYPE, '{"message":"No."}')).toMatchObject({
    kind: 'server_error',
    status: expected,
  })
})

test('a type in the body says more', () => {
  const body = '{"__type":"com.amazon.coral.service#ExpiredTokenException","message":"No."}'
  expect(readError(400, JSON_TYPE, body)).toMatchObject({ kind: 'auth', code: 'ExpiredTokenException' })
})

test.each(['', '<html>', '[]', '{"message":7}'])('the body %j is told by its status', (body) => {
  expect(readError(502, JSON_TYPE, body)).toMatchObject({
    message: 'The provider refused the request with status 502.',
    kind: 'server_error',
  })
})
