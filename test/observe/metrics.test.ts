import { readFile, writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ask, chatBody, type Answer } from '../support/ask.ts'
import { Gateway } from '../support/gateway.ts'
import { ADMIN_KEY, askMetrics, Metrics } from '../support/metrics.ts'
import { signal } from '../support/processes.ts'
import { readExposition } from '../support/read-exposition.ts'
import { waitFor } from '../support/wait.ts'

const YAML = `
routes:
  - name: chat
    type: llm/v1/chat
    targets: [{ name: good, model: { provider: mock, name: m, config: { reply: one two three } }, price: { request: 0.5 } }]
    cache: { ttl: 1h }
  - name: broken
    type: llm/v1/chat
    targets: [{ name: bad, model: { provider: mock, name: b, config: { error_rate: 1 } } }]
    retries: { max: 1 }
    circuit_breaker: { failures: 2, cooldown: 1h }
    fallbacks: [{ route: chat }]
  - name: few
    type: llm/v1/chat
    model: { provider: mock, name: m }
    limits: [{ requests: 1, per: year }]
  - name: narrow
    type: llm/v1/chat
    model: { provider: mock, name: m, config: { latency: 60s } }
    concurrency: { max: 1, queue: 1 }
`

let gateway: Gateway

beforeAll(async () => {
  gateway = await Gateway.start(YAML, {
    workers: 2,
    env: { MLFLOW_GATEWAY_DATA_DIR: 'none', MLFLOW_GATEWAY_ADMIN_KEY: ADMIN_KEY },
  })
})
afterAll(() => gateway.stop())

let asked = 0

/** No two of them say the same, so that no cache knows them. */
function chat(route: string, more: Readonly<Record<string, unknown>> = {}): Promise<Answer> {
  const body = chatBody(`CANARY-prompt ${asked++}`, { model: route, ...more })
  return ask(`${gateway.url}/v1/chat/completions`, { body, headers: { 'x-user': 'CANARY-user' } })
}

test('what all workers did adds up, to the request and to the token', async () => {
  const before = await Metrics.of(gateway)
  const answers = await Promise.all(Array.from({ length: 20 }, () => chat('chat')))
  expect(answers.every(({ status }) => status === 200)).toBe(true)
  const streamed = await Promise.all(Array.from({ length: 10 }, () => chat('chat', { stream: true })))
  expect(streamed.every(({ status }) => status === 200)).toBe(true)
  const used = answers.map(({ text }): number => JSON.parse(text).usage.completion_tokens)

  const after = await Metrics.of(gateway)
  const grown = (name: string, labels: Readonly<Record<string, string>> = {}): number =>
    after.sum(name, { route: 'chat', ...labels }) - before.sum(name, { route: 'chat', ...labels })
  expect(grown('requests_total', { dialect: 'openai', status: '2xx', error: '' })).toBe(30)
  expect(grown('requests_total')).toBe(30)
  expect(grown('request_duration_seconds_count', { stream: 'false' })).toBe(20)
  expect(grown('request_duration_seconds_count', { stream: 'true' })).toBe(10)
  expect(grown('time_to_first_token_seconds_count')).toBe(10)
  const target = { target: 'good', provider: 'mock', model: 'm' }
  expect(grown('attempts_total', { ...target, reason: 'first', outcome: 'ok' })).toBe(30)
  expect(grown('attempt_duration_seconds_count', target)).toBe(30)
  expect(grown('cost_usd_total')).toBe(15)
  expect(grown('unpriced_requests_total')).toBe(0)
  expect(grown('cache_requests_total', { result: 'miss' })).toBe(30)
  expect(grown('tokens_total', { class: 'output' })).toBe((used[0] ?? 0) * 30)
  expect(after.sum('overhead_seconds_count')).toBeGreaterThanOrEqual(30)
})

test('what the cache knows costs nothing and is no attempt', async () => {
  const body = chatBody('the same', { model: 'chat' })
  const once = (): Promise<Answer> => ask(`${gateway.url}/v1/chat/completions`, { body })
  // Each worker has a cache of its own.
  await Promise.all(Array.from({ length: 20 }, once))
  const before = await Metrics.of(gateway)
  await Promise.all(Array.from({ length: 20 }, once))
  const after = await Metrics.of(gateway)
  const hits =
    after.sum('cache_requests_total', { result: 'hit' }) -
    before.sum('cache_requests_total', { result: 'hit' })
  const paid = after.sum('cost_usd_total') - before.sum('cost_usd_total')
  expect(hits).toBeGreaterThanOrEqual(18)
  expect(paid).toBe((20 - hits) / 2)
})

