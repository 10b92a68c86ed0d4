/** Deeper bodies are left alone: nobody means them. */
const MAX_DEPTH = 256

/**
 * One text for all spellings of a JSON value that differ in space and in the order of members only; undefined for what
 * is not JSON. Numbers and strings stay as they are written, and members of one name all stay: a provider may read them
 * otherwise than `JSON.parse` does, and two requests that it tells apart must not become one. Each byte is one character
 * of the text.
 */
export function canonicalJson(body: Buffer): string | undefined {
  try {
    const scanner = new Scanner(body.toString('latin1'))
    const value = scanner.value(0)
    return scanner.isAtEnd() ? value : undefined
  } catch (error) {
    if (error instanceof NotJson) return undefined
    throw error
  }
}

class NotJson extends Error {}

class Scanner {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  isAtEnd(): boolean {
    return this.#next() === ''
  }

  value(depth: number): string {
    if (depth > MAX_DEPTH) throw new NotJson()
    switch (this.#next()) {
      case '{':
        return `{${this.#list('}', () => this.#member(depth))
          .toSorted(byName)
          .map(joined)
          .join(',')}}`
      case '[':
        return `[${this.#list(']', () => this.value(depth + 1)).join(',')}]`
      case '"':
        return this.#string()
      default:
        return this.#literal()
    }
  }

  #member(depth: number): Member {
    if (this.#next() !== '"') throw new NotJson()
    const name = this.#string()
    if (this.#next() !== ':') throw new NotJson()
    this.#at++
    return { name, value: this.value(depth + 1) }
  }

  #list<Item>(close: string, item: () => Item): Item[] {
    this.#at++
    const items: Item[] = []
    if (this.#next() === close) {
      this.#at++
      return items
    }
    for (;;) {
      items.push(item())
      const mark = this.#next()
      this.#at++
      if (mark === close) return items
      if (mark !== ',') throw new NotJson()
    }
  }

  #string(): string {
    const start = this.#at
    for (let quote = start; ;) {
      quote = this.#text.indexOf('"', quote + 1)
      if (quote === -1) throw new NotJson()
      let escapes = 0
      while (this.#text.charCodeAt(quote - 1 - escapes) === BACKSLASH) escapes++
      if (escapes % 2 === 1) continue
      this.#at = quote + 1
      return this.#text.slice(start, this.#at)
    }
  }

  #literal(): string {
    LITERAL.lastIndex = this.#at
    const found = LITERAL.exec(this.#text)?.[0]
    if (found === undefined) throw new NotJson()
    this.#at += found.length
    return found
  }

  /** The next character that is no space, which stays the next one; empty at the end. */
  #next(): string {
    while (SPACE.has(this.#text.charCodeAt(this.#at))) this.#at++
    return this.#text.charAt(this.#at)
  }
}

interface Member {
  /** As written, with its quotes. */
  name: string
  value: string
}

const BACKSLASH = 92
const SPACE: ReadonlySet<number> = new Set([9, 10, 13, 32])
const LITERAL = /true|false|null|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y

/** Members of one name keep their order. */
function byName(a: Member, b: Member): number {
  if (a.name === b.name) return 0
  return a.name < b.name ? -1 : 1
}

function joined({ name, value }: Member): string {
  return `${name}:${value}`
}
