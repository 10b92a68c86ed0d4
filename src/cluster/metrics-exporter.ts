import { randomUUID } from 'node:crypto'
import { packageVersion } from '../http/package-file.ts'
import { GEN_AI_METRICS } from '../telemetry/gen-ai-metrics.ts'
import { add } from '../telemetry/metric.ts'
import { METRICS } from '../telemetry/metrics.ts'
import { metricsMessage } from '../telemetry/otlp-metrics.ts'
import { OtlpSender } from '../telemetry/otlp-sender.ts'
import { type OtelSettings, type OtlpTarget, readOtelSettings } from '../telemetry/otel-settings.ts'
import type { MetricsPlane } from './metrics-plane.ts'

interface ExporterSetup {
  readonly plane: MetricsPlane
  readonly target: OtlpTarget
  readonly settings: OtelSettings
  readonly warn: (message: string) => void
}

/** Sends the metrics of the whole gateway to the receiver that the environment names. */
export class MetricsExporter {
  readonly #setup: ExporterSetup
  readonly #sender: OtlpSender
  readonly #timer: NodeJS.Timeout
  readonly #instance = randomUUID()
  #sending: Promise<void> | undefined
  #hasFailed = false

  private constructor(setup: ExporterSetup) {
    this.#setup = setup
    this.#sender = new OtlpSender(setup.target)
    // What was not sent yet is in the next message too.
    this.#timer = setInterval(() => this.#send(), setup.settings.metricsIntervalMs).unref()
  }

  /** Says what is not understood of the environment. Undefined: nobody wants metrics. */
  static start(plane: MetricsPlane, warn: (message: string) => void): MetricsExporter | undefined {
    const problems: string[] = []
    const settings = readOtelSettings(process.env, { version: packageVersion(), problems })
    for (const problem of problems) warn(`OpenTelemetry: ${problem}`)
    if (!settings?.metrics) return undefined
    return new MetricsExporter({ plane, target: settings.metrics, settings, warn })
  }

  /** Once more, if that takes no longer than `withinMs`. */
  async close(withinMs: number): Promise<void> {
    clearInterval(this.#timer)
    const timer = setTimeout(() => this.#sender.abort(), withinMs)
    await this.#sending
    this.#send()
    await this.#sending
    clearTimeout(timer)
  }

  #send(): void {
    this.#sending ??= this.#export().finally(() => (this.#sending = undefined))
  }

  async #export(): Promise<void> {
    const { plane, settings, warn } = this.#setup
    const families = await plane.families(GEN_AI_METRICS)
    const period = { startedAt: plane.startedAt, now: Date.now() }
    const resource = { ...settings.resource, 'service.instance.id': this.#instance }
    const { ok, rejected, problem } = await this.#sender.send(metricsMessage(families, { resource, period }))
    const { store } = plane
    add(store.series(METRICS.otlpExports, ['metrics', ok ? 'success' : 'failure']), 1)
    if (rejected > 0) add(store.series(METRICS.otlpDropped, ['metrics']), rejected)
    if (!ok && !this.#hasFailed) warn(`metrics cannot be sent: ${problem}`)
    this.#hasFailed = !ok
  }
}
