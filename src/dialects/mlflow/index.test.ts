import { describe, expect, test } from 'vitest'
import type { ClientRequest } from '../../core/dialect.ts'
import type { RouteInfo, RouteType } from '../../core/route.ts'
import { mlflow } from './index.ts'

const SEED = '/gateway/routes/:route'
const INVOCATIONS = '/gateway/:route/invocations'
const ENDPOINTS = '/endpoints/:route/invocations'

interface Asking {
  type?: RouteType
  agent?: string | string[]
  shape?: 'mlflow' | 'openai'
  body?: string
}

const BODIES: Readonly<Record<string, string>> = {
  'llm/v1/chat': '{"messages":[{"role":"user","content":"hi"}]}',
  'llm/v1/completions': '{"prompt":"hi"}',
  'llm/v1/embeddings': '{"input":"hi"}',
}

function read(path: string, asking: Asking = {}): ClientRequest {
  const { type = 'llm/v1/chat', agent, shape = 'mlflow', body = BODIES[type] ?? '{}' } = asking
  const endpoint = mlflow.endpoints.find((known) => known.path === path)
  if (!endpoint) throw new Error(`no endpoint ${path}`)
  const route: RouteInfo = { name: 'r', type, model: { name: 'm', provider: 'openai' } }
  const headers = { 'user-agent': agent, 'content-type': 'application/json' }
  return endpoint.read(Buffer.from(body), {
    route,
    head: { headers, search: new URLSearchParams() },
    settings: { invocationsShape: shape, bodyLimit: 1 },
  })
}

/** The shape of a whole answer tells the contract. */
function shapeOf(request: ClientRequest): 'candidates' | 'choices' {
  if (request.operation !== 'chat') throw new Error('not a chat')
  const written: object = JSON.parse(request.writer().whole([]))
  return 'choices' in written ? 'choices' : 'candidates'
}

describe('the shape of an answer', () => {
  test.each([
    [undefined, 'candidates'],
    ['curl/8.0', 'candidates'],
    ['mlflow-python-client/2.5.0', 'candidates'],
    ['mlflow-python-client/2.8.1', 'candidates'],
    ['mlflow-python-client/2.9.0', 'choices'],
    ['mlflow-python-client/2.10.2', 'choices'],
    ['mlflow-python-client/3.17.2', 'choices'],
    ['mlflow-python-client/1.30.0', 'candidates'],
    ['mlflow-python-client/10.0.0', 'choices'],
    ['mlflow-python-client/unknown', 'candidates'],
    ['python mlflow-python-client/3.0.0', 'candidates'],
    [['mlflow-python-client/3.0.0'], 'candidates'],
  ])('on /gateway for the client %j has %s', (agent, expected) => {
    expect(shapeOf(read(INVOCATIONS, agent === undefined ? {} : { agent }))).toBe(expected)
  })

  test.each([undefined, 'mlflow-python-client/2.5.0'])(
    "on /gateway is the setting's for the client %j",
    (agent) => {
      expect(shapeOf(read(INVOCATIONS, { shape: 'openai', ...(agent === undefined ? {} : { agent }) }))).toBe(
        'choices',
      )
    },
  )

  test('on the other paths is fixed', () => {
    expect(shapeOf(read(ENDPOINTS, { agent: 'mlflow-python-client/2.5.0' }))).toBe('choices')
    expect(shapeOf(read(SEED, { agent: 'mlflow-python-client/3.0.0', shape: 'openai' }))).toBe('candidates')
  })
})

test.each<[string, RouteType, object]>([
  [INVOCATIONS, 'llm/v1/chat', { stream: 'openai-chat' }],
  [INVOCATIONS, 'llm/v1/completions', {}],
  [ENDPOINTS, 'llm/v1/chat', { whole: 'openai-chat', stream: 'openai-chat' }],
  [ENDPOINTS, 'llm/v1/completions', {}],
])('%s of %s passes replies through as %j', (path, type, expected) => {
  const request = read(path, { type })
  expect('repliesAs' in request && request.repliesAs).toEqual(expected)
})

test("vectors pass through where they have OpenAI's shape", () => {
  expect(read(ENDPOINTS, { type: 'llm/v1/embeddings' }).speaks).toBe('openai-embeddings')
  expect(read(INVOCATIONS, { type: 'llm/v1/embeddings' }).speaks).toBeUndefined()
})

test.each<[RouteType, string]>([
  ['llm/v1/chat', 'chat'],
  ['llm/v1/completions', 'chat'],
  ['llm/v1/embeddings', 'embeddings'],
])('%s asks a provider for %s', (type, operation) => {
  expect(read(ENDPOINTS, { type }).operation).toBe(operation)
})

test('each path and type is read by its own schema', () => {
  const refused = (path: string, type: RouteType, body: string) => (): unknown => read(path, { type, body })
  expect(read(INVOCATIONS, { type: 'llm/v1/completions' })).toMatchObject({ stream: false })
  expect(refused(INVOCATIONS, 'llm/v1/chat', '{"prompt":"a"}')).toThrow('body.messages: field required')
  expect(refused(INVOCATIONS, 'llm/v1/embeddings', '{}')).toThrow('body.text: field required')
  expect(refused(ENDPOINTS, 'llm/v1/embeddings', '{}')).toThrow('body.input: field required')
})

test("a route that is none of MLflow's says where it is served", () => {
  expect(() => read(ENDPOINTS, { type: 'llm/v1/images' })).toThrow('of type llm/v1/images')
})

test('formats name fields as their contract does', () => {
  expect(read(INVOCATIONS).parameterName('candidates')).toBe('candidate_count')
  expect(read(ENDPOINTS).parameterName('candidates')).toBe('n')
})
