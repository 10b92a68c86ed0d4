import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { eventStream, json, startScriptedServer } from '../../test/scripted-server.ts'

const route = (name: string): object => ({
  name,
  route_type: 'llm/v1/chat',
  model: { name: 'm', provider: 'mock' },
  route_url: `/gateway/${name}/invocations`,
})

/** A fresh copy of the module for each test: the URI it was given is its one piece of state. */
const load = async () => import('./index.ts')
let gateway: Awaited<ReturnType<typeof load>>
beforeEach(async () => {
  vi.resetModules()
  vi.stubEnv('MLFLOW_GATEWAY_URI', '')
  gateway = await load()
})
afterEach(() => {
  vi.unstubAllEnvs()
  vi.unstubAllGlobals()
})

describe('the fluent functions', () => {
  test('use the URI that was set, else the one in the environment', () => {
    expect(() => gateway.getGatewayUri()).toThrow(/MLFLOW_GATEWAY_URI/)
    vi.stubEnv('MLFLOW_GATEWAY_URI', 'http://from.environment:5000')
    expect(gateway.getGatewayUri()).toBe('http://from.environment:5000')
    gateway.setGatewayUri('http://from.code/prefix')
    expect(gateway.getGatewayUri()).toBe('http://from.code/prefix')
  })

  test('refuse a bad URI and keep the one before', () => {
    gateway.setGatewayUri('http://good')
    expect(() => gateway.setGatewayUri('gateway.org')).toThrow(/scheme and a host/)
    expect(gateway.getGatewayUri()).toBe('http://good')
  })

  test('set the URI of clients made without one', () => {
    vi.stubEnv('MLFLOW_GATEWAY_URI', 'http://from.environment:5000')
    expect(new gateway.MlflowGatewayClient().gatewayUri).toBe('http://from.environment:5000')
    gateway.setGatewayUri('http://from.code')
    expect(new gateway.MlflowGatewayClient().gatewayUri).toBe('http://from.code')
    expect(new gateway.MlflowGatewayClient('http://own').gatewayUri).toBe('http://own')
    expect(() => gateway.setGatewayUri('gateway.org')).toThrow(/scheme and a host/)
    expect(new gateway.MlflowGatewayClient().gatewayUri).toBe('http://from.code')
  })

  test('need no process object, as in a browser', () => {
    vi.stubGlobal('process', undefined)
    const attempt = (): unknown => gateway.getGatewayUri()
    expect(attempt).toThrow(/No gateway URI/)
    gateway.setGatewayUri('http://good')
    expect(attempt()).toBe('http://good')
  })

  test('collect the routes of all pages', async () => {
    const server = await startScriptedServer(
      json(200, { routes: [route('a'), route('b')], next_page_token: 't1' }),
      json(200, { routes: [route('c')], next_page_token: 't2' }),
      json(200, { routes: [], next_page_token: null }),
    )
    gateway.setGatewayUri(server.uri)
    expect((await gateway.searchRoutes()).map(({ name }) => name)).toEqual(['a', 'b', 'c'])
    expect(server.seen.map(({ url }) => url.split('?')[1])).toEqual([
      undefined,
      'page_token=t1',
      'page_token=t2',
    ])
  })

  test('do not follow pages round in a circle', async () => {
    const server = await startScriptedServer(json(200, { routes: [], next_page_token: 't1' }))
    gateway.setGatewayUri(server.uri)
    await expect(gateway.searchRoutes()).rejects.toThrow(/same page/)
  })

  test('ask routes', async () => {
    const server = await startScriptedServer(
      json(200, route('chat')),
      json(200, { candidates: [] }),
      eventStream('data: {"choices":[]}\n\ndata: [DONE]\n\n'),
    )
    gateway.setGatewayUri(server.uri, { token: 'abc' })
    expect((await gateway.getRoute('chat')).route_url).toBe(`${server.uri}/gateway/chat/invocations`)
    expect(await gateway.query('chat', { messages: [] })).toEqual({ candidates: [] })
    const chunks: unknown[] = []
    for await (const chunk of gateway.queryStream('chat', { messages: [] })) chunks.push(chunk)
    expect(chunks).toEqual([{ choices: [] }])
    expect(server.seen.map(({ headers }) => headers.authorization)).toEqual(Array(3).fill('Bearer abc'))
  })

  test('throw for what only Databricks could do, without a request', async () => {
    const server = await startScriptedServer(json(200, {}))
    gateway.setGatewayUri(server.uri)
    await expect(gateway.createRoute('x', 'llm/v1/chat', {})).rejects.toThrow(/cannot be created/)
    await expect(gateway.deleteRoute('x')).rejects.toThrow(/cannot be deleted/)
    await expect(gateway.searchRoutes('name = "x"')).rejects.toThrow(/filter/)
    expect(server.seen).toEqual([])
  })
})
