import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it, onTestFinished } from 'vitest'
import { ask, chatBody } from '../../support/ask.ts'
import { Gateway } from '../../support/gateway.ts'
import { hasRedisServer, RedisServer } from '../../support/redis-server.ts'
import { waitFor } from '../../support/wait.ts'
import { Crowd } from '../rig/crowd.ts'
import { FaultProxy } from '../rig/fault-proxy.ts'
import { IS_WHOLE } from '../rig/report.ts'

const YAML = `
server: { redis_url: $REDIS_URL }
limits: [{ requests: 1000000, per: year }]
routes:
  - { name: chat, type: llm/v1/chat, model: { provider: mock, name: m } }
`
/** How long each fault lasts. */
const LASTS_MS = 2_000
/** What the machine itself may add to one of thousands of requests, with eight clients on two cores. */
const NOISE_MS = 400
/** The most that is waited for Redis, */
const TIMEOUT_MS = 50
/** and in how long it has to decide again. */
const BACK_MS = 35_000

interface Rig {
  readonly redis: RedisServer
  readonly proxy: FaultProxy
  readonly gateway: Gateway
}

async function start(): Promise<Rig> {
  const redis = await RedisServer.start()
  onTestFinished(() => redis.remove())
  const proxy = await FaultProxy.start(redis.port)
  onTestFinished(() => proxy.close())
  const env = { REDIS_URL: `redis://127.0.0.1:${proxy.port}` }
  const gateway = await Gateway.start(YAML, { workers: 2, env })
  onTestFinished(() => gateway.stop())
  return { redis, proxy, gateway }
}

/** Whether the sums in Redis grow with requests. */
async function decides({ redis, gateway }: Rig): Promise<void> {
  await waitFor(
    'Redis to decide again',
    async () => {
      const before = await usedThere(redis)
      const body = chatBody('hi', { model: 'chat' })
      await Promise.all(Array.from({ length: 8 }, () => ask(`${gateway.url}/v1/chat/completions`, { body })))
      return (await usedThere(redis)) > before
    },
    BACK_MS,
  )
}

/** How many commands it has run. */
async function usedThere(redis: RedisServer): Promise<number> {
  const info = await redis.command('INFO commandstats')
  return Number(/cmdstat_evalsha:calls=(\d+),(?!.*rejected_calls=[1-9])/.exec(info)?.[1] ?? 0)
}

const FAULTS: readonly (readonly [
  name: string,
  begin: (rig: Rig) => Promise<unknown>,
  end: (rig: Rig) => Promise<unknown>,
])[] = [
  ['refuses connections', cutOff({ connect: 'refuse' }), mend],
  ['resets every connection', async ({ proxy }) => proxy.endAll('rst'), mend],
  ['takes connections and never answers', cutOff({ connect: 'blackhole' }), mend],
  ['stops answering on open connections', ({ proxy }) => proxy.set({ isHalfOpen: true }), mend],
  ['answers two seconds late', ({ proxy }) => proxy.set({ latencyMs: 1_000 }), mend],
  [
    'is out of memory',
    ({ redis }) => redis.command('CONFIG SET maxmemory 1'),
    ({ redis }) => redis.command('CONFIG SET maxmemory 0'),
  ],
  [
    'takes no writes',
    ({ redis }) => redis.command('REPLICAOF 127.0.0.1 1'),
    ({ redis }) => redis.command('REPLICAOF NO ONE'),
  ],
  ['loses all it has', ({ redis }) => redis.command('FLUSHALL'), () => Promise.resolve()],
  ['forgets its scripts', ({ redis }) => redis.command('SCRIPT FLUSH'), () => Promise.resolve()],
  ['is killed and started again', ({ redis }) => redis.kill(), ({ redis }) => redis.start()],
  ['is stopped', async ({ redis }) => redis.stall(), async ({ redis }) => redis.goOn()],
]

function cutOff(fault: Parameters<FaultProxy['set']>[0]): (rig: Rig) => Promise<void> {
  return async ({ proxy }) => {
    await proxy.set(fault)
    proxy.endAll('rst')
  }
}

async function mend({ proxy }: Rig): Promise<void> {
  await proxy.set({})
}

/** What a build plays: one that is silent, one that fails, and one that comes back empty. */
const QUICK = new Set([
  'takes connections and never answers',
  'is out of memory',
  'is killed and started again',
])

const played = IS_WHOLE ? FAULTS : FAULTS.filter(([name]) => QUICK.has(name))

it.skipIf(!hasRedisServer).each(played)('33: the Redis of the limits %s', async (name, begin, end) => {
  const rig = await start()
  await decides(rig)
  const crowd = new Crowd(rig.gateway)
  await crowd.during(async () => {
    await sleep(500)
    await begin(rig)
    await sleep(LASTS_MS)
    await end(rig)
  })
  expect(Object.keys(crowd.ends)).toEqual(['200'])
  expect(crowd.slowestMs).toBeLessThan(TIMEOUT_MS + NOISE_MS)
  await decides(rig)
  expect(rig.gateway.stderr).not.toMatch(/unhandled|uncaught/i)
  expect(rig.gateway.workers()).toHaveLength(2)
  crowd.report({
    row: 33,
    fault: `the Redis of the limits ${name}`,
    expected: 'every request is answered, at most 50 ms later; Redis decides again within 35 s',
  })
})
