import { afterEach, describe, expect, test } from 'vitest'
import type { BreakerNews } from '../../src/core/breaker-news.ts'
import { connectRedis, RedisBreakers } from '../../src/stores/index.ts'
import { ask, chatBody, type Answer } from '../support/ask.ts'
import { Gateway } from '../support/gateway.ts'
import { ADMIN_KEY } from '../support/metrics.ts'
import { hasRedisServer, RedisServer } from '../support/redis-server.ts'
import { Upstream } from '../support/upstream.ts'
import { waitFor } from '../support/wait.ts'

const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end()
})

async function startRedis(): Promise<RedisServer> {
  const server = await RedisServer.start()
  ends.push(() => server.remove())
  return server
}

interface Listening {
  readonly breakers: RedisBreakers
  readonly heard: BreakerNews[]
}

function join({ url }: RedisServer, gateway: string, open: readonly BreakerNews[] = []): Listening {
  const heard: BreakerNews[] = []
  const breakers = new RedisBreakers({
    gateway,
    connect: (listener) => connectRedis(url, listener),
    heard: (news) => heard.push(news),
    open: () => open,
  })
  ends.push(() => breakers.close())
  return { breakers, heard }
}

/** Told until the other hears: a connection takes its time. */
async function tellUntilHeard(from: Listening, to: Listening, news: BreakerNews): Promise<void> {
  await waitFor(`${news.key} to be heard`, () => {
    from.breakers.tell(news)
    return to.heard.some(({ key, state }) => key === news.key && state === news.state)
  })
}

const OPEN: BreakerNews = { key: 'chat/a 123', state: 'open', untilMs: 30_000 }

describe.skipIf(!hasRedisServer)('breakers over Redis', () => {
  test('are told to others, and not to oneself', async () => {
    const redis = await startRedis()
    const [one, other] = [join(redis, 'one'), join(redis, 'other')]
    await tellUntilHeard(one, other, OPEN)
    await tellUntilHeard(one, other, { ...OPEN, state: 'closed', untilMs: 0 })
    await tellUntilHeard(other, one, { ...OPEN, key: 'b' })
    expect(one.heard.filter(({ key }) => key === OPEN.key)).toEqual([])
  })

  test('that are open are known to those who come later, and closed ones are not', async () => {
    const redis = await startRedis()
    const [one, other] = [join(redis, 'one'), join(redis, 'other')]
    await tellUntilHeard(one, other, OPEN)
    await tellUntilHeard(one, other, { ...OPEN, key: 'shut' })
    await tellUntilHeard(one, other, { ...OPEN, key: 'shut', state: 'closed', untilMs: 0 })
    const late = join(redis, 'late')
    await waitFor('what is open', () => late.heard.length > 0)
    expect(late.heard).toMatchObject([{ key: OPEN.key, state: 'open' }])
    expect(late.heard[0]?.untilMs).toBeGreaterThan(20_000)
    expect(late.heard[0]?.untilMs).toBeLessThanOrEqual(30_000)
  })

  test('are told again when Redis was away', async () => {
    const redis = await startRedis()
    const open: BreakerNews[] = []
    const [one, other] = [join(redis, 'one', open), join(redis, 'other')]
    await tellUntilHeard(one, other, { ...OPEN, key: 'before' })
    await redis.kill()
    open.push(OPEN)
    one.breakers.tell(OPEN)
    await redis.start()
    const told = await waitFor('it to be told', () => other.heard.find(({ key }) => key === OPEN.key), 20_000)
    expect(told.state).toBe('open')
  })
})

const yaml = (port: number): string => `
server: { redis_url: $REDIS_URL }
routes:
  - name: chat
    type: llm/v1/chat
    circuit_breaker: { failures: 3, cooldown: 60s }
    targets:
      - model:
          provider: openai
          name: gpt
          config: { openai_api_base: 'http://127.0.0.1:${port}/v1', openai_api_key: sk-one-and-the-same-key }
        weight: 1000
      - model: { provider: mock, name: m }
`

function chat({ url }: Gateway): Promise<Answer> {
  return ask(`${url}/v1/chat/completions`, { body: chatBody('Hello', { model: 'chat' }) })
}

async function breakerOf({ port }: Gateway): Promise<string> {
  const headers = { authorization: `Bearer ${ADMIN_KEY}` }
  const { text } = await ask(`http://127.0.0.1:${port + 1}/admin/targets`, { headers })
  return JSON.parse(text).targets[0].breaker
}

test.skipIf(!hasRedisServer)('a provider that one gateway found down is spared by the others', async () => {
  const redis = await startRedis()
  const upstream = await Upstream.start({ '': ({ response }) => response.writeHead(500).end('{}') })
  ends.push(() => upstream.close())
  const env = { MLFLOW_GATEWAY_ADMIN_KEY: ADMIN_KEY, REDIS_URL: redis.url.reveal() }
  const gateways = await Promise.all(
    [1, 2].map(() => Gateway.start(yaml(upstream.port), { workers: 2, env })),
  )
  for (const gateway of gateways) ends.push(() => gateway.stop())
  const [one, other] = gateways
  if (!one || !other) throw new Error('there are not two')
  await waitFor('the breaker to open', async () => {
    await chat(one)
    return (await breakerOf(one)) === 'open'
  })
  await waitFor('the other to hear of it', async () => (await breakerOf(other)) === 'open')
  const asked = upstream.ledger.length
  for (let count = 0; count < 8; count += 1) expect((await chat(other)).status).toBe(200)
  expect(upstream.ledger).toHaveLength(asked)
})
