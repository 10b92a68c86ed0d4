import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { ask, chatBody, type Answer } from '../support/ask.ts'
import { Gateway } from '../support/gateway.ts'
import { ADMIN_KEY, Metrics } from '../support/metrics.ts'
import { chunk, completion, DONE, finish, usage } from '../support/openai-upstream.ts'
import { OtlpReceiver, plain } from '../support/otlp-receiver.ts'
import { Upstream } from '../support/upstream.ts'
import { waitFor, within } from '../support/wait.ts'

// These start several gateways at the same time.
vi.setConfig({ testTimeout: 60_000 })

let receiver: OtlpReceiver
let upstream: Upstream
let gateway: Gateway

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c'
const PARENT_ID = 'b7ad6b7169203331'

beforeAll(async () => {
  receiver = await OtlpReceiver.start()
  upstream = await Upstream.start({
    fail: (turn) =>
      turn.send(503, { 'content-type': 'application/json' }, '{"error":{"message":"CANARY-words"}}'),
    stream: (turn) => {
      turn.startStream()
      turn.write(chunk('CANARY-answer') + finish() + usage() + DONE)
      turn.response.end()
    },
    '': (turn) =>
      turn.send(200, { 'content-type': 'application/json' }, completion('CANARY-answer', 'gpt-served')),
  })
  gateway = await Gateway.start(yaml(), { workers: 2, env: environment() })
})
afterAll(async () => {
  await gateway.stop()
  await upstream.close()
  await receiver.close()
})

function yaml(): string {
  const model = (name: string): string =>
    `{ provider: openai-compatible, name: ${name}, config: { api_base: "http://127.0.0.1:${upstream.port}/v1", api_key: CANARY-provider-key } }`
  return `
routes:
  - name: first
    type: llm/v1/chat
    targets: [{ name: bad, model: ${model('gpt-bad')} }]
    retries: { max: 1 }
    fallbacks: [{ route: second }]
  - name: second
    type: llm/v1/chat
    targets: [{ name: good, model: { provider: mock, name: m } }]
  - name: plain
    type: llm/v1/chat
    model: ${model('gpt')}
`
}

function environment(more: Readonly<Record<string, string>> = {}): Record<string, string> {
  return {
    MLFLOW_GATEWAY_DATA_DIR: 'none',
    MLFLOW_GATEWAY_ADMIN_KEY: ADMIN_KEY,
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    OTEL_EXPORTER_OTLP_HEADERS: 'api-key=CANARY%20receiver',
    OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
    OTEL_SERVICE_NAME: 'llm',
    OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment=test%2C1,service.name=other',
    OTEL_BSP_SCHEDULE_DELAY: '100',
    OTEL_METRIC_EXPORT_INTERVAL: '300',
    ...more,
  }
}

interface Asked {
  readonly prompt?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly stream?: boolean
}

function chat(route: string, { prompt = 'hi', headers = {}, stream = false }: Asked = {}): Promise<Answer> {
  const body = chatBody(`${prompt} CANARY-prompt`, { model: route, stream })
  return ask(`${gateway.url}/v1/chat/completions?token=CANARY-query`, { body, headers })
}

