import { add, type Delta, type Metric, type Series, widthOf } from './metric.ts'
import { METRIC_BY_NAME, METRICS } from './metrics.ts'

/** Beyond so many sets of labels a metric counts under `other`: names come and go with configurations. */
const MOST_SERIES = 2_000
const OTHER = 'other'

/** The counters and histograms of one process: plain numbers, found once and then raised. */
export class MetricStore {
  readonly #mostSeries: number
  readonly #families = new Map<Metric, Map<string, Series>>()

  constructor(mostSeries: number = MOST_SERIES) {
    this.#mostSeries = mostSeries
  }

  /** The series of these labels, in the metric's order. What is raised counts once for all who ask for the same. */
  series(metric: Metric, labels: readonly string[]): Series {
    let family = this.#families.get(metric)
    if (!family) this.#families.set(metric, (family = new Map()))
    const key = labels.join('\n')
    const known = family.get(key)
    if (known) return known
    const isFull = family.size >= this.#mostSeries && metric.labels.length > 0
    if (isFull) add(this.series(METRICS.folded, [metric.name]), 1)
    const told = isFull ? labels.map(() => OTHER) : labels
    const toldKey = isFull ? told.join('\n') : key
    const series = family.get(toldKey) ?? { labels: told, values: zeros(metric) }
    family.set(toldKey, series)
    return series
  }

  /** Everything since the last time; from now on it counts from zero again. */
  take(): Delta[] {
    const deltas: Delta[] = []
    for (const [{ name }, family] of this.#families) {
      for (const { labels, values } of family.values()) {
        if (values.every((value) => value === 0)) continue
        deltas.push([name, labels, [...values]])
        values.fill(0)
      }
    }
    return deltas
  }

  /** What another process has counted. */
  raise(deltas: readonly Delta[]): void {
    for (const [name, labels, amounts] of deltas) {
      const metric = METRIC_BY_NAME.get(name)
      if (!metric) continue
      const { values } = this.series(metric, labels)
      for (const [index, amount] of amounts.entries()) values[index] = (values[index] ?? 0) + amount
    }
  }

  /** Of a metric, in the order in which they came. */
  of(metric: Metric): Series[] {
    return [...(this.#families.get(metric)?.values() ?? [])]
  }
}

function zeros(metric: Metric): number[] {
  return Array.from({ length: widthOf(metric) }, () => 0)
}
