import { isObject } from '../../core/json.ts'

/**
 * A 64-bit fingerprint that grows as values are added; the source of everything the mock decides. It is not
 * cryptographic. Members of an object count alike in any order, so a request that is written again keeps its answer.
 */
export class Digest {
  #high: number
  #low: number

  constructor(start: { high: number; low: number } = { high: 0x9e3779b9, low: 0x85ebca6b }) {
    this.#high = start.high
    this.#low = start.low
  }

  /** A copy that can grow without changing this one. */
  fork(): Digest {
    return new Digest({ high: this.#high, low: this.#low })
  }

  addText(text: string): this {
    let high = this.#high ^ text.length
    let low = this.#low
    for (let index = 0; index < text.length; index++) {
      const code = text.charCodeAt(index)
      high = Math.imul(high ^ code, 0x9e3779b1)
      low = Math.imul(low ^ code, 0x5f356495)
    }
    this.#high = high ^ (high >>> 15)
    this.#low = low ^ (low >>> 13)
    return this
  }

  /** Any JSON value; `undefined` counts as a value of its own. */
  addValue(value: unknown): this {
    if (typeof value === 'string') return this.#mark(1).addText(value)
    if (Array.isArray(value)) {
      this.#mark(2)
      for (const item of value) this.addValue(item)
      return this.#mark(3)
    }
    if (isObject(value)) return this.#addMembers(value)
    return this.#mark(4).addText(String(value))
  }

  /** A stream of random numbers for one purpose; other purposes get independent streams. */
  random(purpose: string): Random {
    const { high, low } = this.fork().addText(purpose).#state()
    return new Random(high, low)
  }

  #addMembers(members: Record<string, unknown>): this {
    let high = 0
    let low = 0
    for (const key in members) {
      const state = new Digest().addText(key).addValue(members[key]).#state()
      high = (high + state.high) | 0
      low = (low + state.low) | 0
    }
    return this.#mark(high).#mark(low)
  }

  #mark(code: number): this {
    this.#high = Math.imul(this.#high ^ code, 0x85ebca6b) ^ (this.#low >>> 7)
    this.#low = Math.imul(this.#low ^ code, 0xc2b2ae35)
    return this
  }

  #state(): { high: number; low: number } {
    return { high: this.#high, low: this.#low }
  }
}

const ALPHANUMERIC = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

/** The sfc32 generator of PractRand: small, fast and the same on every machine. */
export class Random {
  #a: number
  #b: number
  #c = 0x1f123bb5
  #counter = 1

  constructor(high: number, low: number) {
    this.#a = high | 0
    this.#b = low | 0
    // The first outputs still resemble the seed.
    for (let round = 0; round < 8; round++) this.next()
  }

  /** A number from 0 up to, but not including, 1. */
  next(): number {
    const result = (this.#a + this.#b + this.#counter) | 0
    this.#counter = (this.#counter + 1) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + result) | 0
    return (result >>> 0) / 4_294_967_296
  }

  /** A whole number from 0 up to, but not including, `limit`. */
  below(limit: number): number {
    return Math.floor(this.next() * limit)
  }

  /** `length` letters and digits. */
  id(length: number): string {
    let text = ''
    for (let index = 0; index < length; index++) text += ALPHANUMERIC[this.below(ALPHANUMERIC.length)]
    return text
  }

  /** A standard normal deviate (Box-Muller). */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.next()))
    return radius * Math.cos(2 * Math.PI * this.next())
  }
}
