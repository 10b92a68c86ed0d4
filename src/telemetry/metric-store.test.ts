import { expect, test } from 'vitest'
import { add, observe } from './metric.ts'
import { MetricStore } from './metric-store.ts'
import { METRICS } from './metrics.ts'

test('what is taken is counted once, wherever it is added up', () => {
  const worker = new MetricStore()
  const primary = new MetricStore()
  for (const amount of [1, 2, 3]) {
    add(worker.series(METRICS.fallbacks, ['r']), amount)
    observe(METRICS.firstToken, worker.series(METRICS.firstToken, ['r']), amount)
    primary.raise(worker.take())
  }
  expect(worker.take()).toEqual([])
  expect(primary.of(METRICS.fallbacks)).toEqual([{ labels: ['r'], values: [6] }])
  const [histogram] = primary.of(METRICS.firstToken)
  expect(histogram?.values[0]).toBe(6)
  expect(histogram?.values.slice(1).reduce((sum, count) => sum + count, 0)).toBe(3)
})

test('a value that is a bound belongs to its bucket, one above all bounds to the last', () => {
  const store = new MetricStore()
  const series = store.series(METRICS.overhead, [])
  const { buckets = [] } = METRICS.overhead
  for (const value of [0, buckets[0] ?? 0, buckets.at(-1) ?? 0, 1e9]) {
    observe(METRICS.overhead, series, value)
  }
  const counts = series.values.slice(1)
  expect(counts).toHaveLength(buckets.length + 1)
  expect([counts[0], counts.at(-2), counts.at(-1)]).toEqual([2, 1, 1])
})

test('beyond the cap there is one more series, and it is told how much is in it', () => {
  const store = new MetricStore(3)
  for (let name = 0; name < 10; name++) add(store.series(METRICS.fallbacks, [String(name)]), 1)
  add(store.series(METRICS.fallbacks, ['1']), 1)
  expect(store.of(METRICS.fallbacks)).toEqual([
    { labels: ['0'], values: [1] },
    { labels: ['1'], values: [2] },
    { labels: ['2'], values: [1] },
    { labels: ['other'], values: [7] },
  ])
  expect(store.of(METRICS.folded)).toEqual([{ labels: [METRICS.fallbacks.name], values: [7] }])
})

test('what nobody knows here is left out', () => {
  const store = new MetricStore()
  store.raise([['of_another_version_total', [], [1]]])
  expect(store.take()).toEqual([])
})
