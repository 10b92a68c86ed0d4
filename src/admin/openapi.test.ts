import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AdminHarness } from '../../test/support/admin.ts'
import { ask } from '../../test/support/ask.ts'
import { resources } from './index.ts'

let api: AdminHarness
let url: string

beforeAll(async () => {
  api = await AdminHarness.start()
  url = `http://127.0.0.1:${api.port}`
})

afterAll(() => api.close())

describe('the description of the admin API', () => {
  it('has every row, with what it takes, gives and refuses', async () => {
    const document = JSON.parse((await ask(`${url}/admin/openapi.json`)).text)
    const described = Object.entries<Record<string, unknown>>(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    )
    expect(described.toSorted()).toEqual(
      resources.map(({ method, path }) => `${method} ${path.replace(':id', '{id}')}`).toSorted(),
    )
    const { patch } = document.paths['/admin/keys/{id}']
    expect(patch['x-roles']).toEqual(['admin', 'team_admin'])
    expect(patch.parameters.map(({ name }: { name: string }) => name)).toEqual(['id', 'If-Match'])
    expect(Object.keys(patch.responses).toSorted()).toEqual([
      '200',
      '400',
      '401',
      '403',
      '404',
      '412',
      '413',
      '415',
      '421',
      '428',
      '429',
      '500',
      '503',
    ])
    const ids = Object.values<Record<string, { operationId: string }>>(document.paths).flatMap((methods) =>
      Object.values(methods).map(({ operationId }) => operationId),
    )
    expect(new Set(ids).size).toBe(ids.length)
  })

  it('points only at what is in it', async () => {
    const { text } = await ask(`${url}/admin/openapi.json`)
    const document = JSON.parse(text)
    for (const [, kind = '', name = ''] of text.matchAll(/"#\/components\/(\w+)\/(\w+)"/g)) {
      expect(document.components[kind]).toHaveProperty(name)
    }
  })

  it('says truly what answers look like', async () => {
    const { default: Ajv } = await import('ajv')
    const ajv = new Ajv.default({ strict: false })
    const document = JSON.parse((await ask(`${url}/admin/openapi.json`)).text)
    const { json: made } = await api.call('POST', '/admin/keys', {
      body: { name: 'x', expiresAt: '2030-01-01' },
    })
    const check = (path: string, method: string, status: number, answer: unknown): void => {
      const { schema } = document.paths[path][method].responses[status].content['application/json']
      const validate = ajv.compile(schema)
      expect([path, validate(answer), validate.errors]).toEqual([path, true, null])
    }
    check('/admin/keys', 'post', 201, made)
    check('/admin/keys/{id}', 'get', 200, (await api.call('GET', `/admin/keys/${made.id}`)).json)
    for (const path of [
      '/admin/keys',
      '/admin/users',
      '/admin/audit',
      '/admin/usage',
      '/admin/config',
      '/admin/requests',
    ]) {
      check(path, 'get', 200, (await api.call('GET', path)).json)
    }
  })
})

describe('the page of the admin API', () => {
  it('is there before anybody can prove who they are, whole and from here alone', async () => {
    const { status, text, headers } = await ask(`${url}/admin/docs`)
    expect([status, headers['content-type']]).toEqual([200, 'text/html; charset=utf-8'])
    expect(headers['content-security-policy']).toContain("default-src 'self'")
    const files = [...text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, file]) => String(file))
    const script = await ask(`${url}/admin/docs/admin.js`)
    const imported = [...script.text.matchAll(/from '([^']+)'/g)].map(([, file]) => `docs/${file}`)
    for (const file of [...files, ...imported]) {
      expect([file, (await ask(new URL(file, `${url}/admin/docs`).href)).status]).toEqual([file, 200])
    }
  })

  it('is nothing else: no other method, path or spelling is open', async () => {
    for (const path of [
      '/admin/docs/',
      '/admin/docs?x',
      '/admin/docs/../config',
      '/admin/docs/%61dmin.js',
      '/docs',
    ]) {
      expect([path, (await ask(`${url}${path}`)).status]).toEqual([path, 401])
    }
    expect((await ask(`${url}/admin/docs`, { method: 'POST' })).status).toBe(401)
  })
})
