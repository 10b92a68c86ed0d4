import { describe, expect, test } from 'vitest'
import OpenAI from 'openai'
import { GatewayError, type ErrorKind } from '../../core/error.ts'
import { readError, readStreamError, writeError, writeErrorObject } from './errors.ts'

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

/** Bodies in the shapes of the providers named; codes and telling phrases are theirs. */
test.each<[string, number, object, ErrorKind]>([
  ['OpenAI', 400, { error: { message: 'No.', code: 'context_length_exceeded' } }, 'context_window'],
  [
    'OpenAI',
    400,
    { error: { message: 'Your input exceeds the context window of this model.' } },
    'context_window',
  ],
  ['OpenAI', 400, { error: { message: 'No.', code: 'content_policy_violation' } }, 'content_policy'],
  ['OpenAI', 400, { error: { message: 'No.', code: 'moderation_blocked' } }, 'content_policy'],
  [
    'OpenAI',
    400,
    {
      error: {
        message: 'Invalid prompt: flagged as potentially violating our usage policy.',
        code: 'invalid_prompt',
      },
    },
    'content_policy',
  ],
  ['OpenAI', 404, { error: { message: 'No.', code: 'model_not_found' } }, 'model_not_found'],
  ['OpenAI', 400, { error: { message: 'No.', code: 'model_not_found' } }, 'model_not_found'],
  ['OpenAI', 403, { error: { message: 'No.', code: 'model_not_found' } }, 'auth'],
  ['OpenAI', 429, { error: { message: 'No.', code: 'rate_limit_exceeded' } }, 'rate_limit'],
  ['OpenAI', 429, { error: { message: 'No.', type: 'insufficient_quota' } }, 'auth'],
  ['Azure', 404, { error: { message: 'No.', code: 'DeploymentNotFound' } }, 'model_not_found'],
  ['Azure', 400, { error: { message: 'No.', code: 'content_filter' } }, 'content_policy'],
  [
    'Azure',
    400,
    { error: { message: 'No.', code: null, innererror: { code: 'ResponsibleAIPolicyViolation' } } },
    'content_policy',
  ],
  ['Azure', 429, { error: { message: 'No.', code: 'RateLimitReached' } }, 'rate_limit'],
  [
    'Groq',
    400,
    { error: { message: 'Please reduce the length of the messages or completion.' } },
    'context_window',
  ],
  [
    'Groq',
    413,
    {
      error: {
        message: 'Request too large for model `m`: Limit 6, Requested 7',
        code: 'rate_limit_exceeded',
      },
    },
    'context_window',
  ],
  ['Groq', 498, { error: { message: 'No.', code: 'capacity_exceeded' } }, 'overloaded'],
  ['Groq', 400, { error: { message: 'No.', code: 'model_decommissioned' } }, 'model_not_found'],
  [
    'vLLM',
    400,
    { message: "This model's maximum context length is 8 tokens.", type: 'BadRequestError' },
    'context_window',
  ],
  ['vLLM', 404, { message: 'The model `m` does not exist.', type: 'NotFoundError' }, 'model_not_found'],
  [
    'TGI',
    422,
    { error: '`inputs` tokens + `max_new_tokens` must be <= 8.', error_type: 'validation' },
    'context_window',
  ],
  ['TGI', 429, { error: 'Model is overloaded', error_type: 'overloaded' }, 'overloaded'],
  [
    'llama.cpp',
    400,
    { error: { code: 400, message: 'No.', type: 'exceed_context_size_error' } },
    'context_window',
  ],
  [
    'Together',
    404,
    { error: { message: 'Unable to access model m.', code: 'model_not_available' } },
    'model_not_found',
  ],
  [
    'Perplexity',
    400,
    { error: { message: 'No.', type: 'too_many_prompt_tokens', code: 400 } },
    'context_window',
  ],
  [
    'Fireworks',
    400,
    { error: { message: 'The prompt is too long: 9, model maximum context length: 8' } },
    'context_window',
  ],
  [
    'Fireworks',
    404,
    { error: { message: 'Model not found, inaccessible, and/or not deployed' } },
    'model_not_found',
  ],
  ['Databricks', 404, { error_code: 'ENDPOINT_NOT_FOUND', message: 'No.' }, 'model_not_found'],
  ['Databricks', 429, { error_code: 'REQUEST_LIMIT_EXCEEDED', message: 'No.' }, 'rate_limit'],
  ['xAI', 400, { code: 'x', error: "This model's maximum prompt length is 8." }, 'context_window'],
  ['xAI', 403, { code: 'x', error: 'Content violates usage guidelines.' }, 'content_policy'],
  ['xAI', 404, { code: 'x', error: 'The model grok-beta was deprecated.' }, 'model_not_found'],
  ['DeepSeek', 400, { error: { message: 'Content Exists Risk' } }, 'content_policy'],
  ['DeepSeek', 400, { error: { message: 'Model Not Exist' } }, 'model_not_found'],
  ['DeepSeek', 402, { error: { message: 'Insufficient Balance' } }, 'auth'],
  ['Alibaba', 400, { error: { message: 'No.', code: 'data_inspection_failed' } }, 'content_policy'],
  [
    'Zhipu',
    429,
    { error: { message: 'Insufficient balance or no resource package.', code: '1113' } },
    'auth',
  ],
  ['Cerebras', 429, { message: 'No.', code: 'queue_exceeded' }, 'overloaded'],
  ['OpenRouter', 400, { error: { message: 'm is not a valid model ID', code: 400 } }, 'model_not_found'],
  ['OpenRouter', 404, { error: { message: 'No endpoints found for m.', code: 404 } }, 'model_not_found'],
  ['OpenRouter', 402, { error: { message: 'No.', code: 402 } }, 'auth'],
  ['OpenRouter', 403, { error: { message: 'Your input was flagged.', code: 403 } }, 'content_policy'],
  [
    'OpenRouter',
    400,
    {
      error: {
        message: 'Provider returned error',
        code: 400,
        metadata: { raw: '{"error":{"message":"prompt is too long: 9 tokens > 8 maximum"}}' },
      },
    },
    'context_window',
  ],
  ['Cloudflare', 524, { message: 'No.' }, 'timeout'],
])('%s says with a %i of %j: %s', (_who, status, body, kind) => {
  const shown = kind === 'content_policy' ? 400 : status
  expect(readError(status, JSON_TYPE, JSON.stringify(body))).toMatchObject({ kind, status: shown })
})

