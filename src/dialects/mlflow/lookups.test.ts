import { describe, expect, test } from 'vitest'
import type { RouteCatalog } from '../../core/dialect.ts'
import type { RouteInfo } from '../../core/route.ts'
import { lookups } from './lookups.ts'

const CHAT: RouteInfo = { name: 'chat', type: 'llm/v1/chat', model: { name: 'gpt-4o', provider: 'openai' } }
const EMBED: RouteInfo = {
  name: 'embed.v1',
  type: 'llm/v1/embeddings',
  model: { name: null, provider: 'mock' },
}

function catalog(routes: readonly RouteInfo[]): RouteCatalog {
  return { list: () => routes, find: (name) => routes.find((route) => route.name === name) }
}

function ask(
  path: string,
  { route = '', search = '', method = 'GET', routes = [CHAT, EMBED] } = {},
): unknown {
  const lookup = lookups.find((known) => known.path === path && known.method === method)
  if (!lookup) throw new Error(`no lookup ${method} ${path}`)
  return lookup.answer(catalog(routes), { route, search: new URLSearchParams(search) })
}

const SEED_CHAT = '{"name":"chat","type":"llm/v1/chat","model":{"name":"gpt-4o","provider":"openai"}}'
const CHAT_25 =
  '{"name":"chat","route_type":"llm/v1/chat","model":{"name":"gpt-4o","provider":"openai"},"route_url":"/gateway/chat/invocations"}'
const CHAT_29 =
  '{"name":"chat","endpoint_type":"llm/v1/chat","model":{"name":"gpt-4o","provider":"openai"},"endpoint_url":"/endpoints/chat/invocations","limit":null}'

test.each([
  ['/gateway/routes/:route', `{"route":${SEED_CHAT}}`],
  ['/api/2.0/gateway/routes/:route', CHAT_25],
  ['/api/2.0/endpoints/:route', CHAT_29],
])('%s tells one route in the words of its generation', (path, expected) => {
  expect(JSON.stringify(ask(path, { route: 'chat' }))).toBe(expected)
})

test.each([
  ['/gateway/routes/', `{"routes":[${SEED_CHAT}]}`],
  ['/api/2.0/gateway/routes/', `{"routes":[${CHAT_25}],"next_page_token":null}`],
  ['/api/2.0/endpoints/', `{"endpoints":[${CHAT_29}],"next_page_token":null}`],
])('%s lists all routes in the words of its generation', (path, expected) => {
  expect(JSON.stringify(ask(path, { routes: [CHAT] }))).toBe(expected)
})

test('a model without a name is null', () => {
  expect(ask('/api/2.0/endpoints/:route', { route: 'embed.v1' })).toMatchObject({
    model: { name: null, provider: 'mock' },
    endpoint_url: '/endpoints/embed.v1/invocations',
  })
})

describe.each(['/api/2.0/gateway/routes/', '/api/2.0/endpoints/'])('%s', (path) => {
  test('can be without routes', () => {
    expect(JSON.stringify(ask(path, { routes: [] }))).toMatch(
      /^\{"(routes|endpoints)":\[\],"next_page_token":null\}$/,
    )
  })

  test('comes in pages', () => {
    const routes = Array.from({ length: 3001 }, (_, index) => ({ ...CHAT, name: `r${index}` }))
    expect(ask(path, { routes })).toMatchObject({ next_page_token: 'eyJpbmRleCI6IDMwMDB9' })
    expect(JSON.stringify(ask(path, { routes, search: 'page_token=eyJpbmRleCI6IDMwMDB9' }))).toContain(
      '"r3000"',
    )
  })

  test('refuses a token that is none', () => {
    expect(() => ask(path, { search: 'page_token=' })).toThrow(expect.objectContaining({ status: 400 }))
  })
})

test.each([
  ['/gateway/routes/:route', 'route'],
  ['/api/2.0/gateway/routes/:route', 'route'],
  ['/api/2.0/endpoints/:route', 'endpoint'],
])('%s does not know what is not there', (path, word) => {
  expect(() => ask(path, { route: 'nope' })).toThrow(
    expect.objectContaining({
      kind: 'not_found',
      status: 404,
      message: `The ${word} 'nope' is not present or active on the server. Please verify the ${word} name.`,
    }),
  )
})

test.each(['/api/2.0/gateway/limits/', '/api/2.0/endpoints/limits/'])(
  '%s shows limits, and takes none',
  (path) => {
    const limits = [
      { calls: 5, renewalPeriod: 'minute', by: 'all' },
      { calls: 600, renewalPeriod: 'hour', by: 'key' },
    ]
    expect(ask(`${path}:route`, { route: 'chat', routes: [{ ...CHAT, limits }] })).toEqual({
      route: 'chat',
      limits: [
        { calls: 5, key: null, renewal_period: 'minute' },
        { calls: 600, key: 'key', renewal_period: 'hour' },
      ],
    })
    expect(ask(`${path}:route`, { route: 'chat' })).toEqual({ route: 'chat', limits: [] })
    expect(() => ask(`${path}:route`, { route: 'nope' })).toThrow(expect.objectContaining({ status: 404 }))
    expect(() => ask(path, { method: 'POST' })).toThrow(expect.objectContaining({ status: 403 }))
  },
)
