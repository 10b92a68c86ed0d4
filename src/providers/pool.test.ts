import { createServer, type ServerResponse } from 'node:http'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { EnvHttpProxyAgent, Pool } from 'undici'
import { listen } from '../../test/support/listen.ts'
import { leasePool, type PoolLease } from './pool.ts'

let origins = 0

/** An origin that no other test uses: pools are shared by the whole process. */
function freshOrigin(): string {
  return `http://host-${origins++}.invalid`
}

function lease(origin: string, credential: string): PoolLease {
  vi.stubEnv('HTTP_PROXY', undefined)
  vi.stubEnv('http_proxy', undefined)
  vi.stubEnv('HTTPS_PROXY', undefined)
  vi.stubEnv('https_proxy', undefined)
  onTestFinished(() => void vi.unstubAllEnvs())
  return leasePool(origin, credential)
}

describe('a pool', () => {
  test('is shared by leases of one origin and one credential, and by no others', async () => {
    const origin = freshOrigin()
    const leases = [lease(origin, 'a'), lease(origin, 'a'), lease(origin, 'b'), lease(freshOrigin(), 'a')]
    const [first, same, otherCredential, otherOrigin] = leases.map(({ dispatcher }) => dispatcher)
    expect(same).toBe(first)
    expect(otherCredential).not.toBe(first)
    expect(otherOrigin).not.toBe(first)
    expect(otherOrigin).not.toBe(otherCredential)
    for (const each of leases) await each.release()
  })

  test('closes with its last lease', async () => {
    const origin = freshOrigin()
    const [first, second] = [lease(origin, 'a'), lease(origin, 'a')]
    await first.release()
    expect(first.dispatcher).toHaveProperty('closed', false)
    await second.release()
    expect(first.dispatcher).toHaveProperty('closed', true)
  })

  test('that closed is followed by a new one', async () => {
    const origin = freshOrigin()
    const first = lease(origin, 'a')
    await first.release()
    const second = lease(origin, 'a')
    expect(second.dispatcher).not.toBe(first.dispatcher)
    await second.release()
  })

  test('is kept by a reload that takes the new lease before it gives back the old one', async () => {
    const origin = freshOrigin()
    const old = lease(origin, 'a')
    const next = lease(origin, 'a')
    await old.release()
    expect(next.dispatcher).toBe(old.dispatcher)
    expect(next.dispatcher).toHaveProperty('closed', false)
    await next.release()
  })

  test.each(['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy'])(
    'goes through the proxy of %s',
    async (name) => {
      const plain = lease(freshOrigin(), 'a')
      vi.stubEnv(name, 'http://proxy.invalid:3128')
      const proxied = leasePool(freshOrigin(), 'a')
      expect(plain.dispatcher).toBeInstanceOf(Pool)
      expect(proxied.dispatcher).toBeInstanceOf(EnvHttpProxyAgent)
      await plain.release()
      await proxied.release()
    },
  )

  test('sends as many requests at once as there are, none waiting for the socket of another', async () => {
    const requests = 600
    const waiting: ServerResponse[] = []
    const server = createServer((_request, response) => {
      waiting.push(response)
      if (waiting.length === requests) for (const each of waiting) each.end()
    })
    const held = lease(`http://127.0.0.1:${await listen(server)}`, 'a')
    onTestFinished(() => void server.close())
    const answers = Array.from({ length: requests }, async () => {
      const { body } = await held.dispatcher.request({ method: 'GET', path: '/' })
      await body.dump()
    })
    await Promise.all(answers)
    expect(waiting).toHaveLength(requests)
    await held.release()
  })
})
