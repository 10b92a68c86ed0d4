import { answering } from '../core/trail.ts'
import type { CallRecord, Recorder } from '../gateway/record.ts'
import { genAiOperation, genAiProvider } from './gen-ai.ts'
import { observe, type Metric } from './metric.ts'
import type { MetricStore } from './metric-store.ts'

const MODEL = ['gen_ai.operation.name', 'gen_ai.provider.name', 'gen_ai.request.model'] as const

/** What the conventions for generative AI want to be measured; only sent by OTLP, under their own names. */
export const GEN_AI_METRICS: readonly [duration: Metric, tokens: Metric, firstChunk: Metric] = [
  {
    name: 'gen_ai.client.operation.duration',
    type: 'histogram',
    help: 'From a request to a provider to the end of its answer.',
    unit: 's',
    labels: [...MODEL, 'error.type'],
    buckets: [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92],
  },
  {
    name: 'gen_ai.client.token.usage',
    type: 'histogram',
    help: 'Tokens of a request, and of its answer.',
    unit: '{token}',
    labels: [...MODEL, 'gen_ai.token.type'],
    buckets: [
      1, 4, 16, 64, 256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216, 67_108_864,
    ],
  },
  {
    name: 'gen_ai.client.operation.time_to_first_chunk',
    type: 'histogram',
    help: 'From a request to a provider to the first content of its stream.',
    unit: 's',
    labels: MODEL,
    buckets: [0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10],
  },
]

const [DURATION, TOKENS, FIRST_CHUNK] = GEN_AI_METRICS

/** Counts what the conventions want, for each request to a provider. */
export function recordGenAi(store: MetricStore): Recorder {
  const measure = (metric: Metric, labels: readonly string[], value: number): void =>
    observe(metric, store.series(metric, labels), value)
  return (record) => {
    const { trail, usage } = record
    const operation = genAiOperation(record)
    const answered = answering(trail)
    for (const attempt of trail.attempts) {
      const { outcome = 'canceled', tookMs, startedMs, model } = attempt
      const labels = [operation, genAiProvider(model.provider), model.name ?? '']
      const isLast = attempt === answered
      const ms = (isLast && isStream(record)) || tookMs === undefined ? record.durationMs - startedMs : tookMs
      measure(DURATION, [...labels, outcome === 'ok' ? '' : outcome], ms / 1000)
      if (!isLast || trail.cache === 'hit') continue
      if (isStream(record) && tookMs !== undefined) measure(FIRST_CHUNK, labels, tookMs / 1000)
      if (usage?.inputTokens !== undefined) measure(TOKENS, [...labels, 'input'], usage.inputTokens)
      if (usage?.outputTokens !== undefined) measure(TOKENS, [...labels, 'output'], usage.outputTokens)
    }
  }
}

function isStream({ stream, status }: CallRecord): boolean {
  return stream && status < 400
}
