import type { Family } from './exposition.ts'
import type { Metric, Series } from './metric.ts'
import { attributes, nanoseconds, SCOPE } from './otlp.ts'

/** Since when counters count, and now; in milliseconds since 1970. */
export interface Period {
  readonly startedAt: number
  readonly now: number
}

/** Metrics as a message of OTLP in JSON. All that counts is cumulative, since the gateway began. */
export function metricsMessage(
  families: readonly Family[],
  { resource, period }: { resource: Readonly<Record<string, string>>; period: Period },
): object {
  const metrics = families.filter(({ series }) => series.length > 0).map((family) => toMetric(family, period))
  return {
    resourceMetrics: [
      { resource: { attributes: attributes(resource) }, scopeMetrics: [{ scope: SCOPE, metrics }] },
    ],
  }
}

const CUMULATIVE = 2

function toMetric({ metric, series }: Family, { startedAt, now }: Period): object {
  const { name, unit } = otlpNameOf(metric)
  const at = { startTimeUnixNano: nanoseconds(startedAt), timeUnixNano: nanoseconds(now) }
  const dataPoints = series.map((one) => ({
    attributes: attributesOf(metric, one),
    ...at,
    ...(metric.type === 'histogram' ? buckets(metric, one) : { asDouble: one.values[0] ?? 0 }),
  }))
  const described = { name, description: metric.help, unit }
  switch (metric.type) {
    case 'counter':
      return { ...described, sum: { aggregationTemporality: CUMULATIVE, isMonotonic: true, dataPoints } }
    case 'histogram':
      return { ...described, histogram: { aggregationTemporality: CUMULATIVE, dataPoints } }
    case 'gauge':
      return { ...described, gauge: { dataPoints } }
  }
}

/** An empty one says nothing. */
function attributesOf({ labels }: Metric, series: Series): ReturnType<typeof attributes> {
  return attributes(
    Object.fromEntries(labels.map((label, index) => [label, series.labels[index] || undefined])),
  )
}

/** 64-bit numbers are texts. */
function buckets({ buckets: bounds = [] }: Metric, { values }: Series): object {
  const [sum = 0, ...counts] = values
  return {
    count: String(counts.reduce((all, count) => all + count, 0)),
    sum,
    bucketCounts: counts.map(String),
    explicitBounds: bounds,
  }
}

/**
 * Prometheus' endings stand for units, which OTLP has a field for: what is sent becomes the same name again in a
 * Prometheus that takes it.
 */
export function otlpNameOf({ name, type, unit }: Metric): { name: string; unit: string } {
  if (unit !== undefined) return { name, unit }
  const bare = type === 'counter' ? name.replace(/_total$/, '') : name
  const [, base = bare, ending = ''] = /^(.*)_(seconds|bytes|usd)$/.exec(bare) ?? []
  return { name: base.replace('mlflow_gateway_', 'mlflow_gateway.'), unit: UNITS[ending] ?? '1' }
}

const UNITS: Readonly<Record<string, string>> = { seconds: 's', bytes: 'By', usd: 'USD' }
