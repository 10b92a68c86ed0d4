import { expect, test } from 'vitest'
import type { ErrorKind } from '../../core/error.ts'
import { readError, readException } from './errors.ts'

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
  [408, 504, 'timeout'],
  [424, 502, 'server_error'],
])('a model that failed with status %i is not the fault of the caller', (status, expected, kind) => {
  expect(readError(status, JSON_TYPE, '{"message":"No."}')).toMatchObject({ kind, status: expected })
})

test.each<[number, string, ErrorKind]>([
  [400, 'Input is too long for requested model.', 'context_window'],
  [
    400,
    'The model returned the following errors: prompt is too long: 9 tokens > 8 maximum',
    'context_window',
  ],
  [400, 'Too many input tokens. Max input tokens: 8, request input token count: 9', 'context_window'],
  [400, 'Input Tokens Exceeded: Number of input tokens exceeds maximum length.', 'context_window'],
  [400, 'This request has been blocked by our content filters.', 'content_policy'],
  [400, 'The provided model identifier is invalid.', 'model_not_found'],
  [400, 'Invocation of model ID m with on-demand throughput isn’t supported.', 'model_not_found'],
  [404, 'This model version has reached the end of its life.', 'model_not_found'],
  [404, 'Model not found.', 'model_not_found'],
  [403, "You don't have access to the model with the specified model ID.", 'auth'],
  [403, 'The security token included in the request is invalid.', 'auth'],
  [429, 'Too many tokens, please wait before trying again.', 'rate_limit'],
  [429, 'The model is not ready for inference.', 'overloaded'],
  [503, 'Model is getting throttled. Try your request again.', 'overloaded'],
])('status %i with "%s" is of kind %s', (status, message, kind) => {
  expect(readError(status, JSON_TYPE, JSON.stringify({ message }))).toMatchObject({ kind, status, message })
})

test.each<[string, number, ErrorKind]>([
  ['ResourceNotFoundException', 404, 'model_not_found'],
  ['ThrottlingException', 429, 'rate_limit'],
  ['ServiceQuotaExceededException', 400, 'rate_limit'],
  ['ServiceUnavailableException', 503, 'overloaded'],
  ['ModelNotReadyException', 429, 'overloaded'],
  ['ModelTimeoutException', 408, 'timeout'],
  ['ModelErrorException', 424, 'server_error'],
  ['AccessDeniedException', 403, 'auth'],
  ['ValidationException', 400, 'bad_request'],
])('%s with status %i is of kind %s', (type, status, kind) => {
  const body = JSON.stringify({ __type: type, message: 'No.' })
  expect(readError(status, JSON_TYPE, body)).toMatchObject({ kind, code: type })
})

test.each<[string, string, ErrorKind, number]>([
  ['validationException', 'Input is too long for requested model.', 'context_window', 400],
  ['validationException', 'No.', 'bad_request', 400],
  ['modelStreamErrorException', 'No.', 'server_error', 502],
  ['throttlingException', 'Too many tokens, please wait.', 'rate_limit', 429],
  ['serviceUnavailableException', 'No.', 'overloaded', 503],
  ['modelTimeoutException', 'No.', 'timeout', 504],
  ['internalServerException', 'No.', 'server_error', 500],
  ['exceptionOfTomorrow', 'No.', 'server_error', 502],
])('inside a stream %s with "%s" is of kind %s', (type, message, kind, status) => {
  expect(readException(type, JSON.stringify({ message }))).toMatchObject({
    kind,
    status,
    message,
    code: type,
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
