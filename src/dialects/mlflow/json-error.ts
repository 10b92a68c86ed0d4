/** A syntax error as Python's `json` module reports it: MLflow's 422 for a broken body is made of these. */
export interface PythonJsonError {
  msg: string
  /** Offset in characters. */
  pos: number
  lineno: number
  colno: number
}

/** Where and why `doc` is not JSON, in Python's words. Called only for text that `JSON.parse` refused. */
export function findJsonError(doc: string): PythonJsonError {
  const { msg, pos } = new Scanner(doc).scan()
  const before = doc.slice(0, pos)
  const lineno = before.split('\n').length
  const colno = characters(before.slice(before.lastIndexOf('\n') + 1)) + 1
  return { msg, pos: characters(before), lineno, colno }
}

/** Python counts characters where JavaScript counts their halves. */
function characters(text: string): number {
  return text.length - (text.match(/[\uD800-\uDBFF][\uDC00-\uDFFF]/g)?.length ?? 0)
}

interface Problem {
  msg: string
  pos: number
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?/y
const LITERAL = /true|false|null/y
const WHITESPACE = /[ \t\n\r]*/y
const ESCAPE = /["\\/bfnrt]|u[0-9a-fA-F]{4}/y

/** A JSON scanner without recursion, so that no nesting is too deep for it. It builds no values. */
class Scanner {
  readonly #doc: string
  #at = 0
  #problem: Problem | undefined
  /** The closing brackets still owed. */
  readonly #open: ('}' | ']')[] = []

  constructor(doc: string) {
    this.#doc = doc
  }

  scan(): Problem {
    this.#space()
    this.#value()
    while (!this.#problem && this.#open.length > 0) this.#afterValue()
    if (this.#problem) return this.#problem
    this.#space()
    return { msg: this.#at < this.#doc.length ? 'Extra data' : 'Expecting value', pos: this.#at }
  }

  /** One value, or as much of it as opens before its first scalar; `#open` tells what is still to be closed. */
  #value(): void {
    while (!this.#problem && this.#startValue());
  }

  /** Whether a bracket was opened inside which another value must stand. */
  #startValue(): boolean {
    const start = this.#doc[this.#at]
    if (start === '{') return this.#openObject()
    if (start === '[') return this.#openList()
    if (start === '"') this.#string()
    else if (!this.#take(NUMBER) && !this.#take(LITERAL)) this.#fail('Expecting value')
    return false
  }

  #openObject(): boolean {
    if (this.#closesAtOnce('}')) return false
    this.#open.push('}')
    return this.#member()
  }

  #openList(): boolean {
    if (this.#closesAtOnce(']')) return false
    this.#open.push(']')
    return true
  }

  #closesAtOnce(bracket: '}' | ']'): boolean {
    this.#at++
    this.#space()
    if (this.#doc[this.#at] !== bracket) return false
    this.#at++
    return true
  }

  /** A member's name and colon; whether its value may follow. */
  #member(): boolean {
    if (this.#doc[this.#at] !== '"') return this.#fail('Expecting property name enclosed in double quotes')
    this.#string()
    this.#space()
    if (this.#problem) return false
    if (this.#doc[this.#at] !== ':') return this.#fail("Expecting ':' delimiter")
    this.#at++
    this.#space()
    return true
  }

  #afterValue(): void {
    this.#space()
    const next = this.#doc[this.#at]
    const closing = this.#open.at(-1)
    if (next === closing) {
      this.#at++
      this.#open.pop()
      return
    }
    if (next !== ',') {
      this.#fail("Expecting ',' delimiter")
      return
    }
    this.#at++
    this.#space()
    if (closing !== '}' || this.#member()) this.#value()
  }

  #string(): void {
    const start = this.#at++
    for (;;) {
      const char = this.#doc[this.#at]
      if (char === undefined) {
        this.#problem = { msg: 'Unterminated string starting at', pos: start }
        return
      }
      if (char < ' ') {
        this.#fail('Invalid control character at')
        return
      }
      this.#at++
      if (char === '"') return
      if (char === '\\' && !this.#take(ESCAPE)) {
        this.#badEscape(start)
        return
      }
    }
  }

  #badEscape(start: number): void {
    const next = this.#doc[this.#at]
    if (next === undefined) this.#problem = { msg: 'Unterminated string starting at', pos: start }
    else if (next === 'u') this.#fail('Invalid \\uXXXX escape')
    else this.#problem = { msg: 'Invalid \\escape', pos: this.#at - 1 }
  }

  #space(): void {
    this.#take(WHITESPACE)
  }

  #take(pattern: RegExp): boolean {
    pattern.lastIndex = this.#at
    const match = pattern.exec(this.#doc)
    if (!match) return false
    this.#at += match[0].length
    return true
  }

  #fail(msg: string): false {
    this.#problem = { msg, pos: this.#at }
    return false
  }
}