test('a request that falls back is one span in the trace of its sender, with a span for each attempt below it', async () => {
  const answer = await chat('first', {
    prompt: 'fail',
    headers: {
      traceparent: `00-${TRACE_ID}-${PARENT_ID}-01`,
      tracestate: 'vendor=1',
      baggage: 'tenant=blue',
      authorization: 'Bearer CANARY-caller-key',
    },
  })
  expect(answer.status).toBe(200)
  const spans = await waitFor(
    'the spans',
    () => receiver.trace(TRACE_ID).length === 4 && receiver.trace(TRACE_ID),
  )
  const [server, first, retry, fallback] = spans
  expect(server).toMatchObject({
    name: 'chat first',
    kind: 2,
    parentSpanId: PARENT_ID,
    traceState: 'vendor=1',
    isError: false,
    resource: { 'service.name': 'llm', 'deployment.environment': 'test,1' },
    attributes: {
      'http.request.method': 'POST',
      'url.path': '/v1/chat/completions',
      'http.response.status_code': 200,
      'mlflow_gateway.request.id': answer.headers['x-request-id'],
      'mlflow_gateway.route': 'first',
      'mlflow_gateway.dialect': 'openai',
      'mlflow_gateway.attempts': 3,
      'mlflow_gateway.fallbacks': 1,
    },
  })
  const failed = {
    name: 'chat gpt-bad',
    kind: 3,
    parentSpanId: server?.spanId,
    isError: true,
    attributes: {
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'openai-compatible',
      'gen_ai.request.model': 'gpt-bad',
      'error.type': 'overloaded',
      'mlflow_gateway.target': 'bad',
    },
  }
  expect(first).toMatchObject(failed)
  expect(first?.attributes['mlflow_gateway.attempt.reason']).toBe('first')
  expect(retry).toMatchObject(failed)
  expect(retry?.attributes['mlflow_gateway.attempt.reason']).toBe('retry')
  expect(fallback).toMatchObject({
    name: 'chat m',
    parentSpanId: server?.spanId,
    isError: false,
    attributes: {
      'gen_ai.provider.name': 'mock',
      'mlflow_gateway.route': 'second',
      'mlflow_gateway.attempt.reason': 'fallback',
    },
  })
  expect(fallback?.attributes['gen_ai.usage.output_tokens']).toBeGreaterThan(0)
  expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(4)
  for (const span of spans) {
    expect(span.endMs).toBeGreaterThanOrEqual(span.startMs)
    expect(span.startMs).toBeGreaterThanOrEqual(server?.startMs ?? 0)
    expect(span.endMs).toBeLessThanOrEqual((server?.endMs ?? 0) + 1)
    expect(Math.abs(span.startMs - Date.now())).toBeLessThan(60_000)
  }
  // Each attempt tells the provider the span that it is.
  const told = upstream.ledger.filter(({ prompt }) => prompt.startsWith('fail')).map(({ headers }) => headers)
  expect(told.map(({ traceparent }) => traceparent)).toEqual(
    [first, retry].map((span) => `00-${TRACE_ID}-${span?.spanId}-01`),
  )
  expect(told[0]).toMatchObject({ tracestate: 'vendor=1', baggage: 'tenant=blue' })
  const line = await gateway.requestLine(answer.headers['x-request-id'])
  expect(line['trace_id']).toBe(TRACE_ID)
})

test('a stream is one attempt to its last byte, with its tokens and why it ended', async () => {
  const traceId = '1'.repeat(32)
  await chat('plain', {
    prompt: 'stream',
    stream: true,
    headers: { traceparent: `00-${traceId}-${PARENT_ID}-01` },
  })
  const [, attempt] = await waitFor(
    'the spans',
    () => receiver.trace(traceId).length === 2 && receiver.trace(traceId),
  )
  expect(attempt?.attributes).toMatchObject({
    'gen_ai.response.model': 'gpt',
    'gen_ai.response.finish_reasons': ['stop'],
    'gen_ai.usage.input_tokens': 11,
    'gen_ai.usage.output_tokens': 7,
  })
  expect(attempt?.attributes['gen_ai.response.time_to_first_chunk']).toBeGreaterThan(0)
})

test('a whole answer that passes through tells why it ended too', async () => {
  const traceId = '5'.repeat(32)
  await chat('plain', { headers: { traceparent: `00-${traceId}-${PARENT_ID}-01` } })
  const [, attempt] = await waitFor(
    'the spans',
    () => receiver.trace(traceId).length === 2 && receiver.trace(traceId),
  )
  expect(attempt?.attributes).toMatchObject({
    'gen_ai.response.model': 'gpt-served',
    'gen_ai.response.finish_reasons': ['stop'],
    'gen_ai.usage.input_tokens': 5,
  })
})

test('what the sender does not keep is not sent, though providers are told', async () => {
  const traceId = '2'.repeat(32)
  await chat('plain', { headers: { traceparent: `00-${traceId}-${PARENT_ID}-00` } })
  const told = upstream.ledger.at(-1)?.headers['traceparent']
  expect(told).toMatch(new RegExp(`^00-${traceId}-[0-9a-f]{16}-00$`))
  const later = '3'.repeat(32)
  await chat('plain', { headers: { traceparent: `00-${later}-${PARENT_ID}-01` } })
  await waitFor('the later spans', () => receiver.trace(later).length === 2)
  expect(receiver.trace(traceId)).toEqual([])
})

test.each([
  '',
  'x',
  `00-${'0'.repeat(32)}-${PARENT_ID}-01`,
  `00-${TRACE_ID}-${PARENT_ID}-01-more`,
  'é'.repeat(9),
])('a traceparent that is none (%s) begins a trace', async (traceparent) => {
  await chat('plain', { headers: { traceparent: Buffer.from(traceparent).toString('latin1') } })
  const told = String(upstream.ledger.at(-1)?.headers['traceparent'])
  expect(told).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/)
  expect(told).not.toContain(TRACE_ID)
})

