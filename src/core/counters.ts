/**
 * Sums over fixed windows of time, wherever they are kept. A window of length `windowMs` begins at each multiple of it
 * since 1970 (a minute's with the clock's minute), so that all who count agree about its end without talking of it.
 */
export interface Counters {
  /** Adds to the sum of the key's present window, and tells what it is now. */
  add(key: string, amount: number, windowMs: number): number | Promise<number>
}

/** How long the present window of this length goes on, in milliseconds; never 0. */
export function untilWindowEnds(windowMs: number, now: number = clock()): number {
  return windowMs - (now % windowMs)
}

/** Milliseconds since 1970 by a clock that never goes back or jumps, whatever is done to the machine's. */
export function clock(): number {
  return performance.timeOrigin + performance.now()
}

/** Keys counted in one window; beyond it the one that was met first is forgotten, and begins anew. */
const MAX_KEYS = 100_000

interface Window {
  number: number
  sums: Map<string, number>
}

/** Counters in the memory of one process. */
export class MemoryCounters implements Counters {
  readonly #maxKeys: number
  /** By length: a window that is over is dropped with all its sums, so nothing has to be looked for and cleared. */
  readonly #windows = new Map<number, Window>()

  constructor(maxKeys: number = MAX_KEYS) {
    this.#maxKeys = maxKeys
  }

  add(key: string, amount: number, windowMs: number): number {
    const { sums } = this.#present(windowMs)
    const before = sums.get(key)
    if (before === undefined && sums.size >= this.#maxKeys) forgetFirst(sums)
    const sum = (before ?? 0) + amount
    sums.set(key, sum)
    return sum
  }

  #present(windowMs: number): Window {
    const number = Math.floor(clock() / windowMs)
    let window = this.#windows.get(windowMs)
    if (window?.number !== number) {
      window = { number, sums: new Map() }
      this.#windows.set(windowMs, window)
    }
    return window
  }
}

function forgetFirst(sums: Map<string, number>): void {
  const [first] = sums.keys()
  if (first !== undefined) sums.delete(first)
}
