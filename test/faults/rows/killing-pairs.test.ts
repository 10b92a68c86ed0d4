import { mkdtempSync, rmSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, expect, it, onTestFinished } from 'vitest'
import { ask, chatBody, EventStream } from '../../support/ask.ts'
import { Gateway } from '../../support/gateway.ts'
import { ADMIN_KEY } from '../../support/metrics.ts'
import { says } from '../../support/openai-upstream.ts'
import { startPostgres } from '../../support/postgres.ts'
import { signal } from '../../support/processes.ts'
import { hasRedisServer, RedisServer } from '../../support/redis-server.ts'
import { Upstream } from '../../support/upstream.ts'
import { waitFor, within } from '../../support/wait.ts'
import { keptRecords } from '../../usage/kept-records.ts'
import { Crowd } from '../rig/crowd.ts'
import { openForTest } from '../rig/database-stage.ts'
import { FaultProxy } from '../rig/fault-proxy.ts'

const postgres = await startPostgres()
afterAll(() => postgres?.stop())

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'pairs-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

async function start(yaml: string, env: Record<string, string> = {}): Promise<Gateway> {
  const gateway = await Gateway.start(yaml, { workers: 2, env })
  onTestFinished(() => gateway.stop())
  return gateway
}

async function failing(): Promise<Upstream> {
  const upstream = await Upstream.start({ '': ({ response }) => void response.writeHead(500).end('{}') })
  onTestFinished(() => upstream.close())
  return upstream
}

function openai(url: string): string {
  return `{ provider: openai, name: gpt, config: { openai_api_base: '${url}/v1', openai_api_key: a-key } }`
}

it.skipIf(!hasRedisServer)('52: the provider fails and Redis is stopped', async () => {
  const redis = await RedisServer.start()
  onTestFinished(() => redis.remove())
  const upstream = await failing()
  const gateway = await start(
    `
server: { redis_url: $REDIS_URL }
limits: [{ requests: 1000000, per: year }, { concurrent: 1000 }]
routes:
  - name: chat
    type: llm/v1/chat
    targets: [{ model: ${openai(upstream.url)} }, { model: { provider: mock, name: m } }]
`,
    { REDIS_URL: redis.url.reveal() },
  )
  const crowd = new Crowd(gateway)
  await crowd.during(async () => {
    await sleep(500)
    redis.stall()
    await sleep(3_000)
    redis.goOn()
    await sleep(500)
  })
  expect(Object.keys(crowd.ends)).toEqual(['200'])
  expect(gateway.workers()).toHaveLength(2)
  crowd.report({
    row: 52,
    fault: 'the provider answers 500, and Redis is stopped',
    expected: 'answered by the other target',
  })
})

it.skipIf(!postgres)('52: streams break off and Postgres is away', async () => {
  if (!postgres) return
  const url = await postgres.create('pairs')
  const proxy = await FaultProxy.start(postgres.port)
  onTestFinished(() => proxy.close())
  const gateway = await start(
    `routes: [{ name: chat, type: llm/v1/chat, model: { provider: mock, name: m, config: { error_rate: 0.5, error_kind: stream_error } } }]\n`,
    {
      DATABASE_URL: url.reveal().replace(`:${postgres.port}/`, `:${proxy.port}/`),
      MLFLOW_GATEWAY_DATA_DIR: newFolder(),
    },
  )
  const ids: unknown[] = []
  const askStreams = async (): Promise<void> => {
    for (let count = 0; count < 60; count += 1) {
      const body = chatBody(`number ${ids.length}`, { model: 'chat', stream: true })
      const stream = await EventStream.open(`${gateway.url}/v1/chat/completions`, body)
      await stream.done
      ids.push(stream.headers['x-request-id'])
    }
  }
  await askStreams()
  await proxy.set({ connect: 'refuse' })
  proxy.endAll('rst')
  await askStreams()
  await proxy.set({})
  await askStreams()
  const database = await openForTest({ postgres: url })
  const rows = await waitFor(
    'the records',
    async () => {
      const found = (await database.usage.list({ limit: 1000 })).rows
      return found.length >= ids.length && found
    },
    40_000,
  )
  expect(new Set(rows.map(({ id }) => id))).toEqual(new Set(ids))
  new Crowd(gateway).report({
    row: 52,
    fault: 'streams break off, and Postgres is away',
    expected: 'one record of each in the end',
  })
})

