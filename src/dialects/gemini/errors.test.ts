import { describe, expect, test } from 'vitest'
import { GatewayError, type ErrorKind } from '../../core/error.ts'
import { readError, readErrorInReply, writeError } from './errors.ts'

const JSON_TYPE = 'application/json'

describe('a refusal', () => {
  test('tells its wait, which Google puts into the details, in whole seconds', () => {
    const error = {
      code: 429,
      message: 'Quota.',
      status: 'RESOURCE_EXHAUSTED',
      details: [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '34.4s' }],
    }
    expect(readError(429, JSON_TYPE, JSON.stringify({ error }))).toMatchObject({
      kind: 'rate_limit',
      status: 429,
      message: 'Quota.',
      code: 'RESOURCE_EXHAUSTED',
      retryAfter: '35',
    })
  })

  test('of a wrong key is one of credentials, though Google says 400', () => {
    const error = {
      code: 400,
      message: 'Bad key.',
      status: 'INVALID_ARGUMENT',
      details: [{ reason: 'API_KEY_INVALID' }],
    }
    expect(readError(400, JSON_TYPE, JSON.stringify([{ error }]))).toMatchObject({
      kind: 'auth',
      status: 401,
    })
  })

  test.each([
    [503, '<html>', 'overloaded', 503],
    [500, '', 'server_error', 500],
    [404, '[]', 'not_found', 404],
    [302, 'null', 'bad_response', 502],
    [504, '{}', 'timeout', 504],
  ])('%i with the body "%s" is told by its status', (status, body, kind, shown) => {
    expect(readError(status, 'text/html', body)).toMatchObject({ kind, status: shown })
  })
})

test.each<[number, string, string, ErrorKind]>([
  [
    400,
    'INVALID_ARGUMENT',
    'The input token count (1200293) exceeds the maximum number of tokens allowed (1048576).',
    'context_window',
  ],
  [
    400,
    'INVALID_ARGUMENT',
    'Not submitted: the input token count is 40000 but model only supports up to 32768.',
    'context_window',
  ],
  [400, 'INVALID_ARGUMENT', 'It violates Responsible AI practices.', 'content_policy'],
  [404, 'NOT_FOUND', 'models/g is not found for API version v1beta.', 'model_not_found'],
  [404, 'NOT_FOUND', 'Publisher Model `projects/p/models/m` was not found.', 'model_not_found'],
  [404, 'NOT_FOUND', 'Requested entity was not found.', 'not_found'],
  [400, 'INVALID_ARGUMENT', 'Unknown name "x".', 'bad_request'],
  [403, 'PERMISSION_DENIED', 'The API is off.', 'auth'],
  [429, 'RESOURCE_EXHAUSTED', 'You exceeded your current quota, please check your plan.', 'rate_limit'],
  [500, 'INTERNAL', 'No.', 'server_error'],
  [503, 'UNAVAILABLE', 'The model is overloaded.', 'overloaded'],
  [504, 'DEADLINE_EXCEEDED', 'Late.', 'timeout'],
])('status %i with %s and "%s" is of kind %s', (code, status, message, kind) => {
  const answer = { error: { code, message, status } }
  const expected = { kind, status: code, message, code: status }
  expect(readError(code, JSON_TYPE, JSON.stringify(answer))).toMatchObject(expected)
  expect(readErrorInReply(answer)).toMatchObject(expected)
})

test('a blocked prompt is known by its reason', () => {
  const details = [{ reason: 'PUBLIC_ERROR_UNSAFE_GENERATION' }]
  const answer = { error: { code: 400, message: 'No.', status: 'INVALID_ARGUMENT', details } }
  expect(readError(400, JSON_TYPE, JSON.stringify(answer)).kind).toBe('content_policy')
})

test("an error is written in Google's shape, with its reason and its wait", () => {
  const options = { kind: 'rate_limit', status: 429, code: 'quota', retryAfter: '26' } as const
  expect(writeError(new GatewayError('Slow down.', options))).toEqual({
    status: 429,
    body: {
      error: {
        code: 429,
        message: 'Slow down.',
        status: 'RESOURCE_EXHAUSTED',
        details: [
          { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'quota' },
          { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '26s' },
        ],
      },
    },
  })
})

test.each([
  [400, 'INVALID_ARGUMENT'],
  [422, 'INVALID_ARGUMENT'],
  [404, 'NOT_FOUND'],
  [502, 'UNAVAILABLE'],
  [529, 'UNAVAILABLE'],
])('the status %i is called %s', (status, word) => {
  const { body } = writeError(new GatewayError('No.', { kind: 'internal', status }))
  expect(body).toEqual({ error: { code: status, message: 'No.', status: word } })
})
