import type { Recorder } from '../gateway/record.ts'
import { add } from './metric.ts'
import type { MetricStore } from './metric-store.ts'
import { METRICS } from './metrics.ts'
import type { OtelSettings, OtlpTarget } from './otel-settings.ts'
import { attributes, SCOPE } from './otlp.ts'
import { OtlpSender } from './otlp-sender.ts'
import { type Span, toSpans } from './spans.ts'

export interface SpanExporterSetup {
  readonly target: OtlpTarget
  readonly settings: Pick<OtelSettings, 'resource' | 'maxQueue' | 'maxBatch' | 'scheduleMs'>
  /** Which process it is. */
  readonly instance: string
  readonly store: MetricStore
  readonly warn: (message: string) => void
}

/**
 * Sends the spans of this process, in batches, one at a time. What a receiver does not take in time waits up to a
 * number; beyond it spans are dropped and counted.
 */
export class SpanExporter {
  readonly #setup: SpanExporterSetup
  readonly #sender: OtlpSender
  #queue: Span[] = []
  #timer: NodeJS.Timeout | undefined
  #sending: Promise<void> | undefined
  #hasFailed = false

  constructor(setup: SpanExporterSetup) {
    this.#setup = setup
    this.#sender = new OtlpSender(setup.target)
  }

  /** Takes the spans of each request whose trace is kept. */
  readonly record: Recorder = (record) => {
    const { trace } = record.trail
    if (!trace?.isSampled) return
    const spans = toSpans(record, trace)
    const { maxQueue, maxBatch, scheduleMs } = this.#setup.settings
    if (this.#queue.length + spans.length > maxQueue) {
      this.#drop(spans.length)
      return
    }
    for (const span of spans) this.#queue.push(span)
    if (this.#queue.length >= maxBatch) this.#send()
    else this.#timer ??= setTimeout(() => this.#send(), scheduleMs).unref()
  }

  /** What waits is sent, if that takes no longer than `withinMs`; then nothing more is. */
  async close(withinMs: number): Promise<void> {
    const timer = setTimeout(() => this.#sender.abort(), withinMs)
    while (this.#sending || this.#queue.length > 0) {
      this.#send()
      await this.#sending
    }
    clearTimeout(timer)
  }

  #send(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#sending || this.#queue.length === 0) return
    const spans = this.#queue.splice(0, this.#setup.settings.maxBatch)
    this.#sending = this.#export(spans).finally(() => {
      this.#sending = undefined
      if (this.#queue.length >= this.#setup.settings.maxBatch) this.#send()
      else if (this.#queue.length > 0) {
        this.#timer ??= setTimeout(() => this.#send(), this.#setup.settings.scheduleMs).unref()
      }
    })
  }

  async #export(spans: Span[]): Promise<void> {
    const { settings, instance, store } = this.#setup
    const resource = attributes({ ...settings.resource, 'service.instance.id': instance })
    const message = {
      resourceSpans: [{ resource: { attributes: resource }, scopeSpans: [{ scope: SCOPE, spans }] }],
    }
    const { ok, rejected, problem } = await this.#sender.send(message)
    add(store.series(METRICS.otlpExports, ['traces', ok ? 'success' : 'failure']), 1)
    this.#drop(ok ? rejected : spans.length)
    if (!ok && !this.#hasFailed) this.#setup.warn(`traces cannot be sent: ${problem}`)
    if (ok && this.#hasFailed) this.#setup.warn('traces can be sent again')
    this.#hasFailed = !ok
  }

  #drop(count: number): void {
    if (count > 0) add(this.#setup.store.series(METRICS.otlpDropped, ['traces']), count)
  }
}
