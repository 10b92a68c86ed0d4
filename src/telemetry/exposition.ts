import { type Metric, type Series, widthOf } from './metric.ts'

/** A metric with what it has now. */
export interface Family {
  readonly metric: Metric
  readonly series: readonly Series[]
}

/** A text that monitoring systems read. */
export interface Exposition {
  readonly contentType: string
  readonly text: string
}

/**
 * The text format of Prometheus, or of OpenMetrics 1.0 where the reader takes it:
 * https://prometheus.io/docs/instrumenting/exposition_formats/ and https://github.com/prometheus/OpenMetrics.
 */
export function expose(families: readonly Family[], accept: string = ''): Exposition {
  const isOpen = /application\/openmetrics-text/.test(accept)
  const lines = families.flatMap((family) => linesOf(family, isOpen))
  if (isOpen) lines.push('# EOF')
  return { contentType: isOpen ? OPEN_METRICS : PLAIN, text: `${lines.join('\n')}\n` }
}

const PLAIN = 'text/plain; version=0.0.4; charset=utf-8'
const OPEN_METRICS = 'application/openmetrics-text; version=1.0.0; charset=utf-8'

function linesOf({ metric, series }: Family, isOpen: boolean): string[] {
  const { name, type, help } = metric
  // There the family of a counter is named without the ending of its samples.
  const family = isOpen && type === 'counter' ? name.replace(/_total$/, '') : name
  const head = [
    `# HELP ${family} ${isOpen ? escapeLabel(help) : escapeHelp(help)}`,
    `# TYPE ${family} ${type}`,
  ]
  // What has no labels is there from the start, so that its first increase can be seen.
  const shown = series.length > 0 || metric.labels.length > 0 ? series : [nothingYet(metric)]
  if (shown.length === 0) return []
  return [
    ...head,
    ...shown.flatMap((one) => (type === 'histogram' ? buckets(metric, one) : [sample(metric, one)])),
  ]
}

function nothingYet(metric: Metric): Series {
  return { labels: [], values: Array.from({ length: widthOf(metric) }, () => 0) }
}

function sample({ name, labels }: Metric, { labels: values, values: [value = 0] }: Series): string {
  return `${name}${braces(pairs(labels, values))} ${number(value)}`
}

function buckets({ name, labels, buckets: bounds = [] }: Metric, series: Series): string[] {
  const own = pairs(labels, series.labels)
  let count = 0
  const lines = [...bounds, Infinity].map((bound, index) => {
    count += series.values[index + 1] ?? 0
    return `${name}_bucket${braces([...own, `le="${number(bound)}"`])} ${count}`
  })
  return [
    ...lines,
    `${name}_sum${braces(own)} ${number(series.values[0] ?? 0)}`,
    `${name}_count${braces(own)} ${count}`,
  ]
}

function pairs(names: readonly string[], values: readonly string[]): string[] {
  return names.map((name, index) => `${name}="${escapeLabel(values[index] ?? '')}"`)
}

function braces(inside: readonly string[]): string {
  return inside.length > 0 ? `{${inside.join(',')}}` : ''
}

function escapeLabel(value: string): string {
  return escapeHelp(value).replaceAll('"', String.raw`\"`)
}

function escapeHelp(text: string): string {
  return text.replaceAll('\\', String.raw`\\`).replaceAll('\n', String.raw`\n`)
}

function number(value: number): string {
  if (value === Infinity) return '+Inf'
  return value === -Infinity ? '-Inf' : String(value)
}
