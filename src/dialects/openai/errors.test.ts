import { describe, expect, test } from 'vitest'
import { GatewayError } from '../../core/error.ts'
import { readError, readStreamError, writeErrorObject } from './errors.ts'

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

test.each<[string, number, string, object]>([
  [
    'a code and what is at fault',
    400,
    '{"error":{"message":"No.","param":"max_tokens","code":"unsupported_parameter"}}',
    { message: 'No.', code: 'unsupported_parameter', parameter: 'maxTokens' },
  ],
  ['a number that repeats the status', 401, '{"error":{"message":"No.","code":"401"}}', { code: undefined }],
  ['a text beside its code (xAI)', 400, '{"code":"Bad","error":"No."}', { message: 'No.', code: 'Bad' }],
  ['no object around it (Mistral)', 400, '{"message":"No.","code":"1500"}', { message: 'No.', code: '1500' }],
  [
    'its type beside the text (TGI)',
    422,
    '{"error":"No.","error_type":"validation"}',
    { code: 'validation' },
  ],
  ['a list of texts', 400, '{"error":["No.","Never."]}', { message: 'No.; Never.' }],
  ['a list around it (Google)', 400, '[{"error":{"message":"No."}}]', { message: 'No.' }],
  [
    'the fields at fault (FastAPI)',
    422,
    '{"detail":[{"loc":["body","n"],"msg":"too large"},{"msg":"odd"}]}',
    { message: 'body.n: too large; odd' },
  ],
  [
    'the fields inside the message (Mistral)',
    422,
    '{"message":{"detail":[{"loc":["body"],"msg":"odd"}]}}',
    { message: 'body: odd' },
  ],
  [
    'several errors (Cloudflare)',
    400,
    '{"success":false,"errors":[{"message":"No.","code":7}]}',
    { message: 'No.' },
  ],
  ['its code beside the message (Databricks)', 400, '{"error_code":"BAD","message":"No."}', { code: 'BAD' }],
  ['a wrong key as a bad request (xAI)', 400, '{"error":"Incorrect API key provided."}', { kind: 'auth' }],
  ['a status of its own (Groq)', 498, '{"error":{"message":"Full."}}', { kind: 'overloaded' }],
])('a refusal may have %s', (_what, status, body, expected) => {
  expect(readError(status, JSON_TYPE, body)).toMatchObject({ status, ...expected })
})

test('an error after status 200 says its status, if anything does', () => {
  const statusOf = (error: object): number => readStreamError({ error: { message: 'No.', ...error } }).status
  expect(statusOf({ code: 429 })).toBe(429)
  expect(statusOf({ status_code: 400, code: 'tool_use_failed' })).toBe(400)
  expect(statusOf({ type: 'overloaded_error' })).toBe(503)
  expect(statusOf({ code: 7 })).toBe(502)
  expect(statusOf({})).toBe(502)
})

test('the provider’s code and the field at fault are shown in OpenAI’s words', () => {
  const error = new GatewayError('No.', { kind: 'bad_request', status: 400, code: 'x', parameter: 'topP' })
  expect(writeErrorObject(error)).toEqual({
    error: { message: 'No.', type: 'invalid_request_error', param: 'top_p', code: 'x' },
  })
})