it('52: the file changes while the gateway drains', async () => {
  const yaml = (name: string): string =>
    `server: { drain_timeout: 5s }\nroutes: [{ name: chat, type: llm/v1/chat, model: { provider: mock, name: ${name}, config: { tokens_per_second: 20 } } }]\n`
  const gateway = await start(yaml('first'))
  const body = chatBody('hi', { model: 'chat', stream: true })
  const streams = await Promise.all(
    Array.from({ length: 20 }, () => EventStream.open(`${gateway.url}/v1/chat/completions`, body)),
  )
  await writeFile(gateway.configPath, yaml('second'))
  gateway.signal('SIGTERM')
  await writeFile(gateway.configPath, yaml('third'))
  gateway.signal('SIGHUP')
  const { code } = await within('the gateway to end', gateway.exited, 15_000)
  await Promise.all(streams.map(({ done }) => done))
  expect(code).toBe(0)
  for (const { text } of streams) expect(text).toMatch(/data: \[DONE\]\s*$|"error":/)
  new Crowd(gateway).report({
    row: 52,
    fault: 'the file changes while the gateway drains',
    expected: 'every stream ends in order, and exit 0',
  })
})

it('52: clients leave while the gateway waits to try again', async () => {
  const upstream = await failing()
  const gateway = await start(
    `routes: [{ name: chat, type: llm/v1/chat, retries: { max: 3, backoff: { initial: 1s, max: 2s } }, circuit_breaker: { failures: 0 }, limits: [{ concurrent: 10 }], model: ${openai(upstream.url)} }]\n`,
  )
  for (let round = 0; round < 10; round += 1) {
    const leaving = Array.from({ length: 5 }, () => {
      const controller = new AbortController()
      const asked = fetch(`${gateway.url}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: chatBody('hi', { model: 'chat' }),
        signal: controller.signal,
      }).catch(() => undefined)
      return { controller, asked }
    })
    await waitFor('the first attempts', () => upstream.ledger.length >= (round + 1) * 5)
    for (const { controller } of leaving) controller.abort()
    await Promise.all(leaving.map(({ asked }) => asked))
  }
  const asked = upstream.ledger.length
  // Longer than any of the waits.
  await sleep(3_000)
  expect(upstream.ledger).toHaveLength(asked)
  // Some waits are short.
  expect(asked).toBeLessThan(75)
  new Crowd(gateway).report({
    row: 52,
    fault: 'clients leave while the gateway waits to try again',
    expected: 'no more attempts, and nothing stays reserved',
  })
})

it('52: workers are killed while a budget runs out', async () => {
  const upstream = await Upstream.start({ '': says('hello') })
  onTestFinished(() => upstream.close())
  const data = newFolder()
  const yaml = `
routes:
  - name: chat
    type: llm/v1/chat
    targets: [{ model: ${openai(upstream.url)}, price: { request: 1 } }]
    limits: [{ cost: 200.5, per: year }]
`
  const env = { MLFLOW_GATEWAY_DATA_DIR: data, MLFLOW_GATEWAY_ADMIN_KEY: ADMIN_KEY }
  const gateway = await start(yaml, env)
  const crowd = new Crowd(gateway)
  await crowd.during(async () => {
    for (let count = 0; count < 3; count += 1) {
      await sleep(150)
      signal(gateway.workers()[count % 2] ?? 0, 'SIGKILL')
    }
    await waitFor('the budget to be used up', () => (crowd.ends['429'] ?? 0) > 20, 15_000)
  })
  signal(gateway.pid, 'SIGKILL')
  await gateway.exited
  const again = await start(yaml, env)
  const { status } = await ask(`${again.url}/v1/chat/completions`, {
    body: chatBody('hi', { model: 'chat', max_tokens: 16 }),
  })
  again.signal('SIGTERM')
  await again.exited
  const paid = (await keptRecords(data)).filter(({ costUsd }) => costUsd === 1)
  // What a killed worker had under way, or had not told, is not counted before the next start.
  const lost = crowd.ends['broken'] ?? 0
  expect(paid.length).toBeGreaterThanOrEqual(crowd.answered.size)
  expect(crowd.answered.size).toBeLessThanOrEqual(200 + lost + UNTOLD)
  if (paid.length >= 200) expect(status).toBe(429)
  crowd.report({
    row: 52,
    fault: 'workers, and then the primary, are killed while a budget runs out',
    expected: 'one record of each answer, and the budget holds after the restart',
  })
})

/** What three killed workers may have let through in the 50 ms before. */
const UNTOLD = 100
