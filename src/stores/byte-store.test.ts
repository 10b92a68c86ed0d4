import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hasRedisServer, RedisServer } from '../../test/support/redis-server.ts'
import { waitFor } from '../../test/support/wait.ts'
import type { ByteStore } from '../core/store.ts'
import { Stores } from './index.ts'

const stores = new Stores(() => undefined)
let server: RedisServer | undefined

afterAll(async () => {
  stores.retain(undefined)
  await server?.remove()
})

/** What every store does. */
describe.each<[string, { skip: boolean; open: () => Promise<ByteStore> }]>([
  ['memory', { skip: false, open: async () => stores.of(undefined).memory(1_000_000) }],
  ['Redis', { skip: !hasRedisServer, open: openRedis }],
])('a store in %s', (_name, { skip, open }) => {
  let store: ByteStore
  beforeAll(async () => {
    if (!skip) store = await open()
  })

  test.skipIf(skip)('gives back the bytes that it was given', async () => {
    const bytes = Buffer.from(Array.from({ length: 300 }, (_, index) => index % 256))
    await store.set('a:b c\n', bytes, 60_000)
    const found = await store.get('a:b c\n')
    expect(found?.equals(bytes)).toBe(true)
    await store.set('empty', Buffer.alloc(0), 60_000)
    expect(await store.get('empty')).toHaveLength(0)
  })

  test.skipIf(skip)('has nothing under other keys', async () => {
    await store.set('key', Buffer.from('x'), 60_000)
    for (const key of ['Key', 'key ', 'ke', '']) expect(await store.get(key)).toBeUndefined()
  })

  test.skipIf(skip)('gives what was set last', async () => {
    await store.set('twice', Buffer.from('1'), 60_000)
    await store.set('twice', Buffer.from('2'), 60_000)
    expect(String(await store.get('twice'))).toBe('2')
  })

  test.skipIf(skip)('forgets after the time that it is told', async () => {
    await store.set('short', Buffer.from('x'), 40.5)
    await store.set('long', Buffer.from('x'), 60_000)
    expect(await store.get('short')).toBeDefined()
    await waitFor('the end of an entry', async () => (await store.get('short')) === undefined)
    expect(await store.get('long')).toBeDefined()
  })

  test.skipIf(skip)('takes many at once', async () => {
    const keys = Array.from({ length: 200 }, (_, index) => `many-${index}`)
    await Promise.all(keys.map(async (key) => store.set(key, Buffer.from(key), 60_000)))
    const found = await Promise.all(keys.map(async (key) => store.get(key)))
    expect(found.map(String)).toEqual(keys)
  })
})

async function openRedis(): Promise<ByteStore> {
  server = await RedisServer.start()
  const store = stores.of(server.url).redis()
  await waitFor('the store to be connected', async () => {
    await store.set('ready', Buffer.from('x'), 60_000)
    return store.get('ready')
  })
  return store
}
