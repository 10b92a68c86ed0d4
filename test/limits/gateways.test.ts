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

const YAML = `
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
  env: Record<string, string>,
): Promise<{ gateways: Gateway[]; stop(this: void): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'gateways-'))
  const gateways = await Promise.all(
    ['a', 'b', 'c'].map((name) =>
      Gateway.start(YAML, { workers: 1, env: { ...env, MLFLOW_GATEWAY_DATA_DIR: join(folder, name) } }),
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

async function exactly(gateways: readonly Gateway[]): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 16 })
  const answers = await Promise.all(
    gateways.flatMap((gateway) => Array.from({ length: 60 }, () => chat(gateway, 'budget', agent))),
  )
  agent.destroy()
  const statuses = answers.map(({ status }) => status)
  expect(statuses.filter((status) => status === 200)).toHaveLength(10)
  expect(statuses.filter((status) => status === 429)).toHaveLength(170)
}

describe('three gateways', () => {
  test.skipIf(!postgres)(
    'on one Postgres let ten through of ten and a half, also after one was killed',
    async () => {
      const url = await postgres?.create('limits')
      const { gateways, stop } = await three({ DATABASE_URL: url?.reveal() ?? '' })
      try {
        await exactly(gateways)
        gateways[0]?.kill()
        const others = gateways.slice(1)
        expect(await Promise.all(others.map(async (one) => (await chat(one, 'budget')).status))).toEqual([
          429, 429,
        ])
      } finally {
        await stop()
      }
    },
    60_000,
  )

  test.skipIf(!redis)(
    'on one Redis let ten through of ten and a half; without it each its share, and Redis hears of it',
    async () => {
      if (!redis) return
      const { gateways, stop } = await three({ REDIS_URL: redis.url.reveal() })
      try {
        await exactly(gateways)
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
