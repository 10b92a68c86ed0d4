import { childrenOf, residentBytes } from '../../test/support/processes.ts'

const MEBIBYTE = 1024 * 1024

/** The memory of a process over time. */
export interface Growth {
  readonly process: string
  readonly beforeMb: number
  readonly afterMb: number
  /** By the least squares of what came after the warm-up. */
  readonly mbPerMinute: number
}

/** Looks at the memory of a gateway's processes, once a second. */
export class MemoryWatch {
  readonly #readings = new Map<number, { minute: number; mb: number }[]>()
  readonly #timer: NodeJS.Timeout
  readonly #startedAt = performance.now()
  readonly #pid: number

  constructor(pid: number) {
    this.#pid = pid
    this.#timer = setInterval(() => this.#look(), 1000)
  }

  /** Of each process that lived to the end, after the first `warmUpMinutes`. */
  stop(warmUpMinutes: number): Growth[] {
    clearInterval(this.#timer)
    return Array.from(this.#readings, ([pid, all]) => {
      const readings = all.filter(({ minute }) => minute >= warmUpMinutes)
      const part = Math.max(Math.floor(readings.length / 4), 1)
      return {
        process: pid === this.#pid ? 'primary' : `worker ${pid}`,
        beforeMb: median(readings.slice(0, part)),
        afterMb: median(readings.slice(-part)),
        mbPerMinute: slope(readings),
      }
    })
  }

  #look(): void {
    const minute = (performance.now() - this.#startedAt) / 60_000
    for (const pid of [this.#pid, ...childrenOf(this.#pid)]) {
      const readings = this.#readings.get(pid) ?? []
      readings.push({ minute, mb: residentBytes(pid) / MEBIBYTE })
      this.#readings.set(pid, readings)
    }
  }
}

type Reading = Readonly<{ minute: number; mb: number }>

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
