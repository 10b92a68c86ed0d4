import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { getJson } from './ask.ts'
import { childrenOf, isRunning, signal } from './processes.ts'
import { waitFor, within } from './wait.ts'

const COMMAND = fileURLToPath(new URL('../../dist/main.js', import.meta.url))
const START_DEADLINE_MS = 20_000

/** One line of the gateway's log. */
export type LogLine = Readonly<Record<string, unknown>>

export interface Exit {
  code: number | null
  signal: NodeJS.Signals | null
}

/** `GET /health?verbose` of one worker. */
export interface Health {
  ready: boolean
  worker_pid: number
  config: { generation: number; error: string | null }
}

export interface StartOptions {
  workers?: number
  env?: Readonly<Record<string, string>>
  /** Replaces all arguments after `start`; `{config}` stands for the file's path. */
  arguments?: readonly string[]
  /** The command is expected not to come up: do not wait for it. */
  isDoomed?: boolean
  /** Where its log goes: a file descriptor, or a pipe that nobody reads. Absent: it is read. */
  stdout?: number | 'unread'
}

const running = new Set<Gateway>()
// A test run that is ended from outside must not leave gateways behind.
process.on('exit', () => {
  for (const gateway of running) gateway.kill()
})

/** The real command in a process of its own, with a configuration file in a folder of its own. */
export class Gateway {
  readonly folder: string
  readonly configPath: string
  readonly exited: Promise<Exit>
  readonly #process: ChildProcess
  readonly #workersSeen = new Set<number>()
  #stdout = ''
  #stderr = ''
  url = ''

  private constructor(folder: string, options: StartOptions) {
    this.folder = folder
    this.configPath = join(folder, 'gateway.yaml')
    const given = options.arguments ?? ['--config-path', '{config}', '--host', '127.0.0.1', '--port', '0']
    const workers = options.arguments ? [] : ['--workers', String(options.workers ?? 2)]
    const words = given.map((word) => word.replace('{config}', this.configPath))
    this.#process = spawn(process.execPath, [COMMAND, 'start', ...words, ...workers], {
      cwd: folder,
      env: { PATH: process.env['PATH'], HOME: folder, ...options.env },
      stdio: ['ignore', typeof options.stdout === 'number' ? options.stdout : 'pipe', 'pipe'],
    })
    if (options.stdout !== 'unread') {
      this.#process.stdout?.setEncoding('utf8').on('data', (text: string) => (this.#stdout += text))
    }
    this.#process.stderr?.setEncoding('utf8').on('data', (text: string) => (this.#stderr += text))
    this.exited = new Promise((resolve) => {
      this.#process.once('close', (code, name) => resolve({ code, signal: name }))
    })
    running.add(this)
  }

  /** Start it and wait until it serves. End it with `stop`. */
  static async start(yaml: string, options: StartOptions = {}): Promise<Gateway> {
    const folder = await mkdtemp(join(tmpdir(), 'gateway-fault-'))
    await writeFile(join(folder, 'gateway.yaml'), yaml)
    const gateway = new Gateway(folder, options)
    if (options.isDoomed) return gateway
    try {
      gateway.url = await waitFor('the gateway to print its URL', () => gateway.#findUrl(), START_DEADLINE_MS)
      gateway.workers()
      return gateway
    } catch (error) {
      await gateway.stop()
      throw new Error(`the gateway did not start:\n${gateway.#stderr}${gateway.#stdout}`, { cause: error })
    }
  }

  get pid(): number {
    return this.#process.pid ?? 0
  }

  get port(): number {
    return Number(new URL(this.url).port)
  }

  get stdout(): string {
    return this.#stdout
  }

  get stderr(): string {
    return this.#stderr
  }

  /** The complete lines of its log so far. */
  log(): LogLine[] {
    return this.#stdout
      .split('\n')
      .slice(0, -1)
      .map((line): LogLine => JSON.parse(line))
  }

  /** The access log's line of one request; it is written within the log's flush interval. */
  requestLine(requestId: unknown): Promise<LogLine> {
    return waitFor(`the log line of request ${String(requestId)}`, () =>
      this.log().find(({ msg, id }) => msg === 'request' && id === requestId),
    )
  }

  /** The worker processes that run now. */
  workers(): number[] {
    const pids = childrenOf(this.pid).filter(isRunning)
    for (const pid of pids) this.#workersSeen.add(pid)
    return pids
  }

  /** The health of whichever worker takes a new connection. */
  async health(): Promise<Health> {
    return getJson<Health>(`${this.url}/health?verbose`)
  }

  /** Every worker's health: connections are opened until each of the workers has taken one. */
  async healthOfAll(): Promise<Health[]> {
    return waitFor('an answer of every worker', async () => {
      const pids = this.workers()
      const answers = await Promise.all(Array.from({ length: 8 }, () => this.health()))
      const byPid = new Map(answers.map((health) => [health.worker_pid, health]))
      return pids.length > 0 && pids.every((pid) => byPid.has(pid)) && [...byPid.values()]
    })
  }

  signal(name: NodeJS.Signals): void {
    signal(this.pid, name)
  }

  /** Nobody reads its log any more. */
  closeStdout(): void {
    this.#process.stdout?.destroy()
  }

  /** End at once what still runs of it. */
  kill(): void {
    this.workers()
    if (this.#process.exitCode === null) this.#process.kill('SIGKILL')
    // They would go by themselves, but not when a test stopped them.
    for (const pid of this.#workersSeen) if (isRunning(pid)) signal(pid, 'SIGKILL')
  }

  /** End it, whatever its state, and remove its files. */
  async stop(): Promise<void> {
    this.kill()
    running.delete(this)
    await within('the gateway to end', this.exited, 10_000)
    await rm(this.folder, { recursive: true, force: true })
  }

  #findUrl(): string | undefined {
    if (this.#process.exitCode !== null) throw new Error(`it exited with ${this.#process.exitCode}`)
    return /workers? on (http:\S+)/.exec(this.#stderr)?.[1]
  }
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address: AddressInfo | string | null = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address ? address.port : 0
}
