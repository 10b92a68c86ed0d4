import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createConnection, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Secret } from '../../src/core/secret.ts'
import { waitFor } from './wait.ts'

/** Whether there is a `redis-server` to start. Without it, tests that need one are skipped. */
export const hasRedisServer: boolean = spawnSync('redis-server', ['--version']).status === 0

if (!hasRedisServer) console.warn('Tests with a real Redis are skipped: there is no redis-server here.')

/** A real Redis server of a test's own, which keeps nothing on the disk. */
export class RedisServer {
  readonly url: Secret
  readonly #port: number
  readonly #folder = mkdtempSync(join(tmpdir(), 'redis-'))
  #process: ChildProcess | undefined

  private constructor(port: number) {
    this.#port = port
    this.url = new Secret(`redis://127.0.0.1:${port}`)
  }

  get port(): number {
    return this.#port
  }

  /** A command in words, as `CONFIG SET maxmemory 1`. Resolves with the first line of its answer. */
  async command(words: string): Promise<string> {
    const socket = createConnection(this.#port, '127.0.0.1')
    socket.write(`${words}\r\n`)
    const [answer]: unknown[] = await once(socket, 'data')
    socket.destroy()
    return String(answer).trim()
  }

  static async start(): Promise<RedisServer> {
    const server = new RedisServer(await freePort())
    await server.start()
    return server
  }

  async start(): Promise<void> {
    const where = ['--port', String(this.#port), '--bind', '127.0.0.1', '--dir', this.#folder]
    this.#process = spawn('redis-server', [...where, '--save', '', '--appendonly', 'no'], { stdio: 'ignore' })
    await waitFor('a Redis server', () => accepts(this.#port))
  }

  /** It answers nothing, and closes nothing. */
  stall(): void {
    this.#process?.kill('SIGSTOP')
  }

  goOn(): void {
    this.#process?.kill('SIGCONT')
  }

  async kill(): Promise<void> {
    const running = this.#process
    if (!running || running.exitCode !== null || running.signalCode !== null) return
    const exited = once(running, 'exit')
    running.kill('SIGKILL')
    await exited
  }

  async remove(): Promise<void> {
    await this.kill()
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ port, host: '127.0.0.1' })
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
