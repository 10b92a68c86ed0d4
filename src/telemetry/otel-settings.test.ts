import { expect, test } from 'vitest'
import { readOtelSettings, type OtelSettings } from './otel-settings.ts'

function read(environment: Record<string, string>): {
  settings: OtelSettings | undefined
  problems: string[]
} {
  const problems: string[] = []
  return { settings: readOtelSettings(environment, { version: '1', problems }), problems }
}

const ENDPOINT = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318/' }

test('without an endpoint, or when it is disabled, nothing is sent', () => {
  expect(read({}).settings).toBeUndefined()
  expect(read({ OTEL_SERVICE_NAME: 'x' }).settings).toBeUndefined()
  expect(read({ ...ENDPOINT, OTEL_SDK_DISABLED: 'TRUE' }).settings).toBeUndefined()
  const none = { OTEL_TRACES_EXPORTER: 'none', OTEL_METRICS_EXPORTER: 'none' }
  expect(read({ ...ENDPOINT, ...none })).toEqual({ settings: undefined, problems: [] })
})

test('one endpoint serves both kinds, and one of its own is taken as it is', () => {
  expect(read(ENDPOINT).settings).toMatchObject({
    traces: { url: 'http://collector:4318/v1/traces', timeoutMs: 10_000, isCompressed: false },
    metrics: { url: 'http://collector:4318/v1/metrics' },
    resource: { 'service.name': 'mlflow-gateway', 'service.version': '1' },
  })
  const own = {
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://t.example/x',
    OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: '5',
  }
  const { settings } = read(own)
  expect(settings?.traces).toMatchObject({ url: 'https://t.example/x', timeoutMs: 5 })
  expect(settings?.metrics).toBeUndefined()
})

test('headers and attributes are decoded, and those of one kind go before those of all', () => {
  const { settings } = read({
    ...ENDPOINT,
    OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Basic%20abc%3D, x = 1',
    OTEL_EXPORTER_OTLP_METRICS_HEADERS: 'x=2',
    OTEL_RESOURCE_ATTRIBUTES: 'service.name=from-attributes,team=a%2Cb',
  })
  expect(settings?.traces?.headers).toEqual({ authorization: 'Basic abc=', x: '1' })
  expect(settings?.metrics?.headers).toEqual({ authorization: 'Basic abc=', x: '2' })
  expect(settings?.resource).toMatchObject({ 'service.name': 'from-attributes', team: 'a,b' })
})

test.each([
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318' }, /no URL/],
  [{ ...ENDPOINT, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, /JSON over HTTP/],
  [{ ...ENDPOINT, OTEL_TRACES_EXPORTER: 'zipkin' }, /only otlp/],
  [{ ...ENDPOINT, OTEL_TRACES_SAMPLER: 'sometimes' }, /not known/],
  [{ ...ENDPOINT, OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '2' }, /from 0 to 1/],
  [{ ...ENDPOINT, OTEL_BSP_MAX_QUEUE_SIZE: '-1' }, /whole number/],
  [{ ...ENDPOINT, OTEL_EXPORTER_OTLP_HEADERS: 'CANARY' }, /not understood/],
  [{ ...ENDPOINT, OTEL_EXPORTER_OTLP_HEADERS: 'a=CANARY%zz' }, /not understood/],
])('%j is told, and no value of a header with it', (environment, message) => {
  const { problems } = read(environment)
  expect(problems.join('\n')).toMatch(message)
  expect(problems.join('\n')).not.toContain('CANARY')
})

test.each([
  ['always_on', true, true, true],
  ['always_off', false, false, false],
  ['parentbased_always_on', true, true, false],
  ['parentbased_always_off', false, true, false],
  ['', true, true, false],
])('sampler "%s": kept without a sender, with one that keeps, with one that does not', (name, ...kept) => {
  const { settings } = read({ ...ENDPOINT, OTEL_TRACES_SAMPLER: name })
  const id = 'a'.repeat(32)
  const parents = [undefined, { isSampled: true }, { isSampled: false }]
  expect(parents.map((parent) => settings?.sampler(id, parent))).toEqual(kept)
})

test('a ratio keeps that share, and the same traces everywhere', () => {
  const { settings } = read({
    ...ENDPOINT,
    OTEL_TRACES_SAMPLER: 'traceidratio',
    OTEL_TRACES_SAMPLER_ARG: '0.25',
  })
  const ids = Array.from({ length: 256 }, (_, index) =>
    index.toString(16).padStart(2, '0').padEnd(12, '7').padStart(32, 'f'),
  )
  expect(ids.filter((id) => settings?.sampler(id, undefined))).toEqual(ids.slice(0, 64))
})
