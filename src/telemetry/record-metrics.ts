import { answering, type AttemptRecord, type Trail } from '../core/trail.ts'
import { classifyUsage, type UsageClasses } from '../core/usage.ts'
import type { CallRecord, Recorder } from '../gateway/record.ts'
import { costOf } from '../gateway/usage-record.ts'
import { add, observe, type Series } from './metric.ts'
import type { MetricStore } from './metric-store.ts'
import { METRICS } from './metrics.ts'

/** Counts each request. */
export function recordMetrics(store: MetricStore): Recorder {
  const overhead = store.series(METRICS.overhead, [])
  const routes = new Remembered<RouteSeries>()
  const targets = new Remembered<TargetSeries>()
  const nowhere = {}
  return (record) => {
    const { route, trail, error } = record
    observe(METRICS.overhead, overhead, trail.overheadMs(trail.startedAt + record.firstByteMs) / 1000)
    const series = routes.get(route ?? nowhere, '', () => new RouteSeries(store, route?.name ?? ''))
    series.count(record)
    const answered = answering(trail)
    for (const attempt of trail.attempts) {
      const { model, target } = attempt
      const own = targets.get(model, `${attempt.route} ${target}`, () => new TargetSeries(store, attempt))
      own.count(attempt)
    }
    if (answered && trail.cache !== 'hit') series.countUse(record, answered)
    if (error?.kind === 'busy' || error?.code === 'price_unknown') series.refuse(reasonOf(trail, error.code))
  }
}

/** What is counted of the requests to one route: found by names once, and then only raised. */
class RouteSeries {
  readonly #store: MetricStore
  readonly #route: string
  readonly #requests = new Map<string, Series>()
  readonly #whole: Series
  readonly #streamed: Series
  readonly #firstToken: Series
  readonly #models = new Remembered<ModelSeries>()

  constructor(store: MetricStore, route: string) {
    this.#store = store
    this.#route = route
    this.#whole = store.series(METRICS.duration, [route, 'false'])
    this.#streamed = store.series(METRICS.duration, [route, 'true'])
    this.#firstToken = store.series(METRICS.firstToken, [route])
  }

  count({ dialect, status, error, stream, trail, durationMs, firstByteMs }: CallRecord): void {
    const kind = error?.kind ?? ''
    const key = `${dialect} ${status} ${kind}`
    let requests = this.#requests.get(key)
    if (!requests) {
      requests = this.#store.series(METRICS.requests, [this.#route, dialect, statusClass(status), kind])
      if (this.#requests.size < MOST_REMEMBERED) this.#requests.set(key, requests)
    }
    add(requests, 1)
    observe(METRICS.duration, stream ? this.#streamed : this.#whole, durationMs / 1000)
    if (stream && status < 400) observe(METRICS.firstToken, this.#firstToken, firstByteMs / 1000)
    const { cache, fallbacks } = trail
    if (cache) add(this.#store.series(METRICS.cache, [this.#route, cache]), 1)
    if (fallbacks > 0) add(this.#store.series(METRICS.fallbacks, [this.#route]), fallbacks)
  }

  countUse(record: CallRecord, answered: AttemptRecord): void {
    const { model } = answered
    this.#models
      .get(model, '', () => new ModelSeries(this.#store, this.#route, model))
      .count(record, answered)
  }

  refuse(reason: string): void {
    add(this.#store.series(METRICS.refused, [this.#route, reason]), 1)
  }
}

/** What answers of one model used and cost. */
class ModelSeries {
  readonly #store: MetricStore
  readonly #labels: readonly string[]
  readonly #tokens: readonly (readonly [keyof UsageClasses, Series])[]
  readonly #cost: Series

  constructor(store: MetricStore, route: string, { provider, name }: AttemptRecord['model']) {
    this.#store = store
    this.#labels = [route, provider, name ?? '']
    this.#tokens = CLASSES.map(([key, word]) => [key, store.series(METRICS.tokens, [...this.#labels, word])])
    this.#cost = store.series(METRICS.cost, this.#labels)
  }

  count(record: CallRecord, answered: AttemptRecord): void {
    const { usage, error, isEstimated } = record
    if (usage) {
      const classes = classifyUsage(usage)
      for (const [key, series] of this.#tokens) add(series, classes[key])
    }
    const { costUsd } = costOf(record, answered)
    if (costUsd !== null) add(this.#cost, costUsd)
    else if (!error) add(this.#store.series(METRICS.unpriced, this.#labels), 1)
    if (isEstimated) add(this.#store.series(METRICS.estimated, this.#labels), 1)
  }
}

/** What is counted of the attempts at one target. */
class TargetSeries {
  readonly #store: MetricStore
  readonly #labels: readonly string[]
  readonly #attempts = new Map<string, Series>()
  readonly #duration: Series

  constructor(store: MetricStore, { route, target, model }: AttemptRecord) {
    this.#store = store
    this.#labels = [route, target, model.provider, model.name ?? '']
    this.#duration = store.series(METRICS.attemptDuration, this.#labels)
  }

  count({ reason, outcome = 'canceled', tookMs = 0 }: AttemptRecord): void {
    const key = `${reason} ${outcome}`
    let attempts = this.#attempts.get(key)
    if (!attempts) {
      attempts = this.#store.series(METRICS.attempts, [...this.#labels, reason, outcome])
      this.#attempts.set(key, attempts)
    }
    add(attempts, 1)
    observe(METRICS.attemptDuration, this.#duration, tookMs / 1000)
  }
}

/** Values for objects of a configuration, which go with it, and a word. */
class Remembered<Value> {
  readonly #values = new WeakMap<object, Map<string, Value>>()

  get(of: object, word: string, make: () => Value): Value {
    let values = this.#values.get(of)
    if (!values) this.#values.set(of, (values = new Map()))
    let value = values.get(word)
    if (value === undefined) values.set(word, (value = make()))
    return value
  }
}

/** Of the statuses of raw answers there may be many. */
const MOST_REMEMBERED = 100

const CLASSES: readonly (readonly [keyof UsageClasses, string])[] = [
  ['input', 'input'],
  ['cacheRead', 'cache_read'],
  ['cacheWrite5m', 'cache_write_5m'],
  ['cacheWrite1h', 'cache_write_1h'],
  ['inputAudio', 'input_audio'],
  ['inputImage', 'input_image'],
  ['output', 'output'],
  ['reasoning', 'reasoning'],
  ['outputAudio', 'output_audio'],
  ['outputImage', 'output_image'],
]

function statusClass(status: number): string {
  return `${Math.floor(status / 100)}xx`
}

/** Why the gateway had no room for it; never a word of a provider's. */
function reasonOf({ refusedFor, decisions }: Trail, code: string | undefined): string {
  if (refusedFor) return refusedFor
  if (code !== undefined && OWN_CODES.has(code)) return code
  const by = decisions.at(-1)?.by
  return by !== undefined && POLICIES.has(by) ? by : 'busy'
}

const OWN_CODES: ReadonlySet<string> = new Set(['limits_unavailable', 'price_unknown', 'usage_full'])
const POLICIES: ReadonlySet<string> = new Set(['limit', 'concurrency'])
