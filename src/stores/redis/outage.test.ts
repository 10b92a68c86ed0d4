import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { hasRedisServer, RedisServer } from '../../../test/support/redis-server.ts'
import { waitFor } from '../../../test/support/wait.ts'
import { Secret } from '../../core/secret.ts'
import type { ByteStore } from '../../core/store.ts'
import { Stores } from '../index.ts'

/** 50 ms, and what a busy machine adds. */
const LONGEST_MS = 150

const reports: string[] = []
const stores = new Stores((message) => reports.push(message))
let server: RedisServer
let store: ByteStore

beforeAll(async () => {
  if (!hasRedisServer) return
  server = await RedisServer.start()
  store = stores.of(server.url).redis()
  await untilItKeeps()
})
afterEach(() => {
  reports.length = 0
})
afterAll(async () => {
  stores.retain(undefined)
  if (hasRedisServer) await server.remove()
})

function untilItKeeps(): Promise<unknown> {
  return waitFor(
    'Redis to keep something',
    async () => {
      await store.set('k', Buffer.from('x'), 60_000)
      return store.get('k')
    },
    10_000,
  )
}

async function lookFor(ms: number): Promise<{ longest: number; found: number; looks: number }> {
  const until = performance.now() + ms
  let [longest, found, looks] = [0, 0, 0]
  while (performance.now() < until) {
    const startedAt = performance.now()
    const value = await store.get('k')
    longest = Math.max(longest, performance.now() - startedAt)
    if (value) found++
    looks++
    await new Promise(setImmediate)
  }
  return { longest, found, looks }
}

test.skipIf(!hasRedisServer)('a killed server costs nothing, and is used again once it is back', async () => {
  await server.kill()
  const { longest, found, looks } = await lookFor(300)
  expect(longest).toBeLessThan(LONGEST_MS)
  expect(found).toBe(0)
  expect(looks).toBeGreaterThan(100)
  await server.start()
  await untilItKeeps()
  expect(reports).toEqual([expect.stringContaining('does not answer'), 'Redis answers again.'])
})

test.skipIf(!hasRedisServer)(
  'a stalled server costs little, and is used again once it goes on',
  async () => {
    server.stall()
    const { longest, found, looks } = await lookFor(700)
    server.goOn()
    expect(longest).toBeLessThan(LONGEST_MS)
    expect(found).toBe(0)
    expect(looks).toBeGreaterThan(100)
    await untilItKeeps()
    expect(reports).toEqual([expect.stringContaining('does not answer'), 'Redis answers again.'])
  },
  40_000,
)

test('a store without a server is a mistake of the configuration', () => {
  expect(() => stores.of(undefined).redis()).toThrow('server.redis_url')
})

test('an address at which nobody listens, and one that is none, hold nothing', async () => {
  for (const url of ['redis://user:pa55word@127.0.0.1:1', 'redis://no-such-host.invalid:6379', 'what?']) {
    const nowhere = stores.of(new Secret(url)).redis()
    await nowhere.set('k', Buffer.from('x'), 1000)
    expect(await nowhere.get('k')).toBeUndefined()
  }
  await waitFor('it to be told', () => reports.length >= 2)
  expect(reports.join()).not.toContain('pa55word')
})

test('the same server is the same store, until another configuration has taken over', () => {
  const url = new Secret('redis://127.0.0.1:2')
  const first = stores.of(url).redis()
  expect(stores.of(new Secret('redis://127.0.0.1:2')).redis()).toBe(first)
  stores.retain(new Secret('redis://127.0.0.1:2'))
  expect(stores.of(url).redis()).toBe(first)
  stores.retain(undefined)
  expect(stores.of(url).redis()).not.toBe(first)
  expect(stores.of(url).memory(5000)).toBe(stores.of(undefined).memory(5000))
})
