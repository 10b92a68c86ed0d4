/** A hundred percent, in units small enough for any percentage to be a whole number: sums of fractions would drift. */
const WHOLE = 100_000_000

/** Picks an exact share of what comes by: after each, the number picked is the nearest to the share of all so far. */
export class Share {
  readonly #step: number
  #owed = WHOLE / 2

  constructor(percent: number) {
    this.#step = Math.round((percent * WHOLE) / 100)
  }

  /** Whether this one is picked. */
  take(): boolean {
    this.#owed += this.#step
    if (this.#owed < WHOLE) return false
    this.#owed -= WHOLE
    return true
  }
}
