import { connect, type Socket } from 'node:net'
import { Worker } from 'node:worker_threads'

/** Listens, and is then busy for ever: it never takes a connection. */
const SOURCE = `
  const { parentPort } = require('node:worker_threads')
  const server = require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
    parentPort.postMessage(server.address().port)
    setTimeout(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0), 10)
  })
`
/** A connection that is not there after this long never will be. */
const STUCK_MS = 300
const MOST = 20

/** A port whose queue of new connections is full: the system drops what else comes, and nobody is told. */
export class FullBacklog {
  readonly port: number
  readonly #worker: Worker
  readonly #waiting: Socket[]

  private constructor(port: number, worker: Worker, waiting: Socket[]) {
    this.port = port
    this.#worker = worker
    this.#waiting = waiting
  }

  /** End it with `close`. */
  static async start(): Promise<FullBacklog> {
    const worker = new Worker(SOURCE, { eval: true })
    const port = await new Promise<number>((resolve, reject) => {
      worker.once('message', resolve)
      worker.once('error', reject)
    })
    const waiting: Socket[] = []
    while (waiting.length < MOST && (await isTaken(port, waiting)));
    return new FullBacklog(port, worker, waiting)
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  async close(): Promise<void> {
    for (const socket of this.#waiting) socket.destroy()
    await this.#worker.terminate()
  }
}

/** Whether one more connection found room in the queue. */
function isTaken(port: number, waiting: Socket[]): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    waiting.push(socket)
    const timer = setTimeout(resolve, STUCK_MS, false)
    socket.on('error', () => undefined)
    socket.once('connect', () => {
      clearTimeout(timer)
      resolve(true)
    })
  })
}
