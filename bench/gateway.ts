import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startChild, stopChild, type Child } from './children.ts'
import { cpuMicros, descendantsOf } from './cpu.ts'

/** What to start. */
export interface GatewayOptions {
  /** The gateway's command without its arguments, `node dist/main.js` say. */
  readonly command: readonly string[]
  /** The text of its configuration file. */
  readonly config: string
  readonly workers: number
  readonly cores: string | undefined
  /** Variables of its own; its data is in a new folder unless they say where. */
  readonly env?: Readonly<Record<string, string>>
}

/** A gateway that was started. */
export interface Gateway {
  readonly port: number
  readonly primaryPid: number
  /** Reading of `performance.now()` when it was spawned. */
  readonly startedAt: number
  /** The worker that did the most so far; the primary itself when it has no children. */
  workerPid(): number
  /** Lines on stdout since the start: the access log, and a few at the start. */
  logLines(): number
  stop(): Promise<void>
}

const START_SECONDS = 20
const POLL_MS = 5
const NEWLINE = 10

/** Spawns the gateway and returns at once, before it answers. */
export async function spawnGateway(options: GatewayOptions): Promise<Gateway & { child: Child }> {
  const folder = mkdtempSync(join(tmpdir(), 'gateway-bench-'))
  const config = join(folder, 'bench.yaml')
  writeFileSync(config, options.config)
  const removeFolder = (): void => rmSync(folder, { recursive: true, force: true })
  process.once('exit', removeFolder)

  const port = await freePort()
  const args = ['start', '--config-path', config, '--host', '127.0.0.1', '--port', `${port}`]
  const root = new URL('..', import.meta.url).pathname
  const startedAt = performance.now()
  const child = await startChild([...options.command, ...args, '--workers', `${options.workers}`], {
    cores: options.cores,
    cwd: root,
    env: { MLFLOW_GATEWAY_DATA_DIR: join(folder, 'data'), ...options.env },
  })

  let lines = 0
  child.process.stdout?.on('data', (bytes: Buffer) => {
    for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) lines += 1
  })
  return {
    child,
    port,
    primaryPid: child.pid,
    startedAt,
    workerPid: () => busiestLeaf(child.pid),
    logLines: () => lines,
    async stop() {
      await stopChild(child)
      process.off('exit', removeFolder)
      removeFolder()
    },
  }
}

/** Starts the gateway and waits until `/health` answers 200; throws with its stderr when it does not. */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const gateway = await spawnGateway(options)
  await untilOk(gateway, () => fetch(`http://127.0.0.1:${gateway.port}/health`))
  return gateway
}

/** Asks again every 5 ms until the answer is 200, for 20 s; a refused connection is a reason to ask again. */
export async function untilOk(
  gateway: Gateway & { child: Child },
  ask: () => Promise<Response>,
): Promise<void> {
  const giveUpAt = gateway.startedAt + START_SECONDS * 1000
  let last = 'no answer'
  while (performance.now() < giveUpAt) {
    if (gateway.child.process.exitCode !== null) break
    try {
      const answer = await ask()
      const text = await answer.text()
      if (answer.status === 200) return
      last = `${answer.status} ${text.slice(0, 300)}`
    } catch {
      // Not listening yet.
    }
    await sleep(POLL_MS)
  }
  const { exitCode } = gateway.child.process
  const how = exitCode === null ? `gave ${last} for ${START_SECONDS} s` : `ended with exit code ${exitCode}`
  await gateway.stop()
  throw new Error(`the gateway did not start: it ${how}. ${gateway.child.errors()}`)
}

/** A port with a free one above it, where the admin API listens. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = await bindOnce(0)
    if (port !== undefined && (await bindOnce(port + 1)) !== undefined) return port
  }
}

async function bindOnce(wanted: number): Promise<number | undefined> {
  const server = createServer()
  try {
    server.listen(wanted, '127.0.0.1')
    await once(server, 'listening')
  } catch {
    return undefined
  }
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address !== null ? address.port : undefined
}

function busiestLeaf(primaryPid: number): number {
  const family = descendantsOf(primaryPid)
  const leaves = family.filter((pid) => descendantsOf(pid).length === 0)
  const [busiest] = leaves.toSorted((one, other) => cpuMicros(other) - cpuMicros(one))
  return busiest ?? primaryPid
}
