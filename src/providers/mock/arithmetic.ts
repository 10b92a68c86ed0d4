const SPELLED: readonly (readonly [RegExp, string])[] = [
  [/\bplus\b/gi, '+'],
  [/\bminus\b/gi, '-'],
  [/\b(?:times|multiplied by)\b/gi, '*'],
  [/\bdivided by\b/gi, '/'],
  [/\bto the power of\b/gi, '^'],
  [/(?<=[\d)])\s*[x×]\s*(?=[\d(])/gi, ' * '],
  [/÷/g, '/'],
  [/−/g, '-'],
  [/(?<=\d),(?=\d{3})/g, ''],
]

const LEAD =
  /^(?:hi|hello|hey|please|so|and|now|quick question)?[,:!]?\s*(?:can you |could you )?(?:please )?(?:what is|what's|whats|what does|how much is|calculate|compute|evaluate|solve|work out|tell me)?:?\s*/i
const TAIL = /\s*(?:=\s*)?(?:equal|equals|make)?\s*(?:=|\?|\.|!|please|\s)*$/i
const LONGEST = 200

/** A sum found in a prompt such as "What is 2 + 3?", and its value: not finite when it divides by zero. */
export interface Sum {
  expression: string
  value: number
}

/** The sum that a prompt consists of; undefined when it is about something else. */
export function findSum(prompt: string): Sum | undefined {
  if (prompt.length > LONGEST || !/\d/.test(prompt)) return undefined
  let text = prompt.trim().replace(LEAD, '').replace(TAIL, '')
  for (const [spelled, sign] of SPELLED) text = text.replace(spelled, sign)
  if (!/^[\d\s.+\-*/^%()]+$/.test(text) || !/\d\s*\)*\s*[+\-*/^%]/.test(text)) return undefined
  const value = new Parser(text).parse()
  if (value === undefined) return undefined
  const expression = text.replaceAll(/\s+/g, '').replaceAll(/(?<=[\d)])([+\-*/%])/g, ' $1 ')
  return { expression, value: Number.isFinite(value) ? Number(value.toPrecision(12)) : value }
}

/** Recursive descent over `+ - * / % ^` and brackets, with the usual precedence. The text is at most 200 long. */
class Parser {
  readonly #tokens: string[]
  #at = 0

  constructor(text: string) {
    this.#tokens = text.match(/\d+(?:\.\d+)?|\.\d+|\S/g) ?? []
  }

  parse(): number | undefined {
    const value = this.#terms()
    return this.#at === this.#tokens.length ? value : undefined
  }

  #terms(): number | undefined {
    let value = this.#factors()
    while (value !== undefined && (this.#peek === '+' || this.#peek === '-')) {
      const sign = this.#take() === '+' ? 1 : -1
      const right = this.#factors()
      value = right === undefined ? undefined : value + sign * right
    }
    return value
  }

  #factors(): number | undefined {
    let value = this.#power()
    while (value !== undefined && (this.#peek === '*' || this.#peek === '/' || this.#peek === '%')) {
      const operator = this.#take()
      const right = this.#power()
      if (right === undefined) return undefined
      if (operator === '*') value *= right
      else value = operator === '/' ? value / right : value % right
    }
    return value
  }

  #power(): number | undefined {
    if (this.#peek === '-') {
      this.#take()
      const value = this.#power()
      return value === undefined ? undefined : -value
    }
    const base = this.#atom()
    if (base === undefined || this.#peek !== '^') return base
    this.#take()
    const exponent = this.#power()
    return exponent === undefined ? undefined : base ** exponent
  }

  #atom(): number | undefined {
    const token = this.#take()
    if (token !== '(') return token !== undefined && /\d/.test(token) ? Number(token) : undefined
    const value = this.#terms()
    return this.#take() === ')' ? value : undefined
  }

  get #peek(): string | undefined {
    return this.#tokens[this.#at]
  }

  #take(): string | undefined {
    return this.#tokens[this.#at++]
  }
}
