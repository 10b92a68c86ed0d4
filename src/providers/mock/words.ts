const STOP_WORDS: ReadonlySet<string> = new Set(
  (
    'a about after all also am an and any are as ask at be been before but by can could did do does for from get ' +
    'give had has have he her here him his how i if in into is it its just know let like make many may me might ' +
    'more most much must my need no not now of on one only or other our out over please say shall she should so ' +
    'some such tell than that the their them then there these they this those to too up us use very want was we ' +
    'well were what when where which who whom whose why will with would yes you your hello hey thanks thank write ' +
    'explain describe summarize summarise translate create generate draft compare following text word words'
  ).split(' '),
)

/** The words of a text, as they are written. */
export function wordsOf(text: string): string[] {
  return text.match(/[\p{L}\p{N}](?:[\p{L}\p{N}'’-]*[\p{L}\p{N}])?/gu) ?? []
}

/** Whether a lower-case word carries no topic of its own. */
export function isStopWord(word: string): boolean {
  return STOP_WORDS.has(word)
}

/** The first `limit` different words that say what a text is about; all its words when none does. */
export function keyWords(text: string, limit: number): string[] {
  const words = wordsOf(text)
  const telling = words.filter((word) => word.length > 2 && !isStopWord(bare(word)))
  const seen = new Set<string>()
  const found: string[] = []
  for (const word of telling.length > 0 ? telling : words) {
    if (found.length === limit) break
    if (seen.has(plain(word))) continue
    seen.add(plain(word))
    found.push(clip(word, 40))
  }
  return found
}

/** A word in lower case without a plural `s`, for comparing. */
export function stem(word: string): string {
  const lower = plain(word)
  return lower.length > 3 && lower.endsWith('s') && !lower.endsWith('ss') ? lower.slice(0, -1) : lower
}

/** Capitalised names within a sentence ("New York"), else the words after "in", "for", "to", "from" and "at". */
export function namesIn(text: string): string[] {
  const inside = text.match(/(?<=[\p{Ll}\p{N},;:] )\p{Lu}[\p{L}'’-]*(?: \p{Lu}[\p{L}'’-]*)*/gu) ?? []
  const names = inside.filter((name) => !isStopWord(plain(name)))
  if (names.length > 0) return names
  const placed = text.match(/(?<=\b(?:in|for|to|from|at) )[\p{L}][\p{L}'’-]*/gu) ?? []
  return placed.filter((name) => !isStopWord(plain(name)))
}

/** At most `limit` characters on one line, cut at a word where possible and marked with an ellipsis. */
export function clip(text: string, limit: number): string {
  const line = text.replaceAll(/\s+/g, ' ').trim()
  if (line.length <= limit) return line
  const cut = line.slice(0, limit).replace(/[\ud800-\udbff]$/, '')
  const space = cut.lastIndexOf(' ')
  return `${space > limit / 2 ? cut.slice(0, space) : cut}…`
}

/** "a", "a and b", "a, b and c". */
export function listed(items: readonly string[]): string {
  if (items.length < 2) return items[0] ?? ''
  return `${items.slice(0, -1).join(', ')} and ${items.at(-1) ?? ''}`
}

/** `what's` counts as `what`. */
function bare(word: string): string {
  return plain(word).replace(/['’].*$/, '')
}

function plain(word: string): string {
  return word.toLowerCase()
}
