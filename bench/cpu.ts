import { readdirSync, readFileSync } from 'node:fs'

/** The kernel's unit in /proc/<pid>/stat; 100 Hz on every Linux that Node supports. */
const MICROS_PER_TICK = 10_000

/**
 * CPU time of all threads of a process in microseconds, user and system, without its children.
 * From task/<tid>/schedstat in nanoseconds where the kernel has it, else from stat in ticks of 10 ms (proc(5)).
 * Throws when the process is gone.
 */
export function cpuMicros(pid: number): number {
  try {
    return schedstatMicros(pid)
  } catch {
    return statMicros(pid)
  }
}

/** Resident memory of a process in MB (2^20 bytes), as /proc/<pid>/status has it. */
export function residentMb(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  if (kilobytes === undefined) throw new Error(`process ${pid} has no VmRSS; is it alive?`)
  return Number(kilobytes) / 1024
}

/** All living descendants of a process, children before grandchildren. */
export function descendantsOf(pid: number): number[] {
  const parents = readParents()
  const found = [pid]
  for (const parent of found) {
    for (const [child, itsParent] of parents) if (itsParent === parent) found.push(child)
  }
  return found.slice(1)
}

/** Whether /proc tells CPU times in nanoseconds here, not in ticks. */
export function hasSchedstat(): boolean {
  try {
    return schedstatMicros(process.pid) > 0
  } catch {
    return false
  }
}

function schedstatMicros(pid: number): number {
  let nanoseconds = 0
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    nanoseconds += Number(threadSchedstat(pid, thread).split(' ')[0])
  }
  return nanoseconds / 1000
}

/** A thread may end between the listing and the reading; its time is lost to us, as is its future. */
function threadSchedstat(pid: number, thread: string): string {
  try {
    return readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8')
  } catch (error) {
    if (Number(thread) === pid) throw error
    return '0'
  }
}

function statMicros(pid: number): number {
  const fields = statFields(pid)
  return (Number(fields[11]) + Number(fields[12])) * MICROS_PER_TICK
}

/** The fields after the command's name, which may itself hold spaces and brackets; state is the first. */
function statFields(pid: number): string[] {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
}

function readParents(): Map<number, number> {
  const parents = new Map<number, number>()
  for (const name of readdirSync('/proc')) {
    const pid = Number(name)
    if (!Number.isInteger(pid)) continue
    try {
      parents.set(pid, Number(statFields(pid)[1]))
    } catch {
      // It ended while we read the list.
    }
  }
  return parents
}
