import { Agent } from 'node:http'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ask, chatBody, EventStream, type Answer } from '../support/ask.ts'
import { Gateway } from '../support/gateway.ts'
import { signal } from '../support/processes.ts'
import { waitFor } from '../support/wait.ts'

/** Each request costs a dollar, and a budget is enough for ten and a half of them. */
const YAML = `
limits:
  - { requests: 100000, per: hour }
routes:
  - name: budget
    type: llm/v1/chat
    targets: [{ model: { provider: mock, name: m }, price: { request: 1 } }]
    limits: [{ cost: 10.5, per: year }]
  - name: few
    type: llm/v1/chat
    model: { provider: mock, name: m }
    limits: [{ requests: 3, per: year }, { tokens: 1000000, per: year }]
  - name: slow
    type: llm/v1/chat
    model: { provider: mock, name: m, config: { latency: 60s } }
    limits: [{ concurrent: 2 }]
`

let gateway: Gateway
let data: string

beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), 'limits-'))
  gateway = await Gateway.start(YAML, { workers: 2, env: { MLFLOW_GATEWAY_DATA_DIR: data } })
})
afterAll(async () => {
  await gateway.stop()
  await rm(data, { recursive: true, force: true })
})

function chat(route: string, path = '/v1/chat/completions', agent?: Agent): Promise<Answer> {
  const body = chatBody('Hello', { model: route, max_tokens: 16 })
  return ask(`${gateway.url}${path}`, { body, ...(agent && { agent }) })
}

test('a budget of ten and a half requests lets ten through, whatever number comes at once to two workers', async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 })
  const answers = await Promise.all(
    Array.from({ length: 400 }, () => chat('budget', '/v1/chat/completions', agent)),
  )
  agent.destroy()
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(10)
  const refused = answers.filter(({ status }) => status === 429)
  expect(refused).toHaveLength(390)
  const [one] = refused
  expect(JSON.parse(one?.text ?? '')).toMatchObject({
    error: {
      type: 'rate_limit_error',
      code: 'budget_exceeded',
      message: expect.stringContaining('10.5 USD per year'),
    },
  })
  expect(Number(one?.headers['retry-after'])).toBeGreaterThan(0)
})

test('every answer tells how the tightest limits on requests and tokens stand', async () => {
  const { headers } = await chat('few')
  expect(headers).toMatchObject({
    'x-ratelimit-limit-requests': '3',
    'x-ratelimit-remaining-requests': '2',
    'x-ratelimit-limit-tokens': '1000000',
    'x-ratelimit-reset-requests': expect.stringMatching(/^\d+s$/),
  })
  await chat('few')
  await chat('few')
  const refused = await chat('few')
  expect(refused.status).toBe(429)
  expect(refused.headers['x-ratelimit-remaining-requests']).toBe('0')
  expect(JSON.parse(refused.text)).toMatchObject({ error: { code: 'rate_limit_exceeded' } })
})

test('a client that leaves and a worker that is killed give back what they hold', async () => {
  const body = chatBody('Hello', { model: 'slow', stream: true })
  const open = (): Promise<unknown> =>
    EventStream.open(`${gateway.url}/v1/chat/completions`, body).catch(() => undefined)
  void open()
  void open()
  await waitFor('the limit to be reached', async () => {
    const probe = await Promise.race([chat('slow'), sleep(300, undefined)])
    return probe?.status === 429
  })
  for (const pid of gateway.workers()) signal(pid, 'SIGKILL')
  const hasRoom = await waitFor('room again', async () => {
    const probe = new AbortController()
    const answer = fetch(`${gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: chatBody('Hello', { model: 'slow' }),
      signal: probe.signal,
    }).then(
      ({ status }) => status,
      () => 0,
    )
    const status = await Promise.race([answer, sleep(300, undefined)])
    probe.abort()
    return status === undefined
  })
  expect(hasRoom).toBe(true)
})
