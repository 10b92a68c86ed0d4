import { expect, test } from 'vitest'
import type { ErrorKind } from '../../core/error.ts'
import { readFailure, readStreamError } from './errors.ts'

test.each<[string, string, ErrorKind, number]>([
  ['context_length_exceeded', 'No.', 'context_window', 400],
  ['invalid_prompt', 'Flagged as potentially violating our usage policy.', 'content_policy', 400],
  ['invalid_prompt', 'No.', 'bad_request', 400],
  ['cyber_policy', 'No.', 'content_policy', 400],
  ['image_content_policy_violation', 'No.', 'content_policy', 400],
  ['model_not_found', 'No.', 'model_not_found', 404],
  ['rate_limit_exceeded', 'No.', 'rate_limit', 429],
  ['insufficient_quota', 'No.', 'auth', 429],
  ['server_is_overloaded', 'No.', 'overloaded', 503],
  ['slow_down', 'No.', 'overloaded', 503],
  ['server_error', 'No.', 'server_error', 500],
  ['a_code_of_tomorrow', 'No.', 'server_error', 502],
])('inside a stream %s with "%s" is of kind %s', (code, message, kind, status) => {
  const expected = { kind, status, message, code }
  expect(readStreamError({ type: 'error', code, message })).toMatchObject(expected)
  expect(readFailure({ status: 'failed', error: { code, message } })).toMatchObject(expected)
})

test('a response that failed without an error is one of the provider', () => {
  expect(readFailure({ status: 'cancelled', error: null })).toMatchObject({
    kind: 'server_error',
    status: 502,
  })
  expect(readFailure({ status: 'completed', error: null })).toBeUndefined()
})
