import type { Trail } from '../core/trail.ts'
import { answering, type AttemptRecord } from '../core/trail.ts'
import { classifyUsage, type UsageClasses } from '../core/usage.ts'
import type { CallRecord, Recorder } from '../gateway/record.ts'
import { costOf } from '../gateway/usage-record.ts'
import { add, observe, type Metric } from './metric.ts'
import type { MetricStore } from './metric-store.ts'
import { METRICS } from './metrics.ts'

/** Counts each request. */
export function recordMetrics(store: MetricStore): Recorder {
  const count = (metric: Metric, labels: readonly string[], amount = 1): void =>
    add(store.series(metric, labels), amount)
  const measure = (metric: Metric, labels: readonly string[], ms: number): void =>
    observe(metric, store.series(metric, labels), ms / 1000)

  const countAttempt = (attempt: AttemptRecord): void => {
    const { route, target, model, reason, outcome = 'canceled', tookMs = 0 } = attempt
    const labels = [route, target, model.provider, model.name ?? '']
    count(METRICS.attempts, [...labels, reason, outcome])
    measure(METRICS.attemptDuration, labels, tookMs)
  }

  const countUse = (record: CallRecord, answered: AttemptRecord): void => {
    const { route, usage, error, isEstimated } = record
    const labels = [route?.name ?? '', answered.model.provider, answered.model.name ?? '']
    if (usage) {
      const classes = classifyUsage(usage)
      for (const [key, name] of CLASSES) {
        if (classes[key] > 0) count(METRICS.tokens, [...labels, name], classes[key])
      }
    }
    const { costUsd } = costOf(record, answered)
    if (costUsd !== null) count(METRICS.cost, labels, costUsd)
    else if (!error) count(METRICS.unpriced, labels)
    if (isEstimated) count(METRICS.estimated, labels)
  }

  return (record) => {
    const { route, dialect, status, stream, trail, error } = record
    const name = route?.name ?? ''
    count(METRICS.requests, [name, dialect, statusClass(status), error?.kind ?? ''])
    measure(METRICS.duration, [name, String(stream)], record.durationMs)
    measure(METRICS.overhead, [], trail.overheadMs(trail.startedAt + record.firstByteMs))
    if (stream && status < 400) measure(METRICS.firstToken, [name], record.firstByteMs)
    if (trail.cache) count(METRICS.cache, [name, trail.cache])
    if (trail.fallbacks > 0) count(METRICS.fallbacks, [name], trail.fallbacks)
    if (error?.kind === 'busy' || error?.code === 'price_unknown') {
      count(METRICS.refused, [name, reasonOf(trail, error.code)])
    }
    for (const attempt of trail.attempts) countAttempt(attempt)
    const answered = answering(trail)
    if (answered && trail.cache !== 'hit') countUse(record, answered)
  }
}

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
