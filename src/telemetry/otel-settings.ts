import type { Sampler } from './sampler.ts'
import { readSampler } from './sampler.ts'

/** What the standard variables of OpenTelemetry say. Source: https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/ */
export interface OtelSettings {
  /** Absent: not sent. */
  readonly traces?: OtlpTarget
  readonly metrics?: OtlpTarget
  readonly sampler: Sampler
  readonly propagators: ReadonlySet<string>
  /** Who tells: `service.name` and the like. */
  readonly resource: Readonly<Record<string, string>>
  readonly maxQueue: number
  readonly maxBatch: number
  readonly scheduleMs: number
  readonly metricsIntervalMs: number
}

/** Where one kind of telemetry goes. */
export interface OtlpTarget {
  readonly url: string
  /** They may hold credentials. */
  readonly headers: Readonly<Record<string, string>>
  readonly timeoutMs: number
  readonly isCompressed: boolean
}

type Environment = Readonly<Record<string, string | undefined>>

/** Undefined while nobody says where telemetry goes. `problems` tells what is not understood. */
export function readOtelSettings(
  environment: Environment,
  { version, problems = [] }: { version: string; problems?: string[] },
): OtelSettings | undefined {
  if (environment['OTEL_SDK_DISABLED']?.toLowerCase() === 'true') return undefined
  const traces = readTarget(environment, 'traces', problems)
  const metrics = readTarget(environment, 'metrics', problems)
  if (!traces && !metrics) return undefined
  const number = (name: string, fallback: number): number =>
    readNumber({ name, value: environment[name], fallback }, problems)
  return {
    ...(traces && { traces }),
    ...(metrics && { metrics }),
    sampler: readSampler(environment, problems),
    propagators: new Set((environment['OTEL_PROPAGATORS'] || 'tracecontext,baggage').split(',').map(trim)),
    resource: {
      ...readPairs('OTEL_RESOURCE_ATTRIBUTES', environment, problems),
      'service.name':
        environment['OTEL_SERVICE_NAME'] ||
        readPairs('OTEL_RESOURCE_ATTRIBUTES', environment, [])['service.name'] ||
        'mlflow-gateway',
      'service.version': version,
    },
    maxQueue: number('OTEL_BSP_MAX_QUEUE_SIZE', 2048),
    maxBatch: number('OTEL_BSP_MAX_EXPORT_BATCH_SIZE', 512),
    scheduleMs: number('OTEL_BSP_SCHEDULE_DELAY', 5000),
    metricsIntervalMs: number('OTEL_METRIC_EXPORT_INTERVAL', 60_000),
  }
}

function readTarget(
  environment: Environment,
  kind: 'traces' | 'metrics',
  problems: string[],
): OtlpTarget | undefined {
  const own = `OTEL_EXPORTER_OTLP_${kind.toUpperCase()}`
  const exporter = environment[`OTEL_${kind.toUpperCase()}_EXPORTER`] || 'otlp'
  if (exporter !== 'otlp') {
    if (exporter !== 'none')
      problems.push(`OTEL_${kind.toUpperCase()}_EXPORTER: only otlp and none are known`)
    return undefined
  }
  const base = environment['OTEL_EXPORTER_OTLP_ENDPOINT']
  const given = environment[`${own}_ENDPOINT`] || (base && `${base.replace(/\/+$/, '')}/v1/${kind}`)
  if (!given) return undefined
  const setting = (name: string): string | undefined =>
    environment[`${own}_${name}`] || environment[`OTEL_EXPORTER_OTLP_${name}`]
  if (!/^https?:\/\/./.test(given) || !URL.canParse(given)) {
    problems.push(`the endpoint of ${kind} is no URL that begins with http:// or https://`)
    return undefined
  }
  const protocol = setting('PROTOCOL') ?? 'http/json'
  if (!protocol.startsWith('http/')) {
    problems.push(`OTEL_EXPORTER_OTLP_PROTOCOL=${protocol} is not spoken; ${kind} are sent as JSON over HTTP`)
  }
  return {
    url: given,
    headers: {
      ...readPairs('OTEL_EXPORTER_OTLP_HEADERS', environment, problems),
      ...readPairs(`${own}_HEADERS`, environment, problems),
    },
    timeoutMs: readNumber(
      { name: 'OTEL_EXPORTER_OTLP_TIMEOUT', value: setting('TIMEOUT'), fallback: 10_000 },
      problems,
    ),
    isCompressed: setting('COMPRESSION') === 'gzip',
  }
}

/** `a=1,b=2`, percent-encoded as in baggage. */
function readPairs(name: string, environment: Environment, problems: string[]): Record<string, string> {
  const pairs: Record<string, string> = {}
  for (const pair of (environment[name] ?? '').split(',').map(trim)) {
    if (pair === '') continue
    const [, key, value] = /^([^=\s]+)\s*=\s*(.*)$/.exec(pair) ?? []
    try {
      if (key === undefined || value === undefined) throw new Error('no pair')
      pairs[decodeURIComponent(key)] = decodeURIComponent(value)
    } catch {
      // Its text may be a credential.
      problems.push(`${name}: one of its items is not understood; write name=value, separated by commas`)
    }
  }
  return pairs
}

function readNumber(
  { name, value, fallback }: { name: string; value: string | undefined; fallback: number },
  problems: string[],
): number {
  if (value === undefined || value === '') return fallback
  const number = Number(value)
  if (Number.isInteger(number) && number > 0) return number
  problems.push(`${name} is not a whole number above 0; ${fallback} is used`)
  return fallback
}

function trim(text: string): string {
  return text.trim()
}
