import type { FastifyInstance } from 'fastify'
import cluster from 'node:cluster'
import { Server as NetServer } from 'node:net'
import { Directory } from '../auth/directory.ts'
import { buildRuntime } from '../config/build.ts'
import { type LedgerPlace, newWorkerState } from '../config/build/worker-state.ts'
import { withModules } from '../config/modules.ts'
import { builtIn } from '../config/registry.ts'
import { fromSnapshot } from '../config/snapshot.ts'
import { GatewayError } from '../core/error.ts'
import { dialects } from '../dialects/index.ts'
import { targetsOf } from '../gateway/plan/plan.ts'
import { reportTargets, type TargetReport } from '../gateway/plan/report.ts'
import { logRecords, recordInTurn } from '../gateway/record.ts'
import { CurrentRuntime, type Runtime } from '../gateway/runtime.ts'
import type { ConfigStatus, HealthStatus } from '../http/health.ts'
import { UnderWay } from '../http/under-way.ts'
import { MemoryLedger, Stores } from '../stores/index.ts'
import { queuedRequests } from '../policies/index.ts'
import { createServer } from '../http/server.ts'
import { MetricStore } from '../telemetry/metric-store.ts'
import { recordMetrics } from '../telemetry/record-metrics.ts'
import { PrimaryCounters } from './counters.ts'
import { Ledgers } from './ledgers.ts'
import { PrimaryLedger } from './primary-ledger.ts'
import { createLog } from './log.ts'
import { MetricsReporter } from './metrics-reporter.ts'
import { UsageWriter } from './usage-writer.ts'
import { startTelemetry } from './worker-telemetry.ts'
import type { ToPrimary, ToWorker } from './messages.ts'

/** Connections that may wait to be accepted; what a burst has beyond Node's 511 would come back a second later. */
const BACKLOG = 4096
/** How often idle connections are closed while draining: a keep-alive client would hold the server open. */
const CLOSE_IDLE_MS = 100
/** A connection that is open when the port closes has so long to send another request. */
const LAST_REQUEST_MS = 100
/** How long a receiver of spans is waited for at the end. */
const LAST_SPANS_MS = 2_000
/** How often requests that take long are noted. */
const NOTE_MS = 500

