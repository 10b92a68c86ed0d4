import { expect, test } from 'vitest'
import { readExposition } from '../../test/support/read-exposition.ts'
import { expose, type Family } from './exposition.ts'
import { METRICS } from './metrics.ts'
import type { Metric } from './metric.ts'

const HOSTILE = 'a "quoted" \\ back\nline } é 🎈 {le="1"}'

const FAMILIES: readonly Family[] = [
  { metric: METRICS.fallbacks, series: [{ labels: [HOSTILE], values: [3] }] },
  {
    metric: METRICS.cost,
    series: [
      { labels: ['r', 'p', 'm'], values: [1e-9] },
      { labels: ['r', 'p', ''], values: [1e21] },
    ],
  },
  { metric: METRICS.overhead, series: [{ labels: [], values: [7.5, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2] }] },
  { metric: METRICS.breaker, series: [] },
  { metric: METRICS.workerDeaths, series: [] },
]

test('a strict reader gets back what was told, whatever a name holds', () => {
  const { text } = expose(FAMILIES)
  const families = readExposition(text)
  expect(families.get(METRICS.fallbacks.name)?.samples).toEqual([
    { name: METRICS.fallbacks.name, labels: { route: HOSTILE }, value: 3 },
  ])
  expect(families.get(METRICS.cost.name)?.samples.map(({ value }) => value)).toEqual([1e-9, 1e21])
  expect(families.get(METRICS.overhead.name)?.samples.slice(-3)).toEqual([
    { name: `${METRICS.overhead.name}_bucket`, labels: { le: '+Inf' }, value: 3 },
    { name: `${METRICS.overhead.name}_sum`, labels: {}, value: 7.5 },
    { name: `${METRICS.overhead.name}_count`, labels: {}, value: 3 },
  ])
})

test('what has no labels is there from the start, what has some when it is known', () => {
  const families = readExposition(expose(FAMILIES).text)
  expect(families.get(METRICS.workerDeaths.name)?.samples).toMatchObject([{ value: 0 }])
  expect(families.has(METRICS.breaker.name)).toBe(false)
})

test('OpenMetrics names the family of a counter without its ending, and ends', () => {
  const { text, contentType } = expose(FAMILIES, 'application/openmetrics-text;version=1.0.0')
  expect(contentType).toContain('application/openmetrics-text')
  expect(text).toContain('# TYPE mlflow_gateway_fallbacks counter\n')
  expect(text).toContain('\nmlflow_gateway_fallbacks_total{')
  expect(text.endsWith('\n# EOF\n')).toBe(true)
})

test.each(Object.values<Metric>(METRICS))('$name is named as metrics are', (metric) => {
  const { name, type, help, labels, buckets = [] } = metric
  expect(name).toMatch(/^mlflow_gateway_[a-z]+(_[a-z]+)*$/)
  expect(name.endsWith('_total')).toBe(type === 'counter')
  expect(help).toMatch(/^[A-Z0-9][^\n]*\.$/)
  for (const label of labels) expect(label).toMatch(/^[a-z]+$/)
  expect(buckets).toEqual(buckets.toSorted((a, b) => a - b))
  expect(buckets.length > 0).toBe(type === 'histogram')
})