test('a wait that Google names in the details is kept', () => {
  const details = [{ retryDelay: '2.5s' }]
  const body = JSON.stringify([{ error: { code: 429, message: 'Quota.', details } }])
  expect(readError(429, JSON_TYPE, body)).toMatchObject({ kind: 'rate_limit', retryAfter: '3' })
})

test.each<[object, ErrorKind, number]>([
  [{ code: 'context_length_exceeded' }, 'context_window', 400],
  [{ type: 'insufficient_quota' }, 'auth', 429],
  [{ code: 'content_filter' }, 'content_policy', 400],
  [{ type: 'overloaded_error' }, 'overloaded', 503],
  [{ code: 404, message: 'The model m does not exist.' }, 'model_not_found', 404],
])('an error after status 200 with %j is of kind %s', (error, kind, status) => {
  expect(readStreamError({ error: { message: 'No.', ...error } })).toMatchObject({ kind, status })
})

test.each<[ErrorKind, number, string | undefined, string, abstract new (...args: never[]) => Error]>([
  ['context_window', 400, undefined, 'context_length_exceeded', OpenAI.BadRequestError],
  ['context_window', 400, 'too_many_prompt_tokens', 'context_length_exceeded', OpenAI.BadRequestError],
  ['context_window', 413, 'rate_limit_exceeded', 'context_length_exceeded', OpenAI.APIError],
  ['context_window', 422, 'validation', 'context_length_exceeded', OpenAI.UnprocessableEntityError],
  ['content_policy', 400, undefined, 'content_policy_violation', OpenAI.BadRequestError],
  ['content_policy', 400, 'content_filter', 'content_filter', OpenAI.BadRequestError],
  ['model_not_found', 404, undefined, 'model_not_found', OpenAI.NotFoundError],
  ['model_not_found', 400, '1500', '1500', OpenAI.BadRequestError],
])(
  '%s with status %i and the code %s is told to clients as %s',
  async (kind, status, given, code, exception) => {
    const written = writeError(
      new GatewayError('No.', { kind, status, ...(given === undefined ? {} : { code: given }) }),
    )
    expect(written).toEqual({
      status,
      body: { error: { message: 'No.', type: 'invalid_request_error', param: null, code } },
    })
    const headers = { 'content-type': JSON_TYPE }
    const client = new OpenAI({
      apiKey: 'none',
      maxRetries: 0,
      fetch: () => Promise.resolve(new Response(JSON.stringify(written.body), { status, headers })),
    })
    const call = client.chat.completions.create({ model: 'x', messages: [] })
    await expect(call).rejects.toBeInstanceOf(exception)
  },
)

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

test.each([
  [429, 'rate_limit_error', 'rate_limit_exceeded'],
  [503, 'server_error', null],
])('a gateway that is busy says so with status %i as %s', (status, type, code) => {
  const error = new GatewayError('Later.', { kind: 'busy', status })
  expect(writeErrorObject(error)).toEqual({ error: { message: 'Later.', type, param: null, code } })
})
