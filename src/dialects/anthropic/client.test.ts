import { describe, expect, test } from 'vitest'
import type { Endpoint, EndpointContext, Lookup, RouteCatalog } from '../../core/dialect.ts'
import { GatewayError } from '../../core/error.ts'
import type { RouteInfo, RouteType } from '../../core/route.ts'
import { anthropic } from './client.ts'

function route(name: string, type: RouteType = 'llm/v1/chat'): RouteInfo {
  return { name, type, model: { name: 'claude-x', provider: 'anthropic' } }
}

function endpoint(path: string): Endpoint {
  const found = anthropic.endpoints.find((endpoint) => endpoint.path === path)
  if (!found) throw new Error(`no endpoint ${path}`)
  return found
}

function read(
  path: string,
  body: string,
  { type, headers = {} }: { type?: RouteType; headers?: EndpointContext['head']['headers'] } = {},
): ReturnType<Endpoint['read']> {
  return endpoint(path).read(Buffer.from(body), {
    route: route('r', type),
    head: { headers, search: new URLSearchParams('beta=true') },
    settings: { invocationsShape: 'openai', bodyLimit: 1000 },
  })
}

const BODY = '{"model":"r", "max_tokens":5,"messages":[{"role":"user","content":"Hi"}], "stream" :true}'

test.each([
  ['/v1/messages', 'chat'],
  ['/v1/messages/count_tokens', 'count-tokens'],
  ['/anthropic/v1/messages', 'chat'],
  ['/anthropic/v1/messages/count_tokens', 'count-tokens'],
])('%s serves %s', (path, operation) => {
  expect(read(path, BODY).operation).toBe(operation)
})

describe('a request', () => {
  test('passes through with the target model, in the bytes of the client', () => {
    const request = read('/v1/messages', BODY)
    expect(request).toMatchObject({ stream: true, speaks: 'anthropic-messages' })
    expect(request.passThrough('anthropic-messages', { model: 'claude-x' })?.toString()).toBe(
      BODY.replace('"r"', '"claude-x"'),
    )
    expect(request.passThrough('openai-chat', { model: 'claude-x' })).toBeUndefined()
  })

  test("does not pass through with another model's state", () => {
    const body = BODY.replace('Hi', 'gw1.own.gemini.eA==')
    const request = read('/v1/messages', body)
    expect(request.passThrough('anthropic-messages', { model: 'claude-x' })).toBeUndefined()
  })

  test('hands on the headers of the dialect, and no other', () => {
    const headers = {
      'anthropic-version': '2023-06-01',
      'anthropic-beta': ['a', 'b'],
      'x-api-key': 'secret',
    }
    expect(read('/v1/messages', BODY, { headers }).headers).toEqual({
      'anthropic-version': '2023-06-01',
      'anthropic-beta': 'a,b',
    })
  })

  test('calls its fields as Anthropic does', () => {
    const request = read('/v1/messages', BODY)
    const names = ['maxTokens', 'stop', 'reasoning.effort', 'messages.detail']
    expect(names.map((name) => request.parameterName(name))).toEqual([
      'max_tokens',
      'stop_sequences',
      'output_config.effort',
      'messages.detail',
    ])
  })

  test('whose stream fails is told so in an event', () => {
    const request = read('/v1/messages', BODY)
    if (request.operation !== 'chat') throw new Error('not a chat')
    const error = new GatewayError('Busy.', { kind: 'overloaded', status: 503 })
    expect(request.writeStreamError(error)).toBe(
      'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"Busy."}}\n\n',
    )
  })

  test('for the number of tokens is answered with it', () => {
    const request = read('/v1/messages/count_tokens', '{"model":"r","messages":[]}')
    if (request.operation !== 'count-tokens') throw new Error('not a count')
    expect(request.write(7)).toBe('{"input_tokens":7}')
    expect(request.chat().messages).toEqual([])
    expect(request.passThrough('anthropic-count-tokens', { model: 'c' })?.toString()).toBe(
      '{"model":"c","messages":[]}',
    )
  })

  test.each([
    ['no JSON', 'x', 'The body is not a JSON object.'],
    ['no messages', '{"model":"r"}', "Missing required parameter: 'messages'."],
    ['two models', '{"model":"r","messages":[],"model":"s"}', "'model' stands in the body more than once."],
  ])('with %s is refused', (_what, body, message) => {
    expect(() => read('/v1/messages', body)).toThrow(
      expect.objectContaining({ message: expect.stringContaining(message), status: 400 }),
    )
  })

  test('to a route that does not chat is refused', () => {
    expect(() => read('/v1/messages', BODY, { type: 'llm/v1/embeddings' })).toThrow(
      expect.objectContaining({
        message: "The route 'r' is of type llm/v1/embeddings, but /v1/messages serves llm/v1/chat.",
        status: 400,
      }),
    )
  })

  test('names its route in the model', () => {
    const { address } = endpoint('/v1/messages')
    const head = { headers: {}, search: new URLSearchParams() }
    expect(address?.routeOf(Buffer.from(BODY), head)).toBe('r')
    expect(() => address?.routeOf(Buffer.from('{"model":7}'), head)).toThrow(/must be the name of a route/)
    expect(address?.unknownRoute('x')).toMatchObject({ kind: 'not_found', status: 404 })
  })
})

describe('the models', () => {
  const names = ['a', 'b', 'c', 'd', 'e']
  const catalog: RouteCatalog = {
    list: () => names.map((name) => route(name)),
    find: (name) => (names.includes(name) ? route(name) : undefined),
  }

  function lookup(path: string): Lookup {
    const found = anthropic.lookups.find((lookup) => lookup.path === path)
    if (!found) throw new Error(`no lookup ${path}`)
    return found
  }

  test("are Anthropic's where its clients ask, and always below its own path", () => {
    const search = new URLSearchParams()
    const models = lookup('/v1/models')
    expect(models.accepts?.({ headers: { 'anthropic-version': '2023-06-01' }, search })).toBe(true)
    expect(models.accepts?.({ headers: {}, search })).toBe(false)
    expect(lookup('/anthropic/v1/models')).not.toHaveProperty('accepts')
  })

  test.each([
    ['', ['a', 'b', 'c', 'd', 'e'], false],
    ['limit=2', ['a', 'b'], true],
    ['limit=2&after_id=b', ['c', 'd'], true],
    ['limit=2&after_id=d', ['e'], false],
    ['limit=2&before_id=d', ['b', 'c'], true],
    ['limit=2&before_id=b', ['a'], false],
    ['limit=2&before_id=x', [], false],
    ['limit=-1&after_id=x', ['a', 'b', 'c', 'd', 'e'], false],
  ])('of the page %j are %j, with more: %s', (query, ids, hasMore) => {
    const page = lookup('/v1/models').answer(catalog, { route: '', search: new URLSearchParams(query) })
    expect(page).toEqual({
      data: ids.map((id) => ({
        type: 'model',
        id,
        display_name: id,
        created_at: '1970-01-01T00:00:00Z',
      })),
      has_more: hasMore,
      first_id: ids.at(0) ?? null,
      last_id: ids.at(-1) ?? null,
    })
  })

  test('are found by name, or not', () => {
    const model = lookup('/v1/models/:route')
    const search = new URLSearchParams()
    expect(model.answer(catalog, { route: 'b', search })).toMatchObject({ type: 'model', id: 'b' })
    expect(() => model.answer(catalog, { route: 'x', search })).toThrow(
      expect.objectContaining({ kind: 'not_found', status: 404 }),
    )
  })
})
