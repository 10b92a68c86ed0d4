import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** Which cores do what. Core lists are as `taskset -c` takes them; absent when processes cannot be pinned. */
export interface Pinning {
  /** Upstream, load generator and the bench itself. */
  readonly load?: string
  /** The proxy under test, whichever runs. */
  readonly proxy?: string
  /** Every core that the bench was given. */
  readonly all?: string
  /** One line for the report. */
  readonly note: string
}

/** Finds two cores that this process may use, and moves the process itself to the first. */
export function choosePinning(): Pinning {
  if (spawnSync('taskset', ['--version']).error !== undefined)
    return { note: 'not pinned: taskset is missing' }
  const cores = allowedCores()
  const [load, proxy] = cores
  if (load === undefined || proxy === undefined) return { note: 'not pinned: only one core' }
  const moved = spawnSync('taskset', ['-a', '-p', '-c', `${load}`, `${process.pid}`])
  if (moved.status !== 0) return { note: `not pinned: ${moved.stderr.toString().trim()}` }
  return {
    load: `${load}`,
    proxy: `${proxy}`,
    all: cores.join(','),
    note: `pinned: load and upstream on core ${load}, proxy under test on core ${proxy}`,
  }
}

/** The words of a command that runs on the given cores, or anywhere when none are given. */
export function pinned(words: readonly string[], cores: string | undefined): string[] {
  return cores === undefined ? [...words] : ['taskset', '-c', cores, ...words]
}

function allowedCores(): number[] {
  const list = /^Cpus_allowed_list:\s*(\S+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? ''
  return list.split(',').flatMap((range) => {
    const [first = 0, last = first] = range.split('-').map(Number)
    return Array.from({ length: last - first + 1 }, (_, index) => first + index)
  })
}
