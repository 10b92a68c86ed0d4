import { describe, expect, test } from 'vitest'
import { readError } from './errors.ts'

const JSON_TYPE = 'application/json'

test.each([
  [400, 'bad_request'],
  [401, 'auth'],
  [403, 'auth'],
  [404, 'not_found'],
  [409, 'bad_request'],
  [413, 'too_large'],
  [422, 'bad_request'],
  [429, 'rate_limit'],
  [500, 'server_error'],
  [502, 'server_error'],
  [503, 'overloaded'],
  [529, 'overloaded'],
])('status %i is of kind %s and stays, with the message', (status, kind) => {
  const body = '{"error":{"message":"No.","type":"x","param":null,"code":null}}'
  const error = readError(status, JSON_TYPE, body)
  expect(error).toMatchObject({ kind, status, message: 'No.' })
  expect(error.detail).toBeUndefined()
})

describe('a refusal in another shape', () => {
  test('may have its text where the object should be', () => {
    expect(readError(400, JSON_TYPE, '{"error":"No."}')).toMatchObject({ message: 'No.', detail: undefined })
  })

  test.each([
    ['another object', '{"detail":[{"loc":["a"]}]}'],
    ['an error without a message', '{"error":{"code":7}}'],
    ['a message that is no text', '{"error":{"message":{"a":1}}}'],
    ['an error that is null', '{"error":null}'],
    ['a list', '[1,{"a":2}]'],
    ['a text', '"no"'],
    ['null', 'null'],
  ])('is handed on whole when it is %s', (_what, body) => {
    expect(readError(418, JSON_TYPE, body)).toMatchObject({
      kind: 'bad_request',
      status: 418,
      detail: JSON.parse(body),
      message: 'The provider refused the request.',
    })
  })

  test('may be plain text', () => {
    expect(readError(503, 'text/plain; charset=utf-8', ' overloaded\n')).toMatchObject({
      kind: 'overloaded',
      status: 503,
      message: 'overloaded',
    })
  })

  test.each([
    [500, 'text/html; charset=utf-8', '<h1>', 500, 'server_error', 'text/html'],
    [403, 'text/html', '<h1>', 502, 'auth', 'text/html'],
    [404, JSON_TYPE, '{bad', 502, 'not_found', 'application/json'],
    [500, '', '', 500, 'server_error', 'none'],
    [429, 'text/plain', '  ', 502, 'rate_limit', 'text/plain'],
  ])(
    'of status %i and type %j with %j becomes %i and names the type',
    (status, type, body, shown, kind, named) => {
      expect(readError(status, type, body)).toMatchObject({
        kind,
        status: shown,
        message: `The returned data type from the route service is not supported. Received content type: ${named}`,
      })
    },
  )
})
