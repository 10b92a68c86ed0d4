import { execFileSync } from 'node:child_process'
import { linkSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'

/** A directory that this process has. */
export interface Lock {
  release(): void
}

/** Time, for tests. */
interface Clock {
  readonly now: () => number
  readonly wait: (ms: number) => Promise<unknown>
}

const REAL: Clock = { now: Date.now, wait: sleep }
/** How often a lock says that its process lives, and how long that is believed where the process cannot be asked. */
const BEAT_MS = 3_000
const BELIEVED_MS = 15_000
const LOOK_AGAIN_MS = 500

/**
 * Take a directory for this process alone, until it ends. Gives who has it, in words, when somebody has: what a dead
 * process left is taken over. A process of another machine or container cannot be asked: it lives while its lock's time
 * goes on.
 */
export async function takeLock(path: string, { now, wait }: Clock = REAL): Promise<Lock | string> {
  const mine = `${path}.${process.pid}`
  writeFileSync(mine, ownText(), { mode: 0o600 })
  try {
    let beat: number | undefined
    for (;;) {
      if (isLinked(mine, path)) return heldLock(path)
      const text = read(path)
      const holder = readHolder(text)
      const seen = timeOf(path)
      if (holder.life === 'alive') return holder.words
      if (holder.life === 'unknown' && seen !== undefined && now() - seen < BELIEVED_MS) {
        if (beat !== undefined && seen !== beat) return holder.words
        beat = seen
        await wait(LOOK_AGAIN_MS)
      } else takeAway(path, text)
    }
  } finally {
    rmSync(mine, { force: true })
  }
}

function heldLock(path: string): Lock {
  const timer = setInterval(() => {
    const now = new Date()
    try {
      utimesSync(path, now, now)
    } catch {
      // A disk that takes nothing for a moment: the next beat may get through.
    }
  }, BEAT_MS).unref()
  return {
    release() {
      clearInterval(timer)
      rmSync(path, { force: true })
    },
  }
}

/** Moved away first: another who found the same dead lock may have put its own there meanwhile. */
function takeAway(path: string, text: string): void {
  const old = `${path}.old.${process.pid}`
  try {
    renameSync(path, old)
  } catch {
    return
  }
  if (read(old) !== text) isLinked(old, path)
  rmSync(old, { force: true })
}

/** A link appears with all of its content, and only where there is nothing. */
function isLinked(from: string, to: string): boolean {
  try {
    linkSync(from, to)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  }
}

/** The process, its beginning, and the machine or container that the number counts in. */
function ownText(): string {
  return `${process.pid}\n${startOf(process.pid)}\n${hostname()}\n`
}

function readHolder(text: string): { life: 'alive' | 'dead' | 'unknown'; words: string } {
  const [first = '', start = '', host = ''] = text.split('\n')
  const pid = Number(first)
  const words = `process ${pid}${host === hostname() ? '' : ` on ${host}`}`
  if (!Number.isInteger(pid) || pid <= 0) return { life: 'dead', words }
  if (host !== hostname()) return { life: 'unknown', words }
  return { life: pid !== process.pid && isAlive(pid) && startOf(pid) === start ? 'alive' : 'dead', words }
}

/** Signal 0 only asks. Another user's process is alive too. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

/** Numbers of processes come again, in containers at every start; with its beginning it is one only. */
export function startOf(pid: number, procDirectory = '/proc'): string {
  const text = read(`${procDirectory}/${pid}/stat`)
  return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? startByPs(pid)
}

/** Where there is no /proc, as on macOS. */
function startByPs(pid: number): string {
  try {
    const env = { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' }
    const said = execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { env, encoding: 'utf8' })
    return said.trim()
  } catch {
    return ''
  }
}

function timeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
