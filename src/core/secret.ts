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

const LONGEST = 65_536

/**
 * Why a text cannot be a credential, in words that follow its place; undefined when it can. Credentials travel in HTTP
 * headers: what cannot stand in one is told when it is given, not at the first request.
 */
export function credentialProblem(text: string): string | undefined {
  if (text.trim() === '') return 'is empty'
  if (text.length > LONGEST) return 'is longer than 64 KB; is it the right one?'
  if (/^[\x20-\x7e]*$/.test(text)) return undefined
  return 'holds a line break or a character that HTTP headers do not allow; give the key alone, in one line of printable ASCII'
}