/** One process of the data plane: answers clients with the runtime that the primary hands it. */
class Worker {
  readonly #underWay = new UnderWay()
  readonly #metrics = new MetricsReporter({
    store: metrics,
    name: String(cluster.worker?.id ?? 0),
    send: tell,
    inFlight: () => this.#underWay.size,
    queued: queuedRequests,
    dropped: () => ({ lines: log.droppedLines(), records: records.dropped }),
  })
  readonly #prepared = new Map<number, Runtime>()
  #runtime: CurrentRuntime | undefined
  #server: FastifyInstance | undefined
  #config: ConfigStatus | undefined
  #draining = false
  #reloads: Promise<void> = Promise.resolve()

  receive(message: ToWorker): void {
    switch (message.type) {
      case 'start':
        this.#inTurn(() => this.#start(message))
        return
      case 'prepare':
        this.#inTurn(() => this.#prepare(message.generation, message.snapshot))
        return
      case 'commit':
        this.#inTurn(() => this.#commit(message.generation))
        return
      case 'discard':
        this.#inTurn(() => this.#discard(message.generation))
        return
      case 'config':
        this.#config = message.config
        return
      case 'breaker':
        state.states.apply(message)
        return
      case 'counted':
        counters.receive(message)
        return
      case 'ledger-answers':
        ledger.receive(message)
        return
      case 'keys':
        keys.receive(message.news)
        return
      case 'spool-room':
        records.receive(message)
        return
      case 'ask-targets':
        tell({ type: 'targets', id: message.id, targets: this.#targets() })
        return
      case 'ask-metrics':
        this.#metrics.report(message.id)
        return
      case 'drain':
        void this.#drain(message.timeoutMs)
    }
  }

  async #start({
    host,
    port,
    generation,
    snapshot,
    config,
    keys: known,
    usage,
    gateway,
  }: Extract<ToWorker, { type: 'start' }>): Promise<void> {
    try {
      keys.receive(known)
      ledgers.begin({ gateway, process: String(state.index + 1) })
      records.start(usage)
      this.#config = config
      this.#runtime = new CurrentRuntime(await build(snapshot, generation))
      this.#server = createServer({
        dialects,
        runtime: this.#runtime,
        record: state.record,
        ...(telemetry.trace && { trace: telemetry.trace }),
        refusal: () => records.refusal(),
        health: () => this.#health(config),
        underWay: this.#underWay,
      })
      this.#metrics.start()
      setInterval(() => records.noteLong(this.#underWay.inProgress()), NOTE_MS).unref()
      await this.#server.listen({ host, port, backlog: BACKLOG })
      tell({ type: 'listening', generation: this.#runtime.get().generation })
    } catch (error) {
      // Without an end of its own it would stand there for ever; whether there is another try is the primary's choice.
      tell({ type: 'failed', code: codeOf(error), message: messageOf(error) }, () => process.exit(1))
    }
  }

  /** The generation is the one that this worker really runs, whatever the primary believes. */
  #health(first: ConfigStatus): HealthStatus {
    const config = this.#config ?? first
    const generation = this.#runtime?.get().generation ?? config.generation
    return { ready: !this.#draining, config: { ...config, generation } }
  }

  #targets(): TargetReport[] {
    const runtime = this.#runtime?.get()
    return runtime ? reportTargets(runtime.routes(), performance.now()) : []
  }

  /** A commit may follow its prepare at once, while that is still loading a module. */
  #inTurn(step: () => void | Promise<void>): void {
    this.#reloads = this.#reloads.then(step)
  }

  async #prepare(generation: number, snapshot: string): Promise<void> {
    try {
      this.#prepared.set(generation, await build(snapshot, generation))
      tell({ type: 'prepared', generation })
    } catch (error) {
      tell({ type: 'refused', generation, message: messageOf(error) })
    }
  }

  #commit(generation: number): void {
    const next = this.#prepared.get(generation)
    this.#prepared.delete(generation)
    if (next) this.#use(next)
    else tell({ type: 'behind', generation: this.#runtime?.get().generation ?? 0 })
  }

  #use(next: Runtime): void {
    void this.#runtime?.switchTo(next)
    const place = places.get(next)
    if (place) ledgers.retain(place)
    records.rotate()
    const targets = next.routes().flatMap(({ plan }) => targetsOf(plan.group))
    state.states.keepOnly(new Set(targets.map((target) => target.state.key)))
  }

  #discard(generation: number): void {
    void this.#prepared.get(generation)?.retire()
    this.#prepared.delete(generation)
  }

  /** Stop accepting, let requests finish, end those that do not, and go. */
  async #drain(timeoutMs: number): Promise<void> {
    if (this.#draining) return
    this.#draining = true
    const server = this.#server?.server
    if (!server) process.exit(0)
    // Each connection ends with its next answer: a client that keeps one busy would be served until it is cut off.
    server.prependListener('request', (_request, response) => {
      response.shouldKeepAlive = false
    })
    for (const { response } of this.#underWay.list()) response.shouldKeepAlive = false
    // Only the port: HTTP's own would break off connections whose next request is on its way.
    NetServer.prototype.close.call(server)
    await tick(LAST_REQUEST_MS)
    const closeIdle = setInterval(() => server.closeIdleConnections(), CLOSE_IDLE_MS)
    server.closeIdleConnections()
    await this.#requestsDone(timeoutMs)
    clearInterval(closeIdle)
    server.closeAllConnections()
    ledger.close()
    await telemetry.close(LAST_SPANS_MS)
    this.#metrics.report(0)
    log.flush(() => process.exit(0))
  }

  async #requestsDone(timeoutMs: number): Promise<void> {
    const deadline = performance.now() + timeoutMs
    while (this.#underWay.size > 0 && performance.now() < deadline) await tick(50)
    for (const connection of this.#underWay.list()) connection.signal.abort(shuttingDown())
    const lastCall = performance.now() + 1000
    while (this.#underWay.size > 0 && performance.now() < lastCall) await tick(20)
  }
}

async function build(snapshot: string, generation: number): Promise<Runtime> {
  const config = fromSnapshot(snapshot)
  const runtime = buildRuntime(config, generation, {
    registry: await withModules(builtIn, config),
    worker: state,
    leftOut: (route, reason) => log.error({ route, reason }, 'a route of the store cannot be used'),
  })
  places.set(runtime, config.server)
  return runtime
}

/** Where the sums of its limits are. */
const places = new WeakMap<Runtime, LedgerPlace>()

/** What stays when a configuration is replaced. */
const counters = new PrimaryCounters((question) => process.send?.(question) ?? false)
const ledger = new PrimaryLedger({
  send: (batch) => process.send?.(batch) ?? false,
  fallback: new MemoryLedger(),
})
const keys = new Directory()
const log = createLog()
const ledgers = new Ledgers({
  local: ledger,
  report: (message) => log.warn(message),
  tell: (alert) => tell({ type: 'limit-alert', alert }),
})
const metrics = new MetricStore()
const telemetry = startTelemetry(metrics, (message) => log.warn(message))
const records = new UsageWriter({ send: tell, warn: (message) => log.warn(message) })
const state = newWorkerState({
  stores: new Stores((message) => log.warn(message)),
  counters,
  keys,
  record: recordInTurn([
    (record) => records.record(record),
    recordMetrics(metrics),
    ...telemetry.recorders,
    logRecords((members) => log.request(members)),
  ]),
  ledgerOf: (server) => ledgers.of(server),
  index: cluster.worker ? cluster.worker.id - 1 : 0,
})
state.states.listener = (key, change, untilMs): void => tell({ type: 'breaker', key, state: change, untilMs })

function tick(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms)
  })
}

function shuttingDown(): GatewayError {
  return new GatewayError(
    'The gateway is shutting down and could wait no longer for this answer. Try again.',
    {
      kind: 'draining',
      status: 503,
    },
  )
}

function tell(message: ToPrimary, then?: () => void): void {
  process.send?.(message, undefined, undefined, then)
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

const worker = new Worker()
process.on('message', (message: ToWorker) => worker.receive(message))
// A worker follows its primary alone: Ctrl-C, a terminal's hang-up and a service manager reach the whole group.
for (const signal of ['SIGINT', 'SIGHUP', 'SIGTERM']) process.on(signal, () => undefined)
// Without a listener this signal opens Node's inspector, and with it the process's memory.
process.on('SIGUSR1', () => undefined)
// And this one would end it.
process.on('SIGUSR2', () => undefined)
// The primary is gone, however it went: nobody would ever stop this process.
process.on('disconnect', () => process.exit(0))
tell({ type: 'hello' })
