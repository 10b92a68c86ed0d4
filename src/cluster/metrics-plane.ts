import type { Worker } from 'node:cluster'
import type { AlertOutcome } from '../alerts/alerts.ts'
import type { TargetReport } from '../gateway/plan/report.ts'
import { packageVersion } from '../http/package-file.ts'
import { expose, type Exposition, type Family } from '../telemetry/exposition.ts'
import { add, type Delta, type Metric } from '../telemetry/metric.ts'
import { MetricStore } from '../telemetry/metric-store.ts'
import { METRICS } from '../telemetry/metrics.ts'
import { ProcessGauges } from '../telemetry/process-gauges.ts'
import type { MetricsReport } from './metrics-reporter.ts'
import type { ToWorker } from './messages.ts'

export interface MetricsPlaneSetup {
  readonly workers: () => Worker[]
  readonly send: (worker: Worker, message: ToWorker) => void
  /** What all workers that answer in time know of their targets. */
  targets(withinMs: number): Promise<readonly TargetReport[]>
  /** What else the primary knows. */
  state(): PrimaryState
}

export interface PrimaryState {
  readonly config: { readonly loadedAt: string; readonly error: string | null }
  readonly spoolBytes: number
  readonly isDatabaseUp: boolean
  /** Of the primary's own log, since the start. */
  readonly linesDropped: number
}

/** A worker that is too busy to answer by then is shown as it was a second ago. */
const ANSWER_MS = 200
const LOOK_MS = 1_000

/** The metrics of the whole gateway: what workers count, also those that are gone, and what the primary knows. */
export class MetricsPlane {
  readonly #setup: MetricsPlaneSetup
  readonly #store = new MetricStore()
  readonly #process = new ProcessGauges(this.#store, 'primary')
  readonly #gauges = new Map<Worker, readonly Delta[]>()
  readonly #startedAt = Date.now() / 1000 - process.uptime()
  #asked = 0
  #answered: (worker: Worker, id: number) => void = () => undefined
  #gathering: Promise<number> | undefined
  #linesTold = 0

  constructor(setup: MetricsPlaneSetup) {
    this.#setup = setup
    setInterval(() => this.#process.look(), LOOK_MS).unref()
  }

  receive(worker: Worker, { id, counted, gauges }: MetricsReport): void {
    this.#store.raise(counted)
    this.#gauges.set(worker, gauges)
    this.#answered(worker, id)
  }

  /** Its counts stay. */
  gone(worker: Worker): void {
    this.#gauges.delete(worker)
  }

  workerDied(): void {
    add(this.#store.series(METRICS.workerDeaths, []), 1)
  }

  reloaded(result: 'success' | 'failure'): void {
    add(this.#store.series(METRICS.reloads, [result]), 1)
  }

  alertEnded(outcome: AlertOutcome): void {
    add(this.#store.series(METRICS.alerts, [outcome]), 1)
  }

  /** Counts what the primary sends, or fails to send. */
  get store(): MetricStore {
    return this.#store
  }

  /** Since when everything is counted, in milliseconds since 1970. */
  get startedAt(): number {
    return this.#startedAt * 1000
  }

  /** As text, in the format that the reader takes. */
  async expose(accept?: string): Promise<Exposition> {
    return expose(await this.families(), accept)
  }

  /** Every metric with what it has now; `more` of them are not for Prometheus. */
  async families(more: readonly Metric[] = []): Promise<Family[]> {
    this.#gathering ??= this.#gather().finally(() => (this.#gathering = undefined))
    const [silent, targets] = await Promise.all([this.#gathering, this.#setup.targets(ANSWER_MS)])
    // Those of several workers with the same labels add up.
    const gauges = new MetricStore()
    for (const readings of this.#gauges.values()) gauges.raise(readings)
    gauges.raise([...this.#process.read('primary'), ...targets.flatMap(ofTarget), ...this.#own(silent)])
    return [...Object.values(METRICS), ...more].map((metric) => ({
      metric,
      series: metric.type === 'gauge' ? gauges.of(metric) : this.#store.of(metric),
    }))
  }

  /** Asks every worker. Gives how many have not answered in time. */
  #gather(): Promise<number> {
    const { workers, send } = this.#setup
    const id = ++this.#asked
    const awaited = new Set(workers())
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer)
        this.#answered = (): void => undefined
        resolve(awaited.size)
      }
      const timer = setTimeout(end, ANSWER_MS)
      this.#answered = (worker, answer): void => {
        if (answer === id && awaited.delete(worker) && awaited.size === 0) end()
      }
      for (const worker of awaited) send(worker, { type: 'ask-metrics', id })
      if (awaited.size === 0) end()
    })
  }

  #own(silent: number): Delta[] {
    const { config, spoolBytes, isDatabaseUp, linesDropped } = this.#setup.state()
    add(this.#store.series(METRICS.logDropped, []), linesDropped - this.#linesTold)
    this.#linesTold = linesDropped
    return [
      gauge(METRICS.workers, this.#setup.workers().length),
      gauge(METRICS.silentWorkers, silent),
      gauge(METRICS.spool, spoolBytes),
      gauge(METRICS.database, isDatabaseUp ? 1 : 0),
      gauge(METRICS.lastReload, Date.parse(config.loadedAt) / 1000),
      gauge(METRICS.configStale, config.error === null ? 0 : 1),
      gauge(METRICS.started, this.#startedAt),
      [METRICS.build.name, [packageVersion(), process.version], [1]],
    ]
  }
}

const BREAKER = { closed: 0, 'half-open': 1, open: 2 } as const

function ofTarget({ route, target, breaker, inFlight, coolsForMs }: TargetReport): Delta[] {
  const labels = [route, target]
  return [
    [METRICS.breaker.name, labels, [BREAKER[breaker]]],
    [METRICS.targetInFlight.name, labels, [inFlight]],
    [METRICS.targetCooling.name, labels, [coolsForMs / 1000]],
  ]
}

function gauge({ name }: Metric, value: number): Delta {
  return [name, [], [value]]
}
