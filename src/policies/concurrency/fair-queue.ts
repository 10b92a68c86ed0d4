/**
 * What waits, in one line for each tenant. Their turns go round, so however long one tenant's line is, the first of
 * another waits for no more than one of each line.
 */
export class FairQueue<Item> {
  /** Lines that are not empty; the first is next, and one that had its turn goes to the end. */
  readonly #lines = new Map<string, Set<Item>>()
  #size = 0

  get size(): number {
    return this.#size
  }

  /** How many of one tenant wait. */
  sizeOf(tenant: string): number {
    return this.#lines.get(tenant)?.size ?? 0
  }

  add(tenant: string, item: Item): void {
    const line = this.#lines.get(tenant)
    if (line) line.add(item)
    else this.#lines.set(tenant, new Set([item]))
    this.#size++
  }

  /** Takes out one that waits no longer. */
  remove(tenant: string, item: Item): void {
    const line = this.#lines.get(tenant)
    if (!line?.delete(item)) return
    this.#size--
    if (line.size === 0) this.#lines.delete(tenant)
  }

  /** Takes out the one whose turn it is: the oldest of the next line. */
  next(): Item | undefined {
    for (const [tenant, line] of this.#lines) {
      for (const item of line) {
        this.remove(tenant, item)
        if (line.size > 0) {
          this.#lines.delete(tenant)
          this.#lines.set(tenant, line)
        }
        return item
      }
    }
    return undefined
  }

  /** The newest of the longest line, if that is longer than `length`; it stays. */
  newestOfLongerThan(length: number): Item | undefined {
    let longest: Set<Item> | undefined
    for (const line of this.#lines.values()) {
      if (line.size > (longest?.size ?? length)) longest = line
    }
    return longest && [...longest].at(-1)
  }
}
