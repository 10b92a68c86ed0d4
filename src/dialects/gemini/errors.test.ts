import { describe, expect, test } from 'vitest'
import { GatewayError } from '../../core/error.ts'
import { readError, writeError } from './errors.ts'

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
  ])('%i with the body "%s" is told by its status', (status, body, kind, shown) => {
    expect(readError(status, 'text/html', body)).toMatchObject({ kind, status: shown })
  })
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
