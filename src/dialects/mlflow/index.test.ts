import { describe, expect, test } from 'vitest'
import type { ClientFormat } from '../../core/dialect.ts'
import type { RouteInfo, RouteType } from '../../core/route.ts'
import { mlflow } from './index.ts'

const SEED = '/gateway/routes/:route'
const INVOCATIONS = '/gateway/:route/invocations'
const ENDPOINTS = '/endpoints/:route/invocations'

interface Asking {
  type?: RouteType
  agent?: string | string[]
  shape?: 'mlflow' | 'openai'
}

function format(path: string, { type = 'llm/v1/chat', agent, shape = 'mlflow' }: Asking = {}): ClientFormat {
  const endpoint = mlflow.endpoints.find((known) => known.path === path)
  if (!endpoint) throw new Error(`no endpoint ${path}`)
  const route: RouteInfo = { name: 'r', type, model: { name: 'm', provider: 'openai' } }
  return endpoint.format(
    route,
    { headers: { 'user-agent': agent } },
    { invocationsShape: shape, bodyLimit: 1 },
  )
}

/** The shape of a whole answer tells the contract. */
function shapeOf(spoken: ClientFormat): 'candidates' | 'choices' {
  const body = Buffer.from('{"messages":[{"role":"user","content":"hi"}]}')
  const written: object = JSON.parse(spoken.writer(spoken.read(body, undefined)).whole([]))
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
    expect(shapeOf(format(INVOCATIONS, agent === undefined ? {} : { agent }))).toBe(expected)
  })

  test.each([undefined, 'mlflow-python-client/2.5.0'])(
    "on /gateway is the setting's for the client %j",
    (agent) => {
      expect(
        shapeOf(format(INVOCATIONS, { shape: 'openai', ...(agent === undefined ? {} : { agent }) })),
      ).toBe('choices')
    },
  )

  test('on the other paths is fixed', () => {
    expect(shapeOf(format(ENDPOINTS, { agent: 'mlflow-python-client/2.5.0' }))).toBe('choices')
    expect(shapeOf(format(SEED, { agent: 'mlflow-python-client/3.0.0', shape: 'openai' }))).toBe('candidates')
  })
})

test.each<[string, RouteType, object]>([
  [INVOCATIONS, 'llm/v1/chat', { stream: 'openai-chat' }],
  [INVOCATIONS, 'llm/v1/completions', {}],
  [INVOCATIONS, 'llm/v1/embeddings', {}],
  [ENDPOINTS, 'llm/v1/chat', { whole: 'openai-chat', stream: 'openai-chat' }],
  [ENDPOINTS, 'llm/v1/completions', {}],
  [ENDPOINTS, 'llm/v1/embeddings', { whole: 'openai-embeddings' }],
])('%s of %s passes replies through as %j', (path, type, expected) => {
  expect(format(path, { type })).toMatchObject({ repliesAs: expected, showsDone: false })
  expect(format(path, { type }).repliesAs).toEqual(expected)
})

test.each<[RouteType, string]>([
  ['llm/v1/chat', 'chat'],
  ['llm/v1/completions', 'chat'],
  ['llm/v1/embeddings', 'embeddings'],
])('%s asks a provider for %s', (type, operation) => {
  expect(format(ENDPOINTS, { type }).operation).toBe(operation)
})

test('each path and type is read by its own schema', () => {
  const read = (path: string, type: RouteType, body: string): unknown =>
    format(path, { type }).read(Buffer.from(body), 'application/json')
  expect(read(INVOCATIONS, 'llm/v1/completions', '{"prompt":"a"}')).toMatchObject({ stream: false })
  expect(read(ENDPOINTS, 'llm/v1/embeddings', '{"input":"a"}')).toMatchObject({ stream: false })
  expect(() => read(INVOCATIONS, 'llm/v1/chat', '{"prompt":"a"}')).toThrow('body.messages: field required')
  expect(() => read(INVOCATIONS, 'llm/v1/embeddings', '{}')).toThrow('body.text: field required')
  expect(() => read(ENDPOINTS, 'llm/v1/embeddings', '{}')).toThrow('body.input: field required')
})

test('formats name fields as their contract does', () => {
  expect(format(INVOCATIONS).parameterName('candidates')).toBe('candidate_count')
  expect(format(ENDPOINTS).parameterName('candidates')).toBe('n')
})
