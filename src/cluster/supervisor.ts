import cluster, { type Worker } from 'node:cluster'
import { fileURLToPath } from 'node:url'
import type { ToPrimary, ToWorker } from './messages.ts'

const WORKER_FILE = import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js'

/** A worker that lived shorter than this died of its start, and the next one waits. */
const SETTLED_MS = 5_000
const FIRST_DELAY_MS = 250
const MAX_DELAY_MS = 30_000
/** Workers that listen say something every second. One that has said nothing for so long does nothing else either. */
const SILENT_MS = 10_000
const LOOK_MS = 1_000

export interface SupervisorEvents {
  /** What a new worker is told first. */
  startMessage(): ToWorker
  /** A worker accepts requests. */
  listening(worker: Worker, generation: number): void
  /** A worker could not start. */
  failed(code: string, message: string): void
  /** A worker that listened says nothing any more, and is killed for it. */
  silent(pid: number, ms: number): void
  /** A worker died without being told to, and a new one takes its place after `delayMs`. */
  died(pid: number, how: string, delayMs: number): void
  /** A worker is gone, for whatever reason. */
  gone(worker: Worker): void
  message(worker: Worker, message: ToPrimary): void
}

/** Keeps the wanted number of workers alive. */
export class Supervisor {
  readonly #events: SupervisorEvents
  /** Workers that hear. */
  readonly #greeted = new Set<Worker>()
  /** When those that listen were last heard. */
  readonly #heardAt = new Map<Worker, number>()
  #stopping = false
  #quickDeaths = 0

  constructor(events: SupervisorEvents) {
    this.#events = events
    // Workers accept for themselves: with round robin every connection would pass through the primary.
    cluster.schedulingPolicy = cluster.SCHED_NONE
    cluster.setupPrimary({ exec: fileURLToPath(new URL(WORKER_FILE, import.meta.url)) })
  }

  start(count: number): void {
    for (let i = 0; i < count; i++) this.#fork()
    this.#watch()
  }

  /** The workers that have been told what to run. */
  workers(): Worker[] {
    return [...this.#greeted]
  }

  broadcast(message: ToWorker): void {
    for (const worker of this.workers()) send(worker, message)
  }

  send(worker: Worker, message: ToWorker): void {
    send(worker, message)
  }

  /** Let every worker finish its requests; whoever is not gone after `timeoutMs` and a little is killed. */
  async drain(timeoutMs: number): Promise<void> {
    this.#stopping = true
    const gone = allWorkers().map(
      (worker) =>
        new Promise<void>((resolve) => {
          worker.once('exit', () => resolve())
        }),
    )
    for (const worker of allWorkers()) {
      if (this.#greeted.has(worker)) send(worker, { type: 'drain', timeoutMs })
      else worker.process.kill('SIGKILL')
    }
    const killer = setTimeout(() => this.killAll(), timeoutMs + 5_000)
    await Promise.all(gone)
    clearTimeout(killer)
  }

  /** End one worker at once; another takes its place. */
  kill(worker: Worker): void {
    worker.process.kill('SIGKILL')
  }

  /** End all workers at once, for good. */
  killAll(): void {
    this.#stopping = true
    for (const worker of allWorkers()) this.kill(worker)
  }

  #fork(): void {
    const startedAt = performance.now()
    const worker = cluster.fork()
    worker.on('message', (message: ToPrimary) => this.#receive(worker, message))
    // A pipe that breaks because the worker just died is told by its exit.
    worker.on('error', () => undefined)
    worker.once('exit', (code, signal) => this.#exited(worker, signal ?? `exit code ${code}`, startedAt))
  }

  #receive(worker: Worker, message: ToPrimary): void {
    if (this.#heardAt.has(worker) || message.type === 'listening')
      this.#heardAt.set(worker, performance.now())
    if (message.type === 'hello') {
      send(worker, this.#events.startMessage())
      this.#greeted.add(worker)
    } else if (message.type === 'listening') this.#events.listening(worker, message.generation)
    else if (message.type === 'failed') this.#events.failed(message.code, message.message)
    else this.#events.message(worker, message)
  }

  /** One that is in a loop without end, or out of memory, is not gone, and would be sent requests for ever. */
  #watch(): void {
    const dueAt = performance.now() + LOOK_MS
    setTimeout(() => {
      const now = performance.now()
      // Who was held up itself has read nothing of what was said meanwhile.
      const isLate = now - dueAt > LOOK_MS
      for (const [worker, at] of this.#heardAt) {
        if (isLate) this.#heardAt.set(worker, now)
        else if (now - at > SILENT_MS) this.#endSilent(worker, now - at)
      }
      this.#watch()
    }, LOOK_MS).unref()
  }

  #endSilent(worker: Worker, ms: number): void {
    this.#heardAt.delete(worker)
    this.#events.silent(worker.process.pid ?? 0, Math.round(ms))
    this.kill(worker)
  }

  #exited(worker: Worker, how: string, startedAt: number): void {
    this.#greeted.delete(worker)
    this.#heardAt.delete(worker)
    this.#events.gone(worker)
    if (this.#stopping) return
    this.#quickDeaths = performance.now() - startedAt < SETTLED_MS ? this.#quickDeaths + 1 : 0
    const delayMs =
      this.#quickDeaths < 2 ? 0 : Math.min(FIRST_DELAY_MS * 2 ** (this.#quickDeaths - 2), MAX_DELAY_MS)
    this.#events.died(worker.process.pid ?? 0, how, delayMs)
    setTimeout(() => {
      if (!this.#stopping) this.#fork()
    }, delayMs)
  }
}

function allWorkers(): Worker[] {
  return Object.values(cluster.workers ?? {}).filter((worker) => worker !== undefined)
}

function send(worker: Worker, message: ToWorker): void {
  if (worker.isConnected()) worker.send(message)
}
