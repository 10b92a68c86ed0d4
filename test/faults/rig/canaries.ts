import { randomBytes } from 'node:crypto'

/** A secret that is unique, so that wherever it turns up it can only have been leaked. */
interface Canary {
  readonly role: string
  readonly value: string
  readonly spellings: ReadonlyMap<string, string>
}

/** As letters and digits, so that no part of it could be a part of some other hexadecimal number. */
const RANDOM_BYTES = 18
const SHORTEST_RUN = 8

/** The secrets of one run, and the search for them. */
export class Canaries {
  readonly #canaries: Canary[] = []

  /** A new secret, such as a provider's key; some of its characters are written otherwise in URLs and JSON. */
  make(role: string): string {
    const random = randomBytes(RANDOM_BYTES).toString('base64url').replaceAll(/[-_]/g, 'Q')
    const value = `CANARY-${role}/+=${random}`
    this.#canaries.push({ role, value, spellings: spellingsOf(value, random) })
    return value
  }

  /** Each secret that is in there, in whatever spelling, in words. */
  find(where: string, content: string | Buffer): string[] {
    const text = typeof content === 'string' ? content : content.toString('latin1')
    return this.#canaries.flatMap(({ role, spellings }) => {
      const found = [...spellings].find(([spelling]) => text.includes(spelling))
      return found ? [`the secret ${role} is in ${where}, ${found[1]}`] : []
    })
  }
}

/** Texts by which a secret is known, and what they are. A part of it that nobody could guess is as good as all. */
function spellingsOf(value: string, random: string): Map<string, string> {
  const spellings = new Map<string, string>([[value, 'as it is']])
  for (const shift of [0, 1, 2]) {
    // The first and last characters depend on what stands beside it.
    const bytes = Buffer.from('x'.repeat(shift) + value)
    const cut = (text: string): string => text.slice(shift + 2, -4)
    spellings.set(cut(bytes.toString('base64')), 'in base64')
    spellings.set(cut(bytes.toString('base64url')), 'in base64')
  }
  const hex = Buffer.from(value).toString('hex')
  for (const digits of [hex, hex.toUpperCase()]) {
    spellings.set(digits, 'in hex')
    spellings.set(digits.replaceAll(/../g, '%$&'), 'percent-encoded')
    spellings.set(digits.replaceAll(/../g, String.raw`\u00$&`), 'escaped for JSON')
  }
  spellings.set(encodeURIComponent(value), 'percent-encoded')
  spellings.set(value.replaceAll('/', String.raw`\/`), 'escaped for JSON')
  for (let start = 0; start + SHORTEST_RUN <= random.length; start++) {
    spellings.set(random.slice(start, start + SHORTEST_RUN), 'in part')
  }
  return spellings
}
