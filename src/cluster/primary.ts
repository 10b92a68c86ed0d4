import type { Worker } from 'node:cluster'
import { basename } from 'node:path'
import { printIssue } from '../config/issue.ts'
import { type Catalogue, routeIssues } from '../config/catalogue.ts'
import type { GatewayConfig } from '../config/schema.ts'
import { toSnapshot } from '../config/snapshot.ts'
import { watchConfig, type ConfigWatch } from '../config/watch.ts'
import { MemoryCounters } from '../core/counters.ts'
import { Alerts } from '../alerts/alerts.ts'
import { AdminPlane, type AdminPlace } from './admin-plane.ts'
import { createLog, type Logger } from './log.ts'
import { BreakerRelay } from './breaker-relay.ts'
import { MetricsExporter } from './metrics-exporter.ts'
import { MetricsPlane } from './metrics-plane.ts'
import type { ToPrimary, ToWorker } from './messages.ts'
import { UsagePlane } from './usage-plane.ts'
import type { ConfigSource } from './config-source.ts'
import type { Data } from './data.ts'
import { logState } from './database-log.ts'
import { TargetSurvey } from './target-survey.ts'
import { answerCount, type CountQuestion } from './counters.ts'
import { exposureWarning, reloadProblem } from './exposure.ts'
import type { KeyDesk } from './key-desk.ts'
import { LedgerDesk } from './ledger-desk.ts'
import { LimitPlane } from './limit-plane.ts'
import { Playground } from './playground.ts'
import { Reloader } from './reloader.ts'
import type { Vault } from '../stores/index.ts'
import { Supervisor } from './supervisor.ts'

export interface PrimarySetup {
  configPath: string
  /** The file's text as `config` was made from it. */
  text: string
  config: GatewayConfig
  host: string
  /** Not 0: see `freePort`. */
  port: number
  allowUnauthenticated: boolean
  workers: number
  data: Data
  /** What configurations are made from. */
  source: ConfigSource
  /** Has read the keys of `data`, if they could be read. */
  keys: KeyDesk
  vault: Vault
  /** Of `config`. */
  catalogue: Catalogue
  /** All workers accept requests, and the admin API has its place, if any. Called once. */
  onListening(admin: AdminPlace | undefined): void
  /** The gateway cannot start. Called instead of `onListening`, once; the process is to end. */
  onFailed(code: string, message: string): void
}

/** Start the control plane: supervises the workers, watches the configuration, and ends in order on a signal. */
export function startPrimary(setup: PrimarySetup): void {
  new Primary(setup).handleSignals()
}

const MAX_DEATHS_AT_START = 6
/** How long a receiver of metrics is waited for at the end. */
const LAST_METRICS_MS = 2_000
/** How long webhooks are. */
const LAST_ALERTS_MS = 3_000

class Primary {
  readonly #setup: PrimarySetup
  readonly #log: Logger = createLog()
  readonly #supervisor: Supervisor
  readonly #reloader: Reloader
  readonly #breakers: BreakerRelay
  readonly #counters = new MemoryCounters()
  readonly #ledger: LedgerDesk
  readonly #limits: LimitPlane
  readonly #alerts: Alerts
  readonly #targets: TargetSurvey
  readonly #usage: UsagePlane
  readonly #metrics: MetricsPlane
  readonly #exporter: MetricsExporter | undefined
  #areMetricsPublic: boolean
  readonly #playground: Playground
  readonly #admin: AdminPlane
  readonly #watcher: ConfigWatch
  #drainTimeoutMs: number
  #auth: GatewayConfig['auth']
  #listening = 0
  /** Where the file wants the admin API, it is there. */
  #adminIsReady = false
  #started = false
  /** Counts only until all workers have listened once; from then on they are replaced for ever. */
  #deathsAtStart = 0
  #stopping = false
  #seen: Promise<void> = Promise.resolve()
  /** The file's last content, and why it is not in use. */
  #text: string
  #problem: string | undefined
  /** Why the file has no content now. */
  #loss: string | undefined
  /** The content that is in use. */
  #textInUse: string
  /** The one that was before it. */
  #textBefore: string | undefined
  #catalogue: Catalogue

