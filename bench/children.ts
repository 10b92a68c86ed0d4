import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { descendantsOf } from './cpu.ts'
import { pinned } from './pinning.ts'

/** How a child is run. */
export interface ChildOptions {
  /** Cores as `taskset -c` takes them; absent: any. */
  readonly cores?: string | undefined
  readonly cwd?: string
  /** Beside the bench's own environment. */
  readonly env?: Readonly<Record<string, string>>
  /** With a message channel to the bench; such a child must be a Node process. */
  readonly messages?: boolean
}

/** A process that the bench started. */
export interface Child {
  readonly pid: number
  readonly process: ChildProcess
  /** The end of what it wrote on stderr. */
  errors(): string
}

const KEPT_ERROR_TEXT = 4000
const STOP_AFTER_MS = 5000
const living = new Map<number, Child>()

/** Starts a command; throws when it cannot be run. It is ended with the bench, however the bench ends. */
export async function startChild(words: readonly string[], options: ChildOptions): Promise<Child> {
  const [command = '', ...args] = pinned(words, options.cores)
  const channel = options.messages === true ? (['ipc'] as const) : []
  const started = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe', ...channel],
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.env && { env: { ...process.env, ...options.env } }),
  })
  await once(started, 'spawn')
  const { pid } = started
  if (pid === undefined) throw new Error(`${words.join(' ')} has no process id`)

  let errorText = ''
  started.stderr?.on('data', (bytes: Buffer) => {
    errorText = `${errorText}${bytes.toString()}`.slice(-KEPT_ERROR_TEXT)
  })
  const child = { pid, process: started, errors: () => errorText.trim() }
  living.set(pid, child)
  started.on('exit', () => living.delete(pid))
  return child
}

/** Starts a TypeScript file of this folder as a Node process with a message channel, and awaits its first message. */
export async function startScript(
  file: string,
  args: readonly string[],
  cores: string | undefined,
): Promise<{ child: Child; hello: unknown }> {
  const path = new URL(file, import.meta.url).pathname
  const words = [process.execPath, '--import', import.meta.resolve('tsx'), path, ...args]
  const child = await startChild(words, { cores, messages: true })
  child.process.stdout?.resume()
  const hello = await nextMessage(child, { seconds: 20, what: `${file} to start` })
  return { child, hello }
}

/** The next message of a child; throws when the child ends first or the time is up. */
export function nextMessage(child: Child, wait: { seconds: number; what: string }): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => settle(() => reject(new Error(`waited ${wait.seconds} s in vain for ${wait.what}`))),
      wait.seconds * 1000,
    )
    const onMessage = (message: unknown): void => settle(() => resolve(message))
    const onExit = (): void => settle(() => reject(new Error(`${wait.what}: it ended. ${child.errors()}`)))
    child.process.once('message', onMessage)
    child.process.once('exit', onExit)

    function settle(then: () => void): void {
      clearTimeout(timer)
      child.process.off('message', onMessage)
      child.process.off('exit', onExit)
      then()
    }
  })
}

/** Asks a child to end (SIGTERM), and ends it and its descendants by force when it has not after 5 s. */
export async function stopChild(child: Child): Promise<void> {
  if (!living.has(child.pid)) return
  const family = [child.pid, ...descendantsOf(child.pid)]
  const exited = once(child.process, 'exit')
  child.process.kill('SIGTERM')
  const timer = setTimeout(() => killAll(family), STOP_AFTER_MS)
  await exited
  clearTimeout(timer)
}

/** Ends every child at once when the bench ends, be it by itself, by an error or by a signal. */
export function endChildrenAtExit(): void {
  process.on('exit', () => {
    for (const pid of living.keys()) killAll([pid, ...descendantsOf(pid)])
  })
  process.on('SIGINT', () => process.exit(130))
  process.on('SIGTERM', () => process.exit(143))
  process.on('SIGHUP', () => process.exit(129))
}

function killAll(pids: readonly number[]): void {
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It has ended by itself.
    }
  }
}
