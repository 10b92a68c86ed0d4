import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'

/**
 * Take a directory for this process alone, until it ends. Gives the process that has it already, if there is one: what
 * a dead one left is taken over.
 */
export function takeLock(path: string): number | undefined {
  const mine = `${path}.${process.pid}`
  writeFileSync(mine, `${process.pid} ${startOf(process.pid)}`, { mode: 0o600 })
  try {
    for (;;) {
      if (isLinked(mine, path)) return undefined
      const text = read(path)
      const holder = aliveIn(text)
      if (holder !== undefined) return holder
      // Moved away first: another who found the same dead lock may have put its own there meanwhile.
      const old = `${path}.old.${process.pid}`
      try {
        renameSync(path, old)
      } catch {
        continue
      }
      if (read(old) !== text) isLinked(old, path)
      rmSync(old, { force: true })
    }
  } finally {
    rmSync(mine, { force: true })
  }
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

function aliveIn(text: string): number | undefined {
  const [first = '', start = ''] = text.split(' ')
  const pid = Number(first)
  if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) return undefined
  try {
    process.kill(pid, 0)
  } catch (error) {
    // Another user's process is alive too.
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return undefined
  }
  return startOf(pid) === start ? pid : undefined
}

/** Numbers of processes come again, in containers at every start; with its start time it is one only. Linux only. */
function startOf(pid: number): string {
  const text = read(`/proc/${pid}/stat`)
  return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? ''
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