  constructor(setup: PrimarySetup) {
    this.#setup = setup
    this.#text = setup.text
    this.#textInUse = setup.text
    this.#catalogue = setup.catalogue
    this.#drainTimeoutMs = setup.config.server.drainTimeoutMs
    this.#auth = setup.config.auth
    this.#playground = new Playground(setup)
    const committed = { generation: 1, snapshot: this.#snapshotOf(setup.config) }
    const config = { generation: 1, loadedAt: new Date().toISOString(), error: null }
    this.#supervisor = new Supervisor({
      startMessage: () => this.#startMessage(),
      listening: (worker, generation) => this.#workerListens(worker, generation),
      failed: (code, message) => this.#workerFailed(code, message),
      silent: (pid, ms) => this.#log.error({ worker: pid, silent_ms: ms }, 'worker is stuck and is replaced'),
      died: (pid, how, delayMs) => this.#workerDied(pid, how, delayMs),
      gone: (worker) => {
        this.#reloader.left(worker)
        this.#ledger.gone(worker)
        this.#limits.gone(worker)
        this.#metrics.gone(worker)
      },
      message: (worker, message) => this.#receive(worker, message),
    })
    logState(this.#log, setup.data.database)
    this.#limits = new LimitPlane({
      log: this.#log,
      database: setup.data.database,
      config: setup.config,
      complete: () => this.#usage.caughtUp(),
      tell: (alert) => this.#alerts.tell(alert),
    })
    this.#alerts = new Alerts({
      warn: (message) => this.#log.warn(message),
      count: (outcome) => this.#metrics.alertEnded(outcome),
    })
    this.#alerts.use(setup.config.alerts ?? [])
    this.#ledger = new LedgerDesk({
      ledger: this.#limits.local,
      isLocal: this.#limits.isLocal,
      send: (worker, answers) => this.#supervisor.send(worker, answers),
    })
    this.#reloader = new Reloader(this.#supervisor, committed, config)
    this.#breakers = new BreakerRelay(this.#supervisor, this.#limits.gateway)
    this.#breakers.use(setup.config.server.redisUrl)
    this.#targets = new TargetSurvey(this.#supervisor)
    this.#areMetricsPublic = isPublic(setup.config)
    this.#metrics = new MetricsPlane({
      workers: () => this.#supervisor.workers(),
      send: (worker, message) => this.#supervisor.send(worker, message),
      targets: (withinMs) => this.#targets.ask(withinMs),
      state: () => ({
        config: this.#reloader.status,
        spoolBytes: this.#usage.spoolDepth,
        isDatabaseUp: setup.data.database.state.isUp,
        linesDropped: this.#log.droppedLines(),
      }),
    })
    this.#exporter = MetricsExporter.start(this.#metrics, (message) => this.#log.warn(message))
    this.#admin = new AdminPlane({
      log: this.#log,
      reloader: this.#reloader,
      breakers: this.#breakers,
      targets: this.#targets,
      about: {
        startedAt: new Date().toISOString(),
        host: setup.host,
        port: setup.port,
        workers: setup.workers,
      },
      data: setup.data,
      keys: setup.keys,
      standings: (claims) => {
        const { ledger, local } = this.#limits
        return (ledger === local ? this.#ledger : ledger).standings(claims)
      },
      testAlerts: () => this.#alerts.test(),
      metrics: this.#metrics,
      areMetricsPublic: () => this.#areMetricsPublic,
      playground: this.#playground,
      file: {
        path: setup.configPath,
        texts: () => ({ now: this.#textInUse, before: this.#textBefore }),
      },
      desks: {
        source: setup.source,
        vault: setup.vault,
        catalogue: () => this.#catalogue,
        text: () => this.#textInUse,
        changed: () => setup.source.hurry(),
      },
    })
    this.#usage = new UsagePlane({
      directory: setup.data.directory,
      usage: setup.data.database.usage,
      bodies: setup.data.database.bodies,
      keys: setup.data.database.keys,
      config: setup.config.usage,
      broadcast: (message) => this.#supervisor.broadcast(message),
      warn: (message) => this.#log.warn(message),
    })
    void this.#startAdmin()
    this.#supervisor.start(setup.workers)
    this.#watcher = watchConfig({
      path: setup.configPath,
      initialText: setup.text,
      onChange: (text) => this.#inTurn(() => this.#takeText(text)),
      onGone: () => this.#inTurn(() => this.#lose(`${setup.configPath} is gone; put it back`)),
      onBack: () => this.#inTurn(() => this.#accept()),
      onUnreadable: (message) => this.#inTurn(() => this.#lose(message)),
    })
    setup.keys.watch((news) => this.#supervisor.broadcast({ type: 'keys', news }))
    setup.source.watch(() => this.#inTurn(() => this.#takeStore()))
  }

  handleSignals(): void {
    process.on('SIGTERM', () => void this.#stop())
    process.on('SIGINT', () => void this.#stop())
    process.on('SIGHUP', () => this.#watcher.reread())
    // Without a listener this signal opens Node's inspector, and with it the process's memory.
    process.on('SIGUSR1', () => undefined)
    // And this one would end it.
    process.on('SIGUSR2', () => undefined)
  }

  #startMessage(): ToWorker {
    const { host, port } = this.#setup
    return {
      type: 'start',
      host,
      port,
      ...this.#reloader.committed,
      config: this.#reloader.status,
      keys: this.#setup.keys.whole(),
      gateway: this.#limits.gateway,
      usage: this.#usage.forWorker(),
    }
  }

  #receive(worker: Worker, message: ToPrimary): void {
    if (message.type === 'breaker') this.#breakers.receive(worker, message)
    else if (message.type === 'count') this.#count(worker, message)
    else if (message.type === 'ledger') this.#ledger.receive(worker, message)
    else if (message.type === 'limit-alert') this.#limits.tell(message.alert)
    else if (message.type === 'usage') this.#usage.receive(message)
    else if (message.type === 'metrics') this.#metrics.receive(worker, message)
    else if (message.type === 'targets') this.#targets.receive(worker, message)
    else this.#reloader.receive(worker, message)
  }

  #count(worker: Worker, question: CountQuestion): void {
    void answerCount(this.#counters, question).then((answer) => this.#supervisor.send(worker, answer))
  }

  #workerListens(worker: Worker, generation: number): void {
    this.#breakers.welcome(worker)
    this.#reloader.welcome(worker, generation)
    this.#listening++
    this.#startWhenReady()
  }

  #startWhenReady(): void {
    if (this.#started || !this.#adminIsReady || this.#listening < this.#setup.workers) return
    this.#started = true
    const warning = exposureWarning(this.#auth, this.#setup)
    if (warning !== undefined) this.#log.warn(warning)
    this.#setup.onListening(this.#admin.place)
  }

  /** An operator who asked for the API is told at the start that it cannot be, and not when it is needed. */
  async #startAdmin(): Promise<void> {
    const problem = await this.#admin.use(this.#setup.config)
    if (problem === undefined) {
      this.#adminIsReady = true
      this.#startWhenReady()
    } else this.#workerFailed('', problem)
  }

  #workerDied(pid: number, how: string, delayMs: number): void {
    this.#log.error({ worker: pid, how, delay_ms: delayMs }, 'worker died')
    this.#metrics.workerDied()
    if (this.#started) return
    this.#deathsAtStart++
    if (this.#deathsAtStart >= MAX_DEATHS_AT_START) this.#workerFailed('', `its workers die at once (${how})`)
  }

  #workerFailed(code: string, message: string): void {
    if (this.#started) {
      this.#log.error({ code, reason: message }, 'a worker could not start')
      return
    }
    this.#started = true
    this.#supervisor.killAll()
    this.#setup.onFailed(code, message)
  }

  /** What is seen of the file is dealt with in its order: loading a content may take time, and the last word counts. */
  #inTurn(step: () => void | Promise<void>): void {
    this.#seen = this.#seen.then(step)
  }

  async #takeText(text: string): Promise<void> {
    this.#text = text
    this.#loss = undefined
    this.#problem = await this.#reload(text)
    if (this.#problem !== undefined) this.#refuse(this.#problem)
  }

  /** What is new in the store counts, also while the file's last content cannot be used. */
  async #takeStore(): Promise<void> {
    const isNew = (snapshot: string): boolean => snapshot !== this.#reloader.committed.snapshot
    this.#problem = await this.#reload(this.#text, isNew)
    const hasOther = this.#problem !== undefined && this.#text !== this.#textInUse
    const problem = hasOther ? await this.#reload(this.#textInUse, isNew) : undefined
    const error = problem ?? this.#problem ?? this.#loss
    if (error !== undefined) this.#refuse(error)
  }

  /** Gives the reason when nothing has changed. What workers have no need to be told is taken over all the same. */
  async #reload(
    text: string,
    isNew: (snapshot: string) => boolean = () => true,
  ): Promise<string | undefined> {
    const loaded = await this.#setup.source.load(text)
    if (!loaded.ok) return loaded.issues.map(printIssue).join('\n')
    const snapshot = this.#snapshotOf(loaded.config)
    const problem =
      reloadProblem(this.#auth, loaded.config, this.#setup) ??
      (isNew(snapshot) ? await this.#reloader.apply(snapshot) : undefined)
    if (problem !== undefined) return problem
    this.#auth = loaded.config.auth
    if (text !== this.#textInUse) this.#textBefore = this.#textInUse
    this.#textInUse = text
    this.#use(loaded.catalogue)
    this.#drainTimeoutMs = loaded.config.server.drainTimeoutMs
    this.#usage.reload(loaded.config.usage)
    this.#limits.reload(loaded.config)
    this.#breakers.use(loaded.config.server.redisUrl)
    this.#alerts.use(loaded.config.alerts ?? [])
    this.#areMetricsPublic = isPublic(loaded.config)
    this.#metrics.reloaded('success')
    const { generation } = this.#reloader.committed
    this.#log.info({ generation, routes: loaded.config.routes.length }, 'configuration reloaded')
    this.#admin.forget()
    const reason = await this.#admin.use(loaded.config)
    if (reason !== undefined) this.#log.error({ reason }, 'the admin API stays where it was')
    return undefined
  }

  /** What workers are told: they have no use for the control plane's own token, database and webhooks. */
  #snapshotOf({
    server: { admin: _admin, databaseUrl: _databaseUrl, ...server },
    alerts: _alerts,
    ...config
  }: GatewayConfig): string {
    return toSnapshot(this.#playground.admitted({ ...config, server }))
  }

  #use(catalogue: Catalogue): void {
    const known = routeIssues(this.#catalogue)
    this.#catalogue = catalogue
    for (const issue of routeIssues(catalogue)) if (!known.includes(issue)) this.#log.warn(issue)
  }

  #lose(message: string): void {
    this.#loss = message
    this.#refuse(message)
  }

  /** The file is back with the content it had. */
  #accept(): void {
    this.#loss = undefined
    if (this.#problem === undefined) this.#reloader.accept()
    else this.#refuse(this.#problem)
  }

  /** The log gets the file's whole path; what any caller may read, in `/health?verbose`, only its name. */
  #refuse(error: string): void {
    const { configPath } = this.#setup
    this.#reloader.refuse(error.replaceAll(configPath, basename(configPath)))
    this.#metrics.reloaded('failure')
    this.#log.warn({ error }, 'configuration not reloaded; the last good one stays in use')
  }

  async #stop(): Promise<void> {
    if (this.#stopping) {
      this.#supervisor.killAll()
      process.exit(1)
    }
    this.#stopping = true
    this.#log.info('stopping: requests under way may finish')
    this.#watcher.close()
    this.#setup.source.close()
    this.#setup.keys.close()
    await this.#admin.close()
    this.#breakers.use(undefined)
    await this.#supervisor.drain(this.#drainTimeoutMs)
    await Promise.all([
      this.#exporter?.close(LAST_METRICS_MS),
      this.#usage.close(),
      this.#limits.close(),
      this.#alerts.close(LAST_ALERTS_MS),
    ])
    await this.#setup.data.close()
    this.#log.flush(() => process.exit(0))
  }
}

function isPublic({ metrics }: GatewayConfig): boolean {
  return metrics?.isPublic ?? false
}
