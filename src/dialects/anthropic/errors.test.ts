import { expect, test } from 'vitest'
import { readError } from './errors.ts'

const JSON_TYPE = 'application/json'

function refusal(type: string, message = 'No.'): string {
  return JSON.stringify({ type: 'error', error: { type, message }, request_id: 'req_1' })
}

test.each([
  [400, 'invalid_request_error', 'bad_request'],
  [401, 'authentication_error', 'auth'],
  [402, 'billing_error', 'bad_request'],
  [403, 'permission_error', 'auth'],
  [404, 'not_found_error', 'not_found'],
  [413, 'request_too_large', 'too_large'],
  [429, 'rate_limit_error', 'rate_limit'],
  [500, 'api_error', 'server_error'],
  [500, 'overloaded_error', 'overloaded'],
  [503, 'api_error', 'overloaded'],
  [504, 'timeout_error', 'server_error'],
  [529, 'overloaded_error', 'overloaded'],
  [400, 'a_type_of_tomorrow', 'bad_request'],
  [520, 'a_type_of_tomorrow', 'server_error'],
])('status %i with %s is of kind %s', (status, type, kind) => {
  expect(readError(status, JSON_TYPE, refusal(type))).toMatchObject({
    message: 'No.',
    kind,
    status,
  })
})

test('the outer type may be missing', () => {
  const body = JSON.stringify({ error: { type: 'request_too_large', message: 'Too much.' } })
  expect(readError(413, JSON_TYPE, body)).toMatchObject({ message: 'Too much.', kind: 'too_large' })
})

test.each([
  ['an HTML page', '<html>Bad Gateway</html>'],
  ['nothing', ''],
  ['half of a JSON text', '{"type":"err'],
  ['a list', '[]'],
  ['null', 'null'],
  ['an error that is a text', '{"error":"no"}'],
  ['an empty message', '{"error":{"type":"api_error","message":""}}'],
  ['a message of another type', '{"error":{"message":{"a":1}}}'],
])('a body that is %s is told by its status', (_what, body) => {
  expect(readError(502, 'text/html', body)).toMatchObject({
    message: 'The provider refused the request with status 502 and no message.',
    kind: 'server_error',
    status: 502,
  })
})

test('a wrong key is told by the status, whatever the body says', () => {
  expect(readError(401, JSON_TYPE, refusal('invalid_request_error')).kind).toBe('auth')
})

test('a redirect is a bad response', () => {
  expect(readError(302, 'text/html', '')).toMatchObject({ kind: 'bad_response', status: 502 })
})
