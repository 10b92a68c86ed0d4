import Anthropic from '@anthropic-ai/sdk'
import { describe, expect, test } from 'vitest'
import { GatewayError, type ErrorKind } from '../../core/error.ts'
import { readError, readErrorObject, writeError, writeErrorObject } from './errors.ts'

const JSON_TYPE = 'application/json'

function refusal(type: string, message = 'No.'): string {
  return JSON.stringify({ type: 'error', error: { type, message }, request_id: 'req_1' })
}

test.each([
  [400, 'invalid_request_error', 'bad_request'],
  [401, 'authentication_error', 'auth'],
  [402, 'billing_error', 'auth'],
  [403, 'permission_error', 'auth'],
  [404, 'not_found_error', 'not_found'],
  [413, 'request_too_large', 'too_large'],
  [429, 'rate_limit_error', 'rate_limit'],
  [500, 'api_error', 'server_error'],
  [500, 'overloaded_error', 'overloaded'],
  [503, 'api_error', 'overloaded'],
  [500, 'timeout_error', 'timeout'],
  [504, 'timeout_error', 'timeout'],
  [504, 'api_error', 'timeout'],
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

test.each<[number, string, string, ErrorKind]>([
  [400, 'invalid_request_error', 'prompt is too long: 300000 tokens > 200000 maximum', 'context_window'],
  [
    400,
    'invalid_request_error',
    'input length and `max_tokens` exceed context limit: 9 + 2 > 10, ask for less',
    'context_window',
  ],
  [400, 'invalid_request_error', 'Output blocked by content filtering policy', 'content_policy'],
  [404, 'not_found_error', 'model: claude-of-tomorrow', 'model_not_found'],
  [404, 'NOT_FOUND', 'Publisher Model `projects/p/models/m` was not found.', 'model_not_found'],
  [404, 'not_found_error', 'Not Found', 'not_found'],
  [400, 'invalid_request_error', 'Your credit balance is too low to go on.', 'auth'],
  [429, 'rate_limit_error', 'Too many tokens in this minute.', 'rate_limit'],
])('status %i with %s and "%s" is of kind %s', (status, type, message, kind) => {
  expect(readError(status, JSON_TYPE, refusal(type, message))).toMatchObject({ message, kind, status })
})

test.each<[string, string, ErrorKind, number]>([
  ['overloaded_error', 'Overloaded', 'overloaded', 529],
  ['rate_limit_error', 'Slow down.', 'rate_limit', 429],
  ['billing_error', 'No money.', 'auth', 402],
  ['timeout_error', 'Late.', 'timeout', 504],
  ['api_error', 'Broken.', 'server_error', 500],
  ['invalid_request_error', 'Output blocked by content filtering policy', 'content_policy', 400],
  ['invalid_request_error', 'prompt is too long: 9 tokens > 8 maximum', 'context_window', 400],
  ['a_type_of_tomorrow', 'No.', 'server_error', 502],
])('inside a stream %s with "%s" is of kind %s', (type, message, kind, status) => {
  expect(readErrorObject({ type: 'error', error: { type, message } })).toMatchObject({
    kind,
    status,
    message,
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

test.each([
  ['its own code', { type: 'x', message: 'No.', details: { error_code: 'credits' } }, 'credits'],
  [
    'a prompt that is too long',
    { type: 'x', message: 'prompt is too long: 9 > 8' },
    'context_length_exceeded',
  ],
  ['nothing more', { type: 'x', message: 'No.' }, undefined],
])('says %s', (_what, error, code) => {
  expect(readError(400, JSON_TYPE, JSON.stringify({ error })).code).toBe(code)
})

describe('for clients', () => {
  test.each<[ErrorKind, number, number, string, abstract new (...args: never[]) => Error]>([
    ['bad_request', 400, 400, 'invalid_request_error', Anthropic.BadRequestError],
    ['bad_request', 422, 400, 'invalid_request_error', Anthropic.BadRequestError],
    ['bad_request', 402, 402, 'billing_error', Anthropic.APIError],
    ['context_window', 400, 400, 'invalid_request_error', Anthropic.BadRequestError],
    ['context_window', 413, 413, 'request_too_large', Anthropic.APIError],
    ['context_window', 422, 400, 'invalid_request_error', Anthropic.BadRequestError],
    ['content_policy', 400, 400, 'invalid_request_error', Anthropic.BadRequestError],
    ['model_not_found', 404, 404, 'not_found_error', Anthropic.NotFoundError],
    ['model_not_found', 400, 400, 'invalid_request_error', Anthropic.BadRequestError],
    ['auth', 401, 401, 'authentication_error', Anthropic.AuthenticationError],
    ['auth', 403, 403, 'permission_error', Anthropic.PermissionDeniedError],
    ['not_found', 404, 404, 'not_found_error', Anthropic.NotFoundError],
    ['method_not_allowed', 405, 405, 'invalid_request_error', Anthropic.APIError],
    ['too_large', 413, 413, 'request_too_large', Anthropic.APIError],
    ['rate_limit', 429, 429, 'rate_limit_error', Anthropic.RateLimitError],
    ['overloaded', 503, 529, 'overloaded_error', Anthropic.InternalServerError],
    ['server_error', 500, 500, 'api_error', Anthropic.InternalServerError],
    ['bad_response', 502, 502, 'api_error', Anthropic.InternalServerError],
    ['timeout', 504, 504, 'timeout_error', Anthropic.InternalServerError],
    ['busy', 429, 429, 'rate_limit_error', Anthropic.RateLimitError],
    ['busy', 503, 503, 'overloaded_error', Anthropic.InternalServerError],
    ['draining', 503, 503, 'overloaded_error', Anthropic.InternalServerError],
  ])('%s with status %i is a %i %s', async (kind, given, status, type, exception) => {
    const written = writeError(new GatewayError('No.', { kind, status: given }))
    const message = kind === 'context_window' ? 'prompt is too long: No.' : 'No.'
    expect(written).toEqual({ status, body: { type: 'error', error: { type, message } } })
    const headers = { 'content-type': 'application/json' }
    const client = new Anthropic({
      apiKey: 'none',
      maxRetries: 0,
      fetch: () => Promise.resolve(new Response(JSON.stringify(written.body), { status, headers })),
    })
    const call = client.messages.create({ model: 'x', max_tokens: 1, messages: [] })
    await expect(call).rejects.toBeInstanceOf(exception)
  })

  test.each([
    { kind: 'context_window', status: 400 } as const,
    { kind: 'bad_request', status: 400, code: 'context_length_exceeded' } as const,
  ])('a prompt that is too long is told in the words that agents look for: %j', (options) => {
    const error = new GatewayError('9 tokens.', options)
    expect(writeErrorObject(error)).toMatchObject({ error: { message: 'prompt is too long: 9 tokens.' } })
    expect(writeErrorObject(error.withMessage('prompt is too long: 9'))).toMatchObject({
      error: { message: 'prompt is too long: 9' },
    })
  })
})
