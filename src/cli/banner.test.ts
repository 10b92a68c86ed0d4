import { expect, test } from 'vitest'
import type { GatewayConfig, RouteConfig } from '../config/schema.ts'
import type { RouteType } from '../core/route.ts'
import { banner } from './banner.ts'

function route(type: RouteType, name = 'my.route'): RouteConfig {
  return { name, type, strategy: 'weighted', targets: [], fallbacks: [], policies: {} }
}

function print(routes: RouteConfig[], { host = '127.0.0.1', workers = 2 } = {}): string {
  const config: GatewayConfig = {
    routes,
    server: { allowDestructiveReload: false, invocationsShape: 'mlflow', drainTimeoutMs: 1, bodyLimit: 1 },
  }
  const admin = { host: '127.0.0.1', port: 5001, file: '/data/admin.key' }
  return banner({ host, port: 5000, workers, config, configPath: 'my.yaml', admin })
}

test('says what is served, where, and where the docs are', () => {
  const text = print([route('llm/v1/chat'), route('llm/v1/chat', 'b')])
  expect(text).toMatch(/MLflow Gateway \d+\.\d+\.\d+ serves 2 routes of my\.yaml/)
  expect(text).toContain('with 2 workers on http://127.0.0.1:5000')
  expect(text).toContain('http://127.0.0.1:5000/docs')
  expect(text).toContain('http://127.0.0.1:5001/ with the key in /data/admin.key')
})

test('counts one as one', () => {
  const text = print([route('llm/v1/chat')], { workers: 1 })
  expect(text).toContain('serves 1 route of')
  expect(text).toContain('with 1 worker on')
})

test.each<[RouteType, string]>([
  ['llm/v1/chat', 'messages'],
  ['llm/v1/completions', 'prompt'],
  ['llm/v1/embeddings', 'text'],
])('shows a call of the first route to try, for %s with %s', (type, field) => {
  const text = print([route(type), route('llm/v1/chat', 'other')])
  expect(text).toContain('curl http://127.0.0.1:5000/gateway/my.route/invocations \\\n')
  const body = /-d '(.*)'/.exec(text)?.[1] ?? ''
  expect(JSON.parse(body)).toHaveProperty(field)
  expect(text.match(/curl/g)).toHaveLength(1)
  expect(text).toMatch(/\n {2}ROUTE +TYPE/)
  expect(text).toMatch(/\n {2}other +llm\/v1\/chat/)
})

test('shows no call without a route', () => {
  expect(print([])).toContain('serves 0 routes')
  expect(print([])).not.toContain('curl')
})

test.each([
  ['0.0.0.0', 'http://127.0.0.1:5000'],
  ['::', 'http://127.0.0.1:5000'],
  ['::1', 'http://[::1]:5000'],
  ['gateway.internal', 'http://gateway.internal:5000'],
])('of host %s gives an address that can be called: %s', (host, url) => {
  expect(print([], { host })).toContain(`${url}/docs`)
})
