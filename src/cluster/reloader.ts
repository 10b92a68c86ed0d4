import type { Worker } from 'node:cluster'
import type { ConfigStatus } from '../http/health.ts'
import type { Supervisor } from './supervisor.ts'
import type { ToPrimary, ToWorker } from './messages.ts'

/** A worker that has not built the new runtime by then is stuck; it is replaced, and the others switch. */
const PREPARE_TIMEOUT_MS = 10_000

/** The configuration in use: what a worker that starts now must run. */
export interface Committed {
  generation: number
  snapshot: string
}

/**
 * Switches all workers to a new configuration together, or none: each builds it first (`prepare`), and only when all
 * have is it used (`commit`). Reloads run one after the other.
 */
export class Reloader {
  readonly #supervisor: Supervisor
  #committed: Committed
  #status: ConfigStatus
  #last: Promise<void> = Promise.resolve()
  #generation: number
  #round: Round | undefined

  constructor(supervisor: Supervisor, committed: Committed, status: ConfigStatus) {
    this.#supervisor = supervisor
    this.#committed = committed
    this.#status = status
    this.#generation = committed.generation
  }

  get committed(): Committed {
    return this.#committed
  }

  get status(): ConfigStatus {
    return this.#status
  }

  /** Resolves with undefined when all workers switched, else with the reason why none did. */
  apply(snapshot: string): Promise<string | undefined> {
    return this.#next(() => this.#reload(snapshot))
  }

  /** Keep the configuration in use and say why a newer one is not. */
  refuse(error: string): void {
    void this.#next(() => this.#tellStatus({ ...this.#status, error }))
  }

  /** The file is again the configuration in use. */
  accept(): void {
    void this.#next(() => this.#tellStatus({ ...this.#status, error: null }))
  }

  /** What a worker says of a reload. */
  receive(worker: Worker, message: ToPrimary): void {
    if (message.type === 'behind') this.welcome(worker, message.generation)
    else this.#round?.receive(worker, message)
  }

  /** A worker died: nothing is awaited of it any more. */
  left(worker: Worker): void {
    this.#round?.left(worker)
  }

  /** A worker began to listen. When it was started on an older configuration, it catches up. */
  welcome(worker: Worker, startedOn: number): void {
    this.#supervisor.send(worker, { type: 'config', config: this.#status })
    const { generation, snapshot } = this.#committed
    if (startedOn === generation) return
    this.#supervisor.send(worker, { type: 'prepare', generation, snapshot })
    this.#supervisor.send(worker, { type: 'commit', generation })
  }

  /** After what came before: a later word about the file must not be overtaken by an earlier reload. */
  #next<Result>(step: () => Result | Promise<Result>): Promise<Result> {
    const result = this.#last.then(step)
    this.#last = result.then(
      () => undefined,
      () => undefined,
    )
    return result
  }

  async #reload(snapshot: string): Promise<string | undefined> {
    const generation = ++this.#generation
    const workers = this.#supervisor.workers()
    const round = new Round(generation, workers, (worker) => this.#supervisor.kill(worker))
    this.#round = round
    this.#tell(workers, { type: 'prepare', generation, snapshot })
    const problem = await round.result
    this.#round = undefined
    if (problem !== undefined) {
      this.#tell(workers, { type: 'discard', generation })
      return problem
    }
    this.#committed = { generation, snapshot }
    this.#tell(workers, { type: 'commit', generation })
    // Workers that came while the others were building began with the older snapshot.
    const late = this.#supervisor.workers().filter((worker) => !workers.includes(worker))
    this.#tell(late, { type: 'prepare', generation, snapshot })
    this.#tell(late, { type: 'commit', generation })
    this.#tellStatus({ generation, loadedAt: new Date().toISOString(), error: null })
    return undefined
  }

  #tell(workers: readonly Worker[], message: ToWorker): void {
    for (const worker of workers) this.#supervisor.send(worker, message)
  }

  #tellStatus(status: ConfigStatus): void {
    this.#status = status
    this.#supervisor.broadcast({ type: 'config', config: status })
  }
}

/** The workers' answers to one `prepare`. A worker that dies meanwhile is no obstacle: its successor starts anew. */
class Round {
  readonly result: Promise<string | undefined>
  readonly #generation: number
  readonly #awaited: Set<Worker>
  readonly #timer: NodeJS.Timeout
  #resolve: (problem: string | undefined) => void = () => undefined

  /** A worker that does not answer in time is stuck, and no use to clients either: it is given to `end`. */
  constructor(generation: number, workers: readonly Worker[], end: (worker: Worker) => void) {
    this.#generation = generation
    this.#awaited = new Set(workers)
    this.result = new Promise((resolve) => {
      this.#resolve = resolve
    })
    this.#timer = setTimeout(() => {
      for (const worker of this.#awaited) end(worker)
    }, PREPARE_TIMEOUT_MS)
    if (workers.length === 0) this.#end(undefined)
  }

  receive(worker: Worker, message: ToPrimary): void {
    if (message.type === 'prepared' && message.generation === this.#generation) this.#done(worker)
    if (message.type === 'refused' && message.generation === this.#generation) this.#end(message.message)
  }

  left(worker: Worker): void {
    this.#done(worker)
  }

  #done(worker: Worker): void {
    this.#awaited.delete(worker)
    if (this.#awaited.size === 0) this.#end(undefined)
  }

  #end(problem: string | undefined): void {
    clearTimeout(this.#timer)
    this.#resolve(problem)
  }
}
