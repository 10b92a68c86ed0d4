import { countedSpan, pieceAt, stepMs } from '../../core/limit-window.ts'
import type { LimitRule, Standing } from '../../core/limits.ts'

/** A bucket as it can be written down. */
export interface BucketState {
  /** What was used, by the beginning of the piece of the window that it belongs to; the oldest first. */
  readonly used: readonly (readonly [number, number])[]
  readonly reserved: number
  /** The piece that is counted now; of a calendar window the whole of it. */
  readonly piece: number
  /** The highest share that somebody was told of, and when; 0 when nobody was. */
  readonly told: number
  readonly toldAt: number
  readonly toldRefusal: boolean
}

/** What a rule counts: most, and over which time. */
export type Measure = Pick<LimitRule, 'window' | 'alertAt'> & { readonly most: number }

/** The sum of one rule for one somebody: what was used and what is reserved in the present window. */
export class Bucket {
  #used: Map<number, number>
  #sum: number
  #reserved: number
  #piece: number
  #told: number
  #toldAt: number
  #toldRefusal: boolean

  constructor(state: BucketState = EMPTY) {
    this.#used = new Map(state.used)
    this.#sum = state.used.reduce((sum, [, amount]) => sum + amount, 0)
    this.#reserved = state.reserved
    this.#piece = state.piece
    this.#told = state.told
    this.#toldAt = state.toldAt
    this.#toldRefusal = state.toldRefusal
  }

  get used(): number {
    return this.#sum
  }

  get reserved(): number {
    return this.#reserved
  }

  /** What is left in the window at `now`: its sums, and nothing of those before. */
  moveTo(now: number, { window }: Measure): void {
    const piece = pieceAt(window, now)
    // A clock that was put back does not bring an old window back.
    if (piece <= this.#piece) return
    this.#piece = piece
    if (window?.kind === 'calendar') this.#reserved = 0
    const { start } = countedSpan(window, now)
    for (const [at, amount] of this.#used) {
      if (at >= start) continue
      this.#used.delete(at)
      this.#sum -= amount
    }
    const isOver = window?.kind === 'rolling' ? this.#toldAt + window.ms < now : true
    if (!isOver) return
    this.#told = 0
    this.#toldRefusal = false
  }

  fits(amount: number, most: number): boolean {
    return this.#sum + this.#reserved + amount <= most
  }

  /** Gives the piece that it is counted in, for `settle`. */
  reserve(amount: number): number {
    this.#reserved += amount
    return this.#piece
  }

  /** In the place of what was reserved in `piece`, `amount` was used. */
  settle({ reserved, piece }: Held, amount: number, { window }: Measure): void {
    const isPresent = window?.kind === 'rolling' || piece === this.#piece
    if (!isPresent) return
    this.#reserved = Math.max(this.#reserved - reserved, 0)
    this.#add(piece, amount, window)
  }

  /** Of one who will never settle it. */
  giveBack(amount: number): void {
    this.#reserved = Math.max(this.#reserved - amount, 0)
  }

  /** What was used before anybody counted here. */
  seed(piece: number, amount: number, { window }: Measure): void {
    if (window?.kind === 'calendar' && piece !== this.#piece) return
    this.#add(piece, amount, window)
  }

  #add(piece: number, amount: number, window: Measure['window']): void {
    if (amount === 0 || !window) return
    if (window.kind === 'rolling' && piece < countedSpan(window, this.#piece).start) return
    const before = this.#used.get(piece)
    this.#used.set(piece, (before ?? 0) + amount)
    this.#sum += amount
    // A request that took long adds to an older piece than the newest.
    if (before === undefined && piece < this.#piece) this.#used = new Map([...this.#used].toSorted(byPiece))
  }

  /** The share that somebody is to be told of now, once in each window; undefined when there is none. */
  crossed(now: number, { alertAt, most }: Measure): number | undefined {
    const share = alertAt.findLast((one) => this.#sum >= one * most)
    if (share === undefined || share <= this.#told) return undefined
    this.#told = share
    this.#toldAt = now
    return share
  }

  /** Whether a refusal is the first one of the window. */
  isFirstRefusal(now: number): boolean {
    if (this.#toldRefusal) return false
    this.#toldRefusal = true
    this.#toldAt = now
    return true
  }

  /** Until the window ends; of a rolling one, until `wanted` has room as far as that depends on time. */
  resetMs(now: number, { window, most }: Measure, wanted: number): number {
    if (!window) return 1000
    const { end } = countedSpan(window, now)
    if (window.kind === 'calendar') return Math.max(end - now, 1)
    let missing = this.#sum + this.#reserved + wanted - most
    let until = now
    for (const [at, amount] of this.#used) {
      if (missing <= 0) break
      missing -= amount
      until = at + stepMs(window.ms) + window.ms
    }
    return Math.max(until - now, missing > 0 ? 1000 : 0)
  }

  standing(name: string, { now, measure, wanted = 1 }: Look): Standing {
    const { most } = measure
    const resetMs = this.resetMs(now, measure, wanted)
    return { bucket: name, most, used: this.#sum, reserved: this.#reserved, resetMs }
  }

  /** Whether it says no more than an empty one. */
  get isIdle(): boolean {
    return this.#sum === 0 && this.#reserved === 0
  }

  state(): BucketState {
    return {
      used: [...this.#used],
      reserved: this.#reserved,
      piece: this.#piece,
      told: this.#told,
      toldAt: this.#toldAt,
      toldRefusal: this.#toldRefusal,
    }
  }
}

/** What a request holds of a bucket. */
export interface Held {
  readonly reserved: number
  readonly piece: number
}

export interface Look {
  readonly now: number
  readonly measure: Measure
  /** How much there is to be room for. */
  readonly wanted?: number
}

function byPiece([one]: [number, number], [other]: [number, number]): number {
  return one - other
}

const EMPTY: BucketState = {
  used: [],
  reserved: 0,
  piece: -1,
  told: 0,
  toldAt: 0,
  toldRefusal: false,
}
