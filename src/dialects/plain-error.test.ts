import { expect, test } from 'vitest'
import type { ErrorKind } from '../core/error.ts'
import { readPlainError, readPlainErrorObject } from './plain-error.ts'

const JSON_TYPE = 'application/json'

/** Bodies in the shapes of the providers named; codes and telling phrases are theirs. */
test.each<[string, number, object, ErrorKind]>([
  ['Mistral', 400, { message: 'Invalid model: m', type: 'invalid_model', code: '1500' }, 'model_not_found'],
  ['Mistral', 400, { message: 'No.', type: 'invalid_model', code: '1500' }, 'model_not_found'],
  [
    'Mistral',
    400,
    { message: 'Prompt contains 9 tokens, too large for model with 8 maximum context length' },
    'context_window',
  ],
  ['Mistral', 400, { message: 'Too many tokens in batch.', type: 'invalid_request_error' }, 'context_window'],
  ['Mistral', 429, { message: 'No.', type: 'rate_limited', code: '1300' }, 'rate_limit'],
  ['Mistral', 429, { message: 'Service tier capacity exceeded for this model.' }, 'overloaded'],
  ['Ollama', 404, { error: "model 'm' not found" }, 'model_not_found'],
  ['Ollama', 400, { error: 'the input length exceeds the context length' }, 'context_window'],
  [
    'TGI',
    422,
    { error: '`inputs` must have less than 8 tokens.', error_type: 'validation' },
    'context_window',
  ],
  ['TGI', 422, { error: '`top_p` must be > 0.0', error_type: 'validation' }, 'bad_request'],
  ['TGI', 429, { error: 'Model is overloaded', error_type: 'overloaded' }, 'overloaded'],
  [
    'TEI',
    413,
    { error: '`inputs` must have less than 512 tokens.', error_type: 'Validation' },
    'context_window',
  ],
  ['TEI', 413, { error: 'batch size 99 > maximum 32', error_type: 'Validation' }, 'too_large'],
  ['Voyage', 400, { detail: 'The max allowed tokens per submitted batch is 8.' }, 'context_window'],
  [
    'Databricks',
    404,
    { error_code: 'RESOURCE_DOES_NOT_EXIST', message: 'The given endpoint does not exist.' },
    'model_not_found',
  ],
  ['anyone', 402, { error: { message: 'No.', type: 'x' } }, 'auth'],
  ['anyone', 429, { error: { message: 'No.', code: 'insufficient_quota' } }, 'auth'],
])('%s says with a %i of %j: %s', (_who, status, body, kind) => {
  expect(readPlainError(status, JSON_TYPE, JSON.stringify(body))).toMatchObject({ kind, status })
})

test('an error inside a stream that is the fault of the request is a 400', () => {
  const body = { error: 'prompt is too long', error_type: 'generation' }
  expect(readPlainErrorObject(502, body)).toMatchObject({ kind: 'context_window', status: 400 })
  expect(readPlainErrorObject(502, { error: 'No.' })).toMatchObject({ kind: 'server_error', status: 502 })
})

test('a text is a message', () => {
  expect(readPlainError(404, 'text/plain', ' model m not found\n')).toMatchObject({
    kind: 'model_not_found',
    message: 'model m not found',
  })
  expect(readPlainError(404, 'text/html', '<h1>Not Found</h1>')).toMatchObject({ kind: 'not_found' })
})
