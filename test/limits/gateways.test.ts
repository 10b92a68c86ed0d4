import { Agent } from 'node:http'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { ask, chatBody, type Answer } from '../support/ask.ts'
import { Gateway } from '../support/gateway.ts'
import { startPostgres } from '../support/postgres.ts'
import { hasRedisServer, RedisServer } from '../support/redis-server.ts'
import { waitFor } from '../support/wait.ts'

const ROUTES = `
routes:
  - name: budget
    type: llm/v1/chat
    targets: [{ model: { provider: mock, name: m }, price: { request: 1 } }]
    limits: [{ requests: 100000, per: hour }, { cost: 10.5, per: year }]
  - name: few
    type: llm/v1/chat
    model: { provider: mock, name: m }
    limits: [{ requests: 4, per: year }]
`

/** On a machine that is busy enough a store may be late, and then only who refuses keeps to the limit exactly. */
const STRICT = `server: { on_store_failure: closed }\n${ROUTES}`

const postgres = await startPostgres()
const redis = hasRedisServer ? await RedisServer.start() : undefined
afterAll(async () => {
  await redis?.remove()
  await postgres?.stop()
})

function chat({ url }: Gateway, route: string, agent?: Agent): Promise<Answer> {
  const body = chatBody('Hello', { model: route, max_tokens: 16 })
  return ask(`${url}/v1/chat/completions`, { body, ...(agent && { agent }) })
}

/** Three gateways of one worker each, and what they have in common. */
async function three(
  yaml: string,
  env: Record<string, string>,
): Promise<{ gateways: Gateway[]; stop(this: void): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'gateways-'))
  const gateways = await Promise.all(
    ['a', 'b', 'c'].map((name) =>
      Gateway.start(yaml, { workers: 1, env: { ...env, MLFLOW_GATEWAY_DATA_DIR: join(folder, name) } }),
    ),
  )
  return {
    gateways,
    stop: async () => {
      await Promise.all(gateways.map((gateway) => gateway.stop()))
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** All that the budget has room for, and never one more; whom the store was too late for is told so. */
async function expectExactly(gateways: readonly Gateway[]): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 16 })
  const answers = await Promise.all(
    gateways.flatMap((gateway) => Array.from({ length: 60 }, () => chat(gateway, 'budget', agent))),
  )
  agent.destroy()
  const statuses = answers.map(({ status }) => status)
  const countOf = (wanted: number): number => statuses.filter((status) => status === wanted).length
  expect(countOf(200)).toBeLessThanOrEqual(10)
  expect(countOf(200) + countOf(429) + countOf(503)).toBe(180)
  if (countOf(503) === 0) expect(countOf(200)).toBe(10)
}

describe('three gateways', () => {
  test.skipIf(!postgres)(
    'on one Postgres let ten through of ten and a half, also after one was killed',
    async () => {
      const url = await postgres?.create('limits')
      const { gateways, stop } = await three(STRICT, { DATABASE_URL: url?.reveal() ?? '' })
      try {
        await expectExactly(gateways)
        gateways[0]?.kill()
        const others = gateways.slice(1)
        const statuses = await Promise.all(others.map(async (one) => (await chat(one, 'budget')).status))
        expect(statuses).not.toContain(200)
      } finally {
        await stop()
      }
    },
    60_000,
  )

  test.skipIf(!redis)(
    'on one Redis let ten through of ten and a half',
    async () => {
      const { gateways, stop } = await three(STRICT, { REDIS_URL: redis?.url.reveal() ?? '' })
      await expectExactly(gateways).finally(stop)
    },
    60_000,
  )

  test.skipIf(!redis)(
    'without their Redis each let through its share, and Redis hears of it',
    async () => {
      if (!redis) return
      const { gateways, stop } = await three(ROUTES, { REDIS_URL: redis.url.reveal() })
      try {
        // First each is heard of, and then each hears of the others.
        for (let time = 0; time < 2; time += 1)
          await Promise.all(gateways.map((gateway) => chat(gateway, 'budget')))
        await redis.kill()
        // A third of four is one.
        const share = await Promise.all(
          gateways.map(async (gateway) => [
            (await chat(gateway, 'few')).status,
            (await chat(gateway, 'few')).status,
          ]),
        )
        expect(share).toEqual([
          [200, 429],
          [200, 429],
          [200, 429],
        ])
        await redis.start()
        // Three are used, and Redis is told so: whoever asks it first gets the fourth.
        const answers = await Promise.all(
          gateways.map((gateway) =>
            waitFor(
              'Redis to decide again',
              async () => {
                const { status, headers } = await chat(gateway, 'few')
                return headers['x-ratelimit-limit-requests'] === '4' && status === 429
              },
              20_000,
            ),
          ),
        )
        expect(answers).toEqual([true, true, true])
      } finally {
        await stop()
      }
    },
    60_000,
  )
})
