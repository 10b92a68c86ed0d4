import { Gate } from '../auth/gate.ts'
import type { FastifyInstance } from 'fastify'
import { afterEach, describe, expect, it } from 'vitest'
import { CurrentRuntime, Runtime } from '../gateway/runtime.ts'
import { makeRoute } from '../../test/support/plan.ts'
import { createServer } from './server.ts'
import { UnderWay } from './under-way.ts'

const servers: FastifyInstance[] = []
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()))
})

describe('the docs page', () => {
  it.each([
    ['/docs', 'text/html; charset=utf-8'],
    ['/redoc', 'text/html; charset=utf-8'],
    ['/docs/docs.css', 'text/css; charset=utf-8'],
    ['/docs/docs.js', 'text/javascript; charset=utf-8'],
    ['/docs/icon.svg', 'image/svg+xml'],
  ])('is served at %s as %s, with what keeps other sites out', async (path, type) => {
    const { url } = await serve()
    const { status, headers } = await fetch(url + path)
    expect(status).toBe(200)
    expect(headers.get('content-type')).toBe(type)
    expect(headers.get('content-security-policy')).toBe(
      "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'",
    )
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('referrer-policy')).toBe('no-referrer')
  })

  it('loads only files that are there, by relative addresses', async () => {
    const { url } = await serve()
    const html = await (await fetch(`${url}/docs`)).text()
    const files = [...html.matchAll(/(?:src|href)="(docs\/[^"]+)"/g)].map(([, file]) => String(file))
    expect(files).toContain('docs/docs.js')
    const statuses = await Promise.all(
      files.map(async (file) => (await fetch(new URL(file, `${url}/docs`))).status),
    )
    expect(statuses).toEqual(files.map(() => 200))
    expect(html).not.toMatch(/(?:src|href)="(?:https?:)?\//)
  })

  it('has neither script nor style inside the page', async () => {
    const { url } = await serve()
    const html = await (await fetch(`${url}/docs`)).text()
    expect(html).not.toMatch(/<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)/i)
  })

  it.each(['/docs', '/docs/docs.js', '/openapi.json'])(
    'answers 304 for a copy of %s that is still good',
    async (path) => {
      const { url } = await serve()
      const first = await fetch(url + path)
      const tag = String(first.headers.get('etag'))
      expect(first.headers.get('cache-control')).toBe('no-cache')
      const copies = [tag, `W/${tag}`, `"other", ${tag}`, '*']
      for (const copy of copies) expect(await statusFor(url + path, copy)).toBe(304)
      expect(await statusFor(url + path, '"other"')).toBe(200)
    },
  )

  it('has no other files', async () => {
    const { url } = await serve()
    expect((await fetch(`${url}/docs/package.json`)).status).toBe(404)
    expect((await fetch(`${url}/docs/..%2f..%2fpackage.json`)).status).toBe(404)
  })
})

describe('/openapi.json', () => {
  it('describes the routes of the runtime that is in use now', async () => {
    const { url, runtime } = await serve()
    const before = await fetch(`${url}/openapi.json`)
    expect(before.headers.get('content-type')).toBe('application/json')
    expect(await before.text()).toContain('/gateway/first/invocations')
    await runtime.switchTo(runtimeOf(2, ['first', 'second']))
    const after = await fetch(`${url}/openapi.json`)
    expect(await after.text()).toContain('/gateway/second/invocations')
    expect(after.headers.get('etag')).not.toBe(before.headers.get('etag'))
  })
})

async function statusFor(url: string, tag: string): Promise<number> {
  return (await fetch(url, { headers: { 'if-none-match': tag } })).status
}

async function serve(): Promise<{ url: string; runtime: CurrentRuntime }> {
  const runtime = new CurrentRuntime(runtimeOf(1, ['first']))
  const config = { generation: 1, loadedAt: '', error: null }
  const server = createServer({
    dialects: [],
    runtime,
    record: () => undefined,
    health: () => ({ ready: true, config }),
    underWay: new UnderWay(),
  })
  servers.push(server)
  return { url: await server.listen({ host: '127.0.0.1', port: 0 }), runtime }
}

function runtimeOf(generation: number, names: string[]): Runtime {
  const routes = names.map((name) =>
    makeRoute({ name, type: 'llm/v1/chat', model: { name: 'm', provider: 'mock' } }, () =>
      Promise.reject(new Error('no query is expected')),
    ),
  )
  return new Runtime({
    generation,
    gate: new Gate(undefined),
    settings: { invocationsShape: 'mlflow', bodyLimit: 1000 },
    routes,
  })
}