test('metrics come under the names of the conventions, and of the gateway', async () => {
  const before = receiver.metrics.length
  await waitFor('two more messages', () => receiver.metrics.length > before + 1)
  const metrics = new Map(receiver.metrics.at(-1)?.map((metric) => [metric.name, metric]))
  const tokens = metrics.get('gen_ai.client.token.usage')
  expect(tokens).toMatchObject({ unit: '{token}', histogram: { aggregationTemporality: 2 } })
  const [point] = tokens?.histogram?.dataPoints ?? []
  expect(point?.bucketCounts).toHaveLength((point?.explicitBounds?.length ?? 0) + 1)
  const durations = metrics.get('gen_ai.client.operation.duration')?.histogram?.dataPoints ?? []
  expect(durations.map(({ attributes }) => plain(attributes))).toContainEqual({
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'openai-compatible',
    'gen_ai.request.model': 'gpt-bad',
    'error.type': 'overloaded',
  })
  const requests = metrics.get('mlflow_gateway.requests')
  expect(requests).toMatchObject({ sum: { isMonotonic: true, aggregationTemporality: 2 } })
  expect(metrics.get('mlflow_gateway.request_duration')).toMatchObject({ unit: 's' })
  expect(metrics.get('mlflow_gateway.workers')?.gauge?.dataPoints).toMatchObject([{ asDouble: 2 }])
})

test('nothing of what was asked and answered, and no credential, is in any of it', async () => {
  expect(receiver.text.length).toBeGreaterThan(1000)
  expect(receiver.text).not.toContain('CANARY')
  expect(receiver.headers[0]).toMatchObject({
    'api-key': 'CANARY receiver',
    'content-type': 'application/json',
  })
  expect(gateway.stdout + gateway.stderr).not.toContain('CANARY')
})

test.concurrent('what waits is sent before the gateway ends', async () => {
  const own = await Gateway.start(yaml(), {
    workers: 1,
    env: environment({ OTEL_BSP_SCHEDULE_DELAY: '60000' }),
  })
  const traceId = '4'.repeat(32)
  const headers = { traceparent: `00-${traceId}-${PARENT_ID}-01` }
  await ask(`${own.url}/v1/chat/completions`, { body: chatBody('hi', { model: 'plain' }), headers })
  expect(receiver.trace(traceId)).toEqual([])
  own.signal('SIGTERM')
  expect(await within('the gateway to end', own.exited, 8_000)).toMatchObject({ code: 0 })
  expect(receiver.trace(traceId)).toHaveLength(2)
  await own.stop()
})

test.concurrent('a receiver that hangs delays no request and no end; what it does not take is dropped and counted', async () => {
  const hanging = await OtlpReceiver.start()
  hanging.reaction = 'hang'
  const own = await Gateway.start(yaml(), {
    workers: 1,
    env: environment({
      OTEL_EXPORTER_OTLP_ENDPOINT: hanging.url,
      OTEL_BSP_MAX_QUEUE_SIZE: '20',
      OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '4',
    }),
  })
  const body = chatBody('hi', { model: 'second' })
  const began = performance.now()
  for (let round = 0; round < 10; round++) {
    await Promise.all(Array.from({ length: 10 }, () => ask(`${own.url}/v1/chat/completions`, { body })))
  }
  expect(performance.now() - began).toBeLessThan(5_000)
  expect(hanging.headers.length).toBeGreaterThan(0)
  // Two spans each: those under way, and those that wait.
  const metrics = await Metrics.of(own)
  expect(metrics.sum('otlp_dropped_total', { signal: 'traces' })).toBeGreaterThanOrEqual(200 - 24)
  const ending = performance.now()
  own.signal('SIGTERM')
  expect(await within('the gateway to end', own.exited, 9_000)).toMatchObject({ code: 0 })
  expect(performance.now() - ending).toBeLessThan(5_000)
  await own.stop()
  await hanging.close()
})

test.concurrent('without a receiver nothing is added to what providers get', async () => {
  const own = await Gateway.start(yaml(), { workers: 1, env: { MLFLOW_GATEWAY_DATA_DIR: 'none' } })
  const headers = { traceparent: `00-${TRACE_ID}-${PARENT_ID}-01` }
  await ask(`${own.url}/v1/chat/completions`, { body: chatBody('off', { model: 'plain' }), headers })
  const told = upstream.ledger.find(({ prompt }) => prompt === 'off')
  expect(told?.headers['host']).toBeDefined()
  expect(told?.headers).not.toHaveProperty('traceparent')
  await own.stop()
})
