import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { ConnectionListener, RedisClient } from './connect.ts'
import { RedisStore } from './redis-store.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

const GONE = 'Redis does not answer: until it does, nothing is read or kept there.'
const BACK = 'Redis answers again.'

function notAsked(): Promise<never> {
  return Promise.reject(new Error('not asked'))
}

/** A Redis server in whatever state a test wants. */
class FakeRedis implements RedisClient {
  state: 'answers' | 'fails' | 'is silent' = 'answers'
  commands: string[] = []
  isDisconnected = false
  readonly reports: string[] = []
  tell: ConnectionListener = () => undefined
  readonly store: RedisStore

  constructor() {
    this.store = new RedisStore({
      connect: (listener) => {
        this.tell = listener
        return Promise.resolve(this)
      },
      report: (message) => this.reports.push(message),
    })
  }

  getBuffer(key: string): Promise<Buffer | null> {
    return this.#answer(`GET ${key}`, Buffer.from('x'))
  }

  set(key: string, value: Buffer, unit: 'PX', ttl: number): Promise<unknown> {
    return this.#answer(`SET ${key} ${value.toString()} ${unit} ${ttl}`, 'OK')
  }

  evalsha(): Promise<unknown> {
    return this.#answer('EVALSHA', null)
  }

  eval(): Promise<unknown> {
    return this.#answer('EVAL', null)
  }

  readonly hset = notAsked
  readonly hdel = notAsked
  readonly hgetall = notAsked
  readonly publish = notAsked
  readonly subscribe = notAsked
  readonly on = (): void => undefined
  readonly removeAllListeners = (): void => undefined

  disconnect(): void {
    this.isDisconnected = true
  }

  #answer<Value>(command: string, value: Value): Promise<Value> {
    this.commands.push(command)
    if (this.state === 'answers') return Promise.resolve(value)
    if (this.state === 'fails') return Promise.reject(new Error('LOADING'))
    return new Promise(() => undefined)
  }
}

/** What a look gives, and how long it takes. */
async function look({ store }: FakeRedis): Promise<{ found: boolean; ms: number }> {
  const startedAt = performance.now()
  const looking = Promise.resolve(store.get('k')).then((value) => ({
    found: value !== undefined,
    ms: performance.now() - startedAt,
  }))
  await vi.advanceTimersByTimeAsync(0)
  while (vi.getTimerCount() > 0) await vi.advanceTimersToNextTimerAsync()
  return looking
}

async function connected(): Promise<FakeRedis> {
  const redis = new FakeRedis()
  redis.tell(true)
  await vi.advanceTimersByTimeAsync(0)
  return redis
}

describe('the store in Redis', () => {
  test('has its own keys, and a time for each', async () => {
    const redis = await connected()
    await redis.store.set('k', Buffer.from('x'), 1500.2)
    expect(await redis.store.get('k')).toEqual(Buffer.from('x'))
    expect(redis.commands).toEqual(['SET mlflow-gateway:k x PX 1501', 'GET mlflow-gateway:k'])
    expect(redis.reports).toEqual([])
    expect(vi.getTimerCount()).toBe(0)
  })

  test('asks nothing of a server to which there is no connection', async () => {
    const redis = new FakeRedis()
    expect(await look(redis)).toEqual({ found: false, ms: 0 })
    redis.tell(false)
    redis.tell(false)
    for (let index = 0; index < 20; index++) expect((await look(redis)).ms).toBe(0)
    expect(redis.commands).toEqual([])
    redis.tell(true)
    expect((await look(redis)).found).toBe(true)
    expect(redis.reports).toEqual([GONE, BACK])
  })

  test('waits 50 ms for a silent server, five times, and then no more', async () => {
    const redis = await connected()
    redis.state = 'is silent'
    for (let index = 0; index < 5; index++) {
      expect(redis.reports).toEqual([])
      expect(await look(redis)).toEqual({ found: false, ms: 50 })
    }
    expect(redis.reports).toEqual([GONE])
    for (let index = 0; index < 20; index++) expect(await look(redis)).toEqual({ found: false, ms: 0 })
    expect(redis.commands).toHaveLength(5)
  })

  test('tries once more after 30 s, and is back when that succeeds', async () => {
    const redis = await connected()
    redis.state = 'fails'
    for (let index = 0; index < 5; index++) await look(redis)
    await vi.advanceTimersByTimeAsync(30_000)
    redis.state = 'is silent'
    const trying = look(redis)
    const others = Array.from({ length: 9 }, () => redis.store.get('k'))
    expect((await Promise.all(others)).filter(Boolean)).toEqual([])
    expect((await trying).found).toBe(false)
    expect(redis.commands).toHaveLength(6)
    await vi.advanceTimersByTimeAsync(29_000)
    expect((await look(redis)).ms).toBe(0)
    redis.state = 'answers'
    await vi.advanceTimersByTimeAsync(1000)
    expect(await look(redis)).toEqual({ found: true, ms: 0 })
    expect(redis.reports).toEqual([GONE, BACK])
  })

  test('is back at once when the server answers on a new connection', async () => {
    const redis = await connected()
    redis.state = 'is silent'
    for (let index = 0; index < 5; index++) await look(redis)
    redis.state = 'answers'
    redis.tell(false)
    redis.tell(true)
    expect((await look(redis)).found).toBe(true)
    expect(redis.reports).toEqual([GONE, BACK])
  })

  test('counts failures in a row only', async () => {
    const redis = await connected()
    for (let index = 0; index < 20; index++) {
      redis.state = index % 5 === 4 ? 'answers' : 'fails'
      await look(redis)
    }
    expect(redis.commands).toHaveLength(20)
    expect(redis.reports).toEqual([])
  })

  test('holds nothing when there can be no client', async () => {
    const reports: string[] = []
    const store = new RedisStore({
      connect: () => Promise.reject(new Error('no package')),
      report: (message) => reports.push(message),
    })
    await store.set('k', Buffer.from('x'), 1000)
    expect(await store.get('k')).toBeUndefined()
    expect(reports).toEqual([GONE])
    store.close()
  })

  test('holds nothing once it is closed, and tells nothing', async () => {
    const redis = await connected()
    redis.store.close()
    await vi.advanceTimersByTimeAsync(0)
    expect(redis.isDisconnected).toBe(true)
    redis.tell(false)
    expect(await redis.store.get('k')).toBeUndefined()
    expect(redis).toMatchObject({ commands: [], reports: [] })
  })
})