test('failures, repetitions, fallbacks and breakers are seen', async () => {
  expect((await chat('broken')).status).toBe(200)
  const metrics = await Metrics.of(gateway)
  const bad = { route: 'broken', target: 'bad' }
  expect(metrics.sum('attempts_total', { ...bad, reason: 'first', outcome: 'server_error' })).toBe(1)
  expect(metrics.sum('attempts_total', { ...bad, reason: 'retry', outcome: 'server_error' })).toBe(1)
  expect(metrics.sum('attempts_total', { route: 'chat', reason: 'fallback', outcome: 'ok' })).toBe(1)
  expect(metrics.sum('fallbacks_total', { route: 'broken' })).toBe(1)
  expect(metrics.samples('target_breaker_state', bad)).toMatchObject([{ value: 2 }])
  expect(metrics.samples('target_breaker_state', { route: 'chat' })).toMatchObject([{ value: 0 }])
})

test('limits, full queues and requests under way are told apart', async () => {
  await chat('few')
  expect((await chat('few')).status).toBe(429)
  const slow = Array.from({ length: 12 }, () => chat('narrow').catch(() => undefined))
  const busy = await waitFor('the queues to be full', async () => {
    const metrics = await Metrics.of(gateway)
    // All of them may have come to one worker: one is answered there, and one waits.
    return metrics.sum('requests_in_flight') >= 2 && metrics.sum('requests_queued') > 0 && metrics
  })
  expect(busy.sum('requests_queued', { route: 'narrow' })).toBeLessThanOrEqual(2)
  expect(busy.sum('target_requests_in_flight', { route: 'narrow' })).toBeGreaterThan(0)
  expect(busy.sum('requests_refused_total', { route: 'few', reason: 'requests' })).toBe(1)
  expect(busy.sum('requests_refused_total', { route: 'narrow', reason: 'concurrency' })).toBeGreaterThan(0)
  void Promise.all(slow)
})

test('nothing that clients say is in it, and what is not configured has one name', async () => {
  for (const name of ['CANARY-one', 'CANARY-two', '../CANARY']) await chat(name)
  const { text } = await askMetrics(gateway, { authorization: `Bearer ${ADMIN_KEY}` })
  expect(text).not.toContain('CANARY')
  const metrics = await Metrics.of(gateway)
  expect(metrics.sum('requests_total', { route: '', status: '4xx', error: 'not_found' })).toBe(3)
})

test('reloads that took effect and those that could not are counted', async () => {
  const text = await readFile(gateway.configPath, 'utf8')
  await writeFile(gateway.configPath, text.replace('name: few', 'name: ['))
  await waitFor('the mistake', async () => (await Metrics.of(gateway)).sum('config_stale') === 1)
  await writeFile(gateway.configPath, `${text}metrics: { public: true }\n`)
  const metrics = await waitFor('the reload', async () => {
    const now = await Metrics.of(gateway)
    return now.sum('config_reloads_total', { result: 'success' }) === 1 && now
  })
  expect(metrics.sum('config_reloads_total', { result: 'failure' })).toBe(1)
  expect(metrics.sum('config_stale')).toBe(0)
  expect(Math.abs(metrics.sum('config_last_reload_timestamp_seconds') - Date.now() / 1000)).toBeLessThan(60)
})

test('public metrics need no credential, and nothing else becomes open with them', async () => {
  const open = await askMetrics(gateway, {})
  expect(open).toMatchObject({ status: 200 })
  expect(open.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8')
  expect(readExposition(open.text).size).toBeGreaterThan(20)
  for (const path of [
    '/metrics?x',
    '/metrics/',
    '//metrics',
    '/%6detrics',
    '/admin/config',
    '/admin/targets',
  ]) {
    expect([path, (await ask(`http://127.0.0.1:${gateway.port + 1}${path}`)).status]).toEqual([path, 401])
  }
})

test('OpenMetrics is told to those who take it', async () => {
  const { headers, text } = await askMetrics(gateway, {
    accept: 'application/openmetrics-text; version=1.0.0, text/plain;q=0.5',
  })
  expect(headers['content-type']).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8')
  expect(text).toMatch(/# TYPE mlflow_gateway_requests counter\nmlflow_gateway_requests_total\{/)
  expect(text.endsWith('\n# EOF\n')).toBe(true)
})

test('a worker that is killed leaves its counts, and one that is stopped delays nobody', async () => {
  const [first = 0] = gateway.workers()
  signal(first, 'SIGSTOP')
  const began = performance.now()
  const before = await Metrics.of(gateway)
  expect(performance.now() - began).toBeLessThan(1_500)
  expect(before.sum('silent_workers')).toBe(1)
  signal(first, 'SIGKILL')
  const after = await waitFor('the successor', async () => {
    const now = await Metrics.of(gateway)
    const told = now.samples('process_resident_memory_bytes').length
    return now.sum('worker_deaths_total') === 1 && told === 3 && now
  })
  expect(after.sum('requests_total')).toBeGreaterThanOrEqual(before.sum('requests_total'))
  expect(after.sum('workers')).toBe(2)
  for (const { value } of after.samples('event_loop_lag_seconds')) expect(value).toBeLessThan(30)
  expect(after.sum('process_cpu_seconds_total', { process: 'worker' })).toBeGreaterThan(0)
})
