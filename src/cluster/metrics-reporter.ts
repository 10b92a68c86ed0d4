import { add, type Delta } from '../telemetry/metric.ts'
import type { MetricStore } from '../telemetry/metric-store.ts'
import { METRICS } from '../telemetry/metrics.ts'
import { ProcessGauges } from '../telemetry/process-gauges.ts'

/** What a worker has counted since it last told, and how it is now. */
export interface MetricsReport {
  type: 'metrics'
  /** Of the question; 0 when nobody asked. */
  id: number
  counted: Delta[]
  gauges: Delta[]
}

interface ReporterSetup {
  readonly store: MetricStore
  /** Of the worker. */
  readonly name: string
  readonly send: (report: MetricsReport) => void
  /** Requests under way. */
  readonly inFlight: () => number
  /** Requests that wait, by route. */
  readonly queued: () => Iterable<readonly [string, number]>
  /** Log lines and usage records that were given up since the start. */
  readonly dropped: () => { lines: number; records: number }
}

const EVERY_MS = 1_000

/** A worker's way to tell the primary what it counts: each second, and when it is asked. */
export class MetricsReporter {
  readonly #setup: ReporterSetup
  readonly #process: ProcessGauges
  #told = { lines: 0, records: 0 }

  constructor(setup: ReporterSetup) {
    this.#setup = setup
    this.#process = new ProcessGauges(setup.store, 'worker')
  }

  start(): void {
    setInterval(() => {
      this.#process.look()
      this.report(0)
    }, EVERY_MS).unref()
  }

  report(id: number): void {
    const { store, name, send, inFlight, queued } = this.#setup
    const gauges: Delta[] = this.#process.read(name)
    gauges.push([METRICS.inFlight.name, [], [inFlight()]])
    for (const [route, waiting] of queued()) gauges.push([METRICS.queued.name, [route], [waiting]])
    this.#countDropped()
    send({ type: 'metrics', id, counted: store.take(), gauges })
  }

  #countDropped(): void {
    const { store, dropped } = this.#setup
    const { lines, records } = dropped()
    add(store.series(METRICS.logDropped, []), lines - this.#told.lines)
    add(store.series(METRICS.usageDropped, []), records - this.#told.records)
    this.#told = { lines, records }
  }
}
