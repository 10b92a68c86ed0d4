/** One metric: the code that counts, the reference and the checks of dashboards all come from it. */
export interface Metric {
  /** Its family's name, in base units. Counters end in `_total`. */
  readonly name: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  /** A sentence. */
  readonly help: string
  readonly labels: readonly string[]
  /** Upper bounds of a histogram, rising; the last one, infinite, is left out. */
  readonly buckets?: readonly number[]
  /** Of one whose name does not tell. */
  readonly unit?: string
}

/** The values of a metric for one set of labels: a number, or of a histogram its sum and then the count of each bucket. */
export interface Series {
  readonly labels: readonly string[]
  readonly values: number[]
}

/** What a series is to be raised by, as it travels between processes: metric, labels, values. */
export type Delta = readonly [string, readonly string[], readonly number[]]

/** How many numbers a series of it has. */
export function widthOf({ buckets }: Metric): number {
  return buckets ? buckets.length + 2 : 1
}

/** One more value of a histogram. */
export function observe({ buckets = [] }: Metric, { values }: Series, value: number): void {
  let index = 0
  while (index < buckets.length && value > (buckets[index] ?? Infinity)) index++
  values[0] = (values[0] ?? 0) + value
  values[index + 1] = (values[index + 1] ?? 0) + 1
}

export function add({ values }: Series, amount: number): void {
  values[0] = (values[0] ?? 0) + amount
}
