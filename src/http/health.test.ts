import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { answerHealth, answerReady } from './health.ts'
import { writeJson } from './write-json.ts'

async function ask(answer: (response: ServerResponse) => void): Promise<Response> {
  const server = createServer((_request, response) => answer(response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
}

const CONFIG = { generation: 3, loadedAt: '2023-06-16T00:00:00.000Z', error: 'routes[0]: x' }

describe('health', () => {
  test("is MLflow's answer, also while the configuration is not the newest", async () => {
    const response = await ask((response) =>
      answerHealth(response, { ready: true, config: CONFIG }, { isVerbose: false, isClosed: false }),
    )
    expect(response.status).toBe(200)
    await expect(response.text()).resolves.toBe('{"status":"OK"}')
  })

  test('does not say what is wrong with the file where callers must say who they are', async () => {
    const question = { isVerbose: true, isClosed: true }
    const response = await ask((response) =>
      answerHealth(response, { ready: true, config: CONFIG }, question),
    )
    expect(await response.text()).not.toContain('routes[0]')
  })

  test('tells more when asked to', async () => {
    const response = await ask((response) =>
      answerHealth(response, { ready: false, config: CONFIG }, { isVerbose: true, isClosed: false }),
    )
    await expect(response.json()).resolves.toEqual({
      status: 'OK',
      ready: false,
      worker_pid: process.pid,
      config: CONFIG,
    })
  })

  test.each([
    [true, 200, '{"status":"OK"}'],
    [false, 503, '{"status":"draining"}'],
  ])('readiness %s is %i', async (ready, status, body) => {
    const response = await ask((response) => answerReady(response, { ready, config: CONFIG }))
    expect(response.status).toBe(status)
    await expect(response.text()).resolves.toBe(body)
  })
})

describe('writeJson', () => {
  test.each([
    ['a text', '{"é":"😀"}'],
    ['bytes', Buffer.from('{"é":"😀"}')],
    ['a large text', `{"a":"${'é'.repeat(20_000)}"}`],
    ['bytes that are no UTF-8', Buffer.from([0x7b, 0xff, 0xfe, 0x7d])],
    ['nothing', ''],
  ])('keeps every byte of %s', async (_what, body) => {
    const response = await ask((response) => writeJson(response, { status: 418, body }))
    expect(response.status).toBe(418)
    expect(response.headers.get('content-type')).toBe('application/json')
    expect(response.headers.get('content-length')).toBe(String(Buffer.byteLength(body)))
    expect(Buffer.from(await response.arrayBuffer())).toEqual(Buffer.from(body))
  })

  test('adds the headers it is given', async () => {
    const response = await ask((response) =>
      writeJson(response, { status: 200, body: '{}', headers: ['allow', 'GET'] }),
    )
    expect(Object.fromEntries(response.headers)).toMatchObject({
      allow: 'GET',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    })
  })

  test('says nothing to a client that is gone', async () => {
    let failed: unknown
    const gone = ask((response) => {
      response.destroy()
      try {
        writeJson(response, { status: 200, body: '{}' })
      } catch (error) {
        failed = error
      }
    })
    await expect(gone).rejects.toThrow('fetch failed')
    expect(failed).toBeUndefined()
  })
})
