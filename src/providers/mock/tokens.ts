const SPACE = 32
/** Longer words are cut into pieces, as real tokenizers do with rare ones. */
const LONGEST_WORD = 8
const PIECE = 4
const LONGEST_NUMBER = 3
const LONGEST_GAP = 16
/** From here on (CJK, emoji) every character is a token. */
const WIDE = 0x2e80

/**
 * Cuts a text into tokens that join to it again: a word with the space before it, up to three digits, one mark of
 * punctuation, a run of white space. It is nobody's tokenizer, but English comes out near four characters a token.
 */
export function splitTokens(text: string): string[] {
  const tokens: string[] = []
  for (let start = 0; start < text.length;) {
    const end = tokenEnd(text, start)
    tokens.push(text.slice(start, end))
    start = end
  }
  return tokens
}

/** How many tokens `splitTokens` would give. */
export function countTokens(text: string): number {
  let count = 0
  for (let start = 0; start < text.length; count++) start = tokenEnd(text, start)
  return count
}

type Kind = 'letter' | 'digit' | 'gap' | 'mark' | 'wide'

function tokenEnd(text: string, start: number): number {
  const spaced = text.charCodeAt(start) === SPACE && start + 1 < text.length
  const from = spaced && kindOf(text.charCodeAt(start + 1)) !== 'gap' ? start + 1 : start
  const kind = kindOf(text.charCodeAt(from))
  switch (kind) {
    case 'letter': {
      const end = runEnd(text, from, LONGEST_WORD + 1)
      return end - from > LONGEST_WORD ? from + PIECE : end
    }
    case 'digit':
      return runEnd(text, from, LONGEST_NUMBER)
    case 'gap':
      return runEnd(text, from, LONGEST_GAP)
    case 'wide':
      return from + ((text.codePointAt(from) ?? 0) > 0xffff ? 2 : 1)
    case 'mark':
      break
  }
  return from + 1
}

/** The end of the run of one kind, looking no further than `longest`: a text without spaces must not cost its square. */
function runEnd(text: string, start: number, longest: number): number {
  const kind = kindOf(text.charCodeAt(start))
  const limit = Math.min(text.length, start + longest)
  let end = start + 1
  while (end < limit && kindOf(text.charCodeAt(end)) === kind) end++
  return end
}

function kindOf(code: number): Kind {
  if (code >= 0x61 && code <= 0x7a) return 'letter'
  if (code >= 0x41 && code <= 0x5a) return 'letter'
  if (code >= 0x30 && code <= 0x39) return 'digit'
  if (code === SPACE || (code >= 9 && code <= 13) || code === 0xa0) return 'gap'
  if (code < 0xc0) return 'mark'
  if (code >= 0x2000 && code < WIDE) return 'mark'
  return code >= WIDE ? 'wide' : 'letter'
}
