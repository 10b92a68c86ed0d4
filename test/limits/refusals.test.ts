import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ask, type Answer } from '../support/ask.ts'
import { Gateway } from '../support/gateway.ts'

const USER = { role: 'user', content: 'Hello' }
const PARTS = { contents: [{ role: 'user', parts: [{ text: 'Hello' }] }] }

interface Way {
  readonly path: string
  readonly body: object
  readonly type?: 'completions' | 'embeddings'
  /** How the API says that there is no room. */
  readonly refusal: object
}

const OPENAI = { error: { type: 'rate_limit_error', code: 'rate_limit_exceeded' } }
const MLFLOW = { detail: expect.stringContaining('Rate limit exceeded') }

/** A request in each API, to a route of its own that takes one. `ROUTE` is its name. */
const WAYS: Readonly<Record<string, Way>> = {
  'openai-chat': {
    path: '/v1/chat/completions',
    body: { model: 'ROUTE', messages: [USER] },
    refusal: OPENAI,
  },
  'openai-stream': {
    path: '/v1/chat/completions',
    body: { model: 'ROUTE', messages: [USER], stream: true },
    refusal: OPENAI,
  },
  'openai-completions': {
    path: '/v1/completions',
    body: { model: 'ROUTE', prompt: 'Hello' },
    type: 'completions',
    refusal: OPENAI,
  },
  'openai-embeddings': {
    path: '/v1/embeddings',
    body: { model: 'ROUTE', input: 'Hello' },
    type: 'embeddings',
    refusal: OPENAI,
  },
  'openai-responses': { path: '/v1/responses', body: { model: 'ROUTE', input: 'Hello' }, refusal: OPENAI },
  anthropic: {
    path: '/v1/messages',
    body: { model: 'ROUTE', max_tokens: 16, messages: [USER] },
    refusal: { type: 'error', error: { type: 'rate_limit_error' } },
  },
  'anthropic-stream': {
    path: '/v1/messages',
    body: { model: 'ROUTE', max_tokens: 16, messages: [USER], stream: true },
    refusal: { type: 'error', error: { type: 'rate_limit_error' } },
  },
  gemini: {
    path: '/v1beta/models/ROUTE:generateContent',
    body: PARTS,
    refusal: { error: { code: 429, status: 'RESOURCE_EXHAUSTED' } },
  },
  'gemini-stream': {
    path: '/v1beta/models/ROUTE:streamGenerateContent?alt=sse',
    body: PARTS,
    refusal: { error: { code: 429, status: 'RESOURCE_EXHAUSTED' } },
  },
  cohere: {
    path: '/v2/chat',
    body: { model: 'ROUTE', messages: [USER] },
    refusal: { message: expect.stringContaining('Rate limit exceeded') },
  },
  'mlflow-2023': { path: '/gateway/ROUTE/invocations', body: { messages: [USER] }, refusal: MLFLOW },
  mlflow: { path: '/endpoints/ROUTE/invocations', body: { messages: [USER] }, refusal: MLFLOW },
  'mlflow-3': { path: '/gateway/ROUTE/mlflow/invocations', body: { messages: [USER] }, refusal: OPENAI },
}

let gateway: Gateway
let data: string

beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), 'refusals-'))
  const routes = Object.entries(WAYS).map(
    ([name, { type = 'chat' }]) =>
      `  - { name: ${name}, type: llm/v1/${type}, model: { provider: mock, name: m }, limits: [{ requests: 1, per: year }] }\n`,
  )
  gateway = await Gateway.start(`limits: [{ tokens: 1000000, per: day }]\nroutes:\n${routes.join('')}`, {
    workers: 2,
    env: { MLFLOW_GATEWAY_DATA_DIR: data },
  })
})
afterAll(async () => {
  await gateway?.stop()
  await rm(data, { recursive: true, force: true })
})

function call(name: string, { path, body }: Way): Promise<Answer> {
  return ask(gateway.url + path.replace('ROUTE', name), { body: JSON.stringify(body).replace('ROUTE', name) })
}

describe('a limit without room', () => {
  test.each(Object.entries(WAYS))('is told in the words of the API: %s', async (name, way) => {
    const first = await call(name, way)
    expect(first.status).toBe(200)
    const told = {
      'x-ratelimit-limit-requests': '1',
      'x-ratelimit-remaining-requests': '0',
      'x-ratelimit-reset-requests': expect.stringMatching(/^\d+s$/),
      'x-ratelimit-limit-tokens': '1000000',
      'x-ratelimit-remaining-tokens': expect.stringMatching(/^9\d{5}$/),
      'x-ratelimit-reset-tokens': expect.stringMatching(/^\d+s$/),
    }
    expect(first.headers).toMatchObject(told)
    const refused = await call(name, way)
    expect(refused.status).toBe(429)
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0)
    expect(refused.headers).toMatchObject(told)
    expect(JSON.parse(refused.text)).toMatchObject(way.refusal)
  })
})
