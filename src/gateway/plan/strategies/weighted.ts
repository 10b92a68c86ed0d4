import type { Branch, Strategy } from '../plan.ts'

/**
 * Shares by weight, exact over any run of requests: each choice gives every branch its weight in credit, takes the one
 * with most, and takes the sum of the weights from it. Each worker does this for itself, and so the sum over workers is
 * exact too.
 * Source: https://github.com/nginx/nginx/commit/52327e0627f49dbda1e8db695e63a4b0af4448b1
 */
export class Weighted implements Strategy {
  readonly name = 'weighted'
  readonly #credits = new Map<Branch, number>()
  #phase: number

  /** `phase` choices are made unseen before the first. */
  constructor(phase = 0) {
    this.#phase = phase
  }

  choose(branches: readonly Branch[], isFirst: boolean): Branch {
    for (; this.#phase > 0; this.#phase--) this.#next(branches)
    return isFirst ? this.#next(branches) : this.#richest(branches)
  }

  #next(branches: readonly Branch[]): Branch {
    let total = 0
    for (const branch of branches) {
      total += branch.weight
      this.#credits.set(branch, this.#creditOf(branch) + branch.weight)
    }
    const chosen = this.#richest(branches)
    this.#credits.set(chosen, this.#creditOf(chosen) - total)
    return chosen
  }

  #richest(branches: readonly Branch[]): Branch {
    let [best] = branches
    for (const branch of branches) {
      if (!best || this.#creditOf(branch) > this.#creditOf(best)) best = branch
    }
    if (!best) throw new RangeError('a strategy needs a branch to choose')
    return best
  }

  #creditOf(branch: Branch): number {
    return this.#credits.get(branch) ?? 0
  }
}
