import { monitorEventLoopDelay, performance, type EventLoopUtilization } from 'node:perf_hooks'
import type { Delta } from './metric.ts'
import { add } from './metric.ts'
import type { MetricStore } from './metric-store.ts'
import { METRICS } from './metrics.ts'

/** How often the event loop is looked at. */
const RESOLUTION_MS = 20
/** For how many readings a lag is remembered; one is taken each second. */
const REMEMBERED = 15

/** What a process knows of itself. */
export class ProcessGauges {
  readonly #store: MetricStore
  readonly #kind: 'primary' | 'worker'
  readonly #delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  readonly #lags: number[] = []
  #use: EventLoopUtilization = performance.eventLoopUtilization()
  #cpu = 0

  constructor(store: MetricStore, kind: 'primary' | 'worker') {
    this.#store = store
    this.#kind = kind
    this.#delay.enable()
  }

  /** Once a second: how late the event loop was. */
  look(): void {
    this.#lags.push(Math.max(this.#delay.max / 1e6 - RESOLUTION_MS, 0))
    if (this.#lags.length > REMEMBERED) this.#lags.shift()
    this.#delay.reset()
  }

  /** Of the process with this name; its CPU time goes to the counters. */
  read(name: string): Delta[] {
    const { user, system } = process.cpuUsage()
    const cpu = (user + system) / 1e6
    add(this.#store.series(METRICS.cpu, [this.#kind]), cpu - this.#cpu)
    this.#cpu = cpu
    const now = performance.eventLoopUtilization()
    const { utilization } = performance.eventLoopUtilization(now, this.#use)
    this.#use = now
    const labels = [name]
    return [
      ...memory(labels),
      [METRICS.loopLag.name, labels, [Math.max(0, ...this.#lags) / 1000]],
      [METRICS.loopUse.name, labels, [utilization]],
    ]
  }
}

/** Nothing while the process may open no more files: the system tells of its memory in one. */
function memory(labels: string[]): Delta[] {
  try {
    const { rss, heapUsed } = process.memoryUsage()
    return [
      [METRICS.memory.name, labels, [rss]],
      [METRICS.heap.name, labels, [heapUsed]],
    ]
  } catch {
    return []
  }
}
