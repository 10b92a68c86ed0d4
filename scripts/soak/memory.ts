import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { childrenOf, residentBytes, signal } from '../../test/support/processes.ts'
import { waitFor } from '../../test/support/wait.ts'

const MEBIBYTE = 1024 * 1024
/** What requests under way hold differs from one look to the next: the least of some looks is what stays. */
const LOOKS = 5
const BETWEEN_LOOKS_MS = 500

/** The memory of a process over time, after the warm-up. */
export interface Growth {
  readonly process: string
  /** What the process holds when its garbage is collected. */
  readonly live: Change
  /** What the operating system has given it: it also depends on when garbage was collected last. */
  readonly resident: Change
  /** Of the resident memory, by the least squares. */
  readonly mbPerMinute: number
}

/** At the start and at the end. */
export interface Change {
  readonly beforeMb: number
  readonly afterMb: number
}

/** Looks at the memory of a gateway's processes: resident once a second, live at the start and at the end. */
export class MemoryWatch {
  readonly #folder = mkdtempSync(join(tmpdir(), 'soak-memory-'))
  readonly #readings = new Map<number, Reading[]>()
  readonly #liveBefore = new Map<number, number>()
  #timer: NodeJS.Timeout | undefined
  #pid = 0

  /** What the gateway must be started with, so that it can tell its live memory. */
  get env(): Record<string, string> {
    const preload = fileURLToPath(new URL('tell-memory.mjs', import.meta.url))
    return { NODE_OPTIONS: `--expose-gc --import=${preload}`, SOAK_MEMORY: this.#folder }
  }

  /** From here on; the warm-up is over. */
  async start(pid: number): Promise<void> {
    this.#pid = pid
    for (const one of this.#pids()) this.#liveBefore.set(one, await this.#liveMb(one))
    const startedAt = performance.now()
    this.#timer = setInterval(() => this.#look((performance.now() - startedAt) / 60_000), 1000)
  }

  /** Of each process that lived from the start to the end. */
  async stop(): Promise<Growth[]> {
    clearInterval(this.#timer)
    const growth: Growth[] = []
    for (const [pid, beforeMb] of this.#liveBefore) {
      if (!this.#pids().includes(pid)) continue
      const readings = this.#readings.get(pid) ?? []
      const part = Math.max(Math.floor(readings.length / 4), 1)
      growth.push({
        process: pid === this.#pid ? 'primary' : `worker ${pid}`,
        live: { beforeMb, afterMb: await this.#liveMb(pid) },
        resident: { beforeMb: median(readings.slice(0, part)), afterMb: median(readings.slice(-part)) },
        mbPerMinute: slope(readings),
      })
    }
    rmSync(this.#folder, { recursive: true, force: true })
    return growth
  }

  #pids(): number[] {
    return [this.#pid, ...childrenOf(this.#pid)]
  }

  #look(minute: number): void {
    for (const pid of this.#pids()) {
      const readings = this.#readings.get(pid) ?? []
      readings.push({ minute, mb: residentBytes(pid) / MEBIBYTE })
      this.#readings.set(pid, readings)
    }
  }

  async #liveMb(pid: number): Promise<number> {
    const path = join(this.#folder, String(pid))
    const looks: number[] = []
    while (looks.length < LOOKS) {
      rmSync(path, { force: true })
      signal(pid, 'SIGUSR2')
      looks.push(await waitFor(`the memory of process ${pid}`, () => readBytes(path)))
      await new Promise((resolve) => setTimeout(resolve, BETWEEN_LOOKS_MS))
    }
    return Math.min(...looks) / MEBIBYTE
  }
}

type Reading = Readonly<{ minute: number; mb: number }>

function readBytes(path: string): number | undefined {
  try {
    return Number(readFileSync(path, 'utf8'))
  } catch {
    return undefined
  }
}

function median(readings: readonly Reading[]): number {
  const sorted = readings.map(({ mb }) => mb).toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? 0
}

function slope(readings: readonly Reading[]): number {
  const count = readings.length
  const mean = (of: (reading: Reading) => number): number =>
    readings.reduce((sum, reading) => sum + of(reading), 0) / Math.max(count, 1)
  const [meanMinute, meanMb] = [mean(({ minute }) => minute), mean(({ mb }) => mb)]
  const spread = mean(({ minute }) => (minute - meanMinute) ** 2)
  return spread === 0 ? 0 : mean(({ minute, mb }) => (minute - meanMinute) * (mb - meanMb)) / spread
}
