import { createHash } from 'node:crypto'
import { inspect } from 'node:util'

const REDACTED = '[redacted]'

/**
 * A credential that cannot be printed by accident: string conversion, JSON and `inspect` all give `[redacted]`.
 * Only `reveal()` returns the text, so every place that uses a secret can be found by that word.
 */
export class Secret {
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  /** The secret itself, for the one header or message that needs it. */
  reveal(): string {
    return this.#text
  }

  /** A short digest that tells two secrets apart without giving either away. */
  fingerprint(): string {
    return createHash('sha256').update(this.#text).digest('hex').slice(0, 16)
  }

  toString(): string {
    return REDACTED
  }

  toJSON(): string {
    return REDACTED
  }

  // Defined this way because isolated declarations cannot name a computed method.
  static {
    Object.defineProperty(Secret.prototype, inspect.custom, { value: () => REDACTED })
  }
}
