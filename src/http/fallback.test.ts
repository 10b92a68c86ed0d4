import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import type { RouteInfo } from '../core/route.ts'
import { Fallback } from './fallback.ts'

const CHAT: RouteInfo = { name: 'chat', type: 'llm/v1/chat', model: { name: 'm', provider: 'p' } }
const DOTTED: RouteInfo = { ...CHAT, name: 'chat.v1' }
const ROUTES = [CHAT, DOTTED]

const fallback = new Fallback([
  { method: 'GET', path: '/health' },
  { method: 'GET', path: '/gateway/routes/' },
  { method: 'GET', path: '/gateway/routes/:route' },
  { method: 'POST', path: '/gateway/routes/:route', needsRoute: true },
  { method: 'POST', path: '/gateway/:route/invocations', needsRoute: true },
  { method: 'GET', path: '/openapi.json' },
])

async function listen(): Promise<number> {
  const catalog = { list: () => ROUTES, find: (name: string) => ROUTES.find((route) => route.name === name) }
  const server = createServer((request, response) => fallback.answer(request, response, catalog))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

async function ask(method: string, path: string, headers: Record<string, string> = {}): Promise<unknown> {
  const base = `http://127.0.0.1:${await listen()}`
  const response = await fetch(base + path, { method, headers, redirect: 'manual' })
  const { status } = response
  const location = response.headers.get('location')?.replace(base.slice('http:'.length), '//host')
  const allow = response.headers.get('allow')
  return { status, location, allow, body: await response.text() }
}

const NOT_FOUND = { status: 404, location: undefined, allow: null, body: '{"detail":"Not Found"}' }
const NOT_ALLOWED = { status: 405, location: undefined, body: '{"detail":"Method Not Allowed"}' }

test.each([
  ['GET', '/nope'],
  ['GET', '/'],
  ['POST', '/nope/'],
  ['GET', '/openapiXjson'],
  ['POST', '/gateway/unknown/invocations'],
  ['GET', '/gateway/a/b/invocations'],
  ['GET', '/gateway/routes/a/b'],
  ['GET', '/gateway/%E0%A4%A/invocations'],
])('%s %s is not found', async (method, path) => {
  await expect(ask(method, path)).resolves.toEqual(NOT_FOUND)
})

test.each([
  ['POST', '/health', 'GET'],
  ['DELETE', '/health?verbose', 'GET'],
  ['GET', '/gateway/chat/invocations', 'POST'],
  ['GET', '/gateway/chat.v1/invocations', 'POST'],
  ['GET', '/gateway/%63hat/invocations', 'POST'],
  ['POST', '/gateway/routes/unknown', 'GET'],
  ['PUT', '/gateway/routes/chat', 'GET, POST'],
  ['OPTIONS', '/gateway/chat/invocations', 'POST'],
])('%s %s is not allowed, but %s is', async (method, path, allow) => {
  await expect(ask(method, path)).resolves.toEqual({ ...NOT_ALLOWED, allow })
})

test.each([
  ['GET', '/gateway/routes', '/gateway/routes/'],
  ['GET', '/health/', '/health'],
  ['GET', '/health/?verbose&a=b', '/health?verbose&a=b'],
  ['POST', '/gateway/chat/invocations/', '/gateway/chat/invocations'],
])('%s %s is sent to %s', async (method, path, target) => {
  await expect(ask(method, path)).resolves.toEqual({
    status: 307,
    location: `http://host${target}`,
    allow: null,
    body: '',
  })
})

test('a redirect keeps to https behind a proxy that ends it', async () => {
  await expect(ask('GET', '/health/', { 'x-forwarded-proto': 'https' })).resolves.toMatchObject({
    location: 'https://host/health',
  })
})

test('a query that holds a question mark is kept whole', async () => {
  await expect(ask('GET', '/health/?a=1?2')).resolves.toMatchObject({ location: 'http://host/health?a=1?2' })
})

test('a redirect without a Host header is relative', async () => {
  const socket = connect(await listen(), '127.0.0.1')
  socket.end('GET /health/?verbose HTTP/1.0\r\n\r\n')
  let text = ''
  for await (const chunk of socket) text += String(chunk)
  expect(text).toMatch(/^HTTP\/1.1 307 /)
  expect(text).toMatch(/\r\nlocation: \/health\?verbose\r\n/)
})
