/** One member of a JSON object, by where it stands in the text. */
export interface Member {
  name: string
  /** Of the quote before the name. */
  from: number
  /** Of the value's first byte, and of the byte after its last. */
  start: number
  end: number
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COLON = 0x3a
const COMMA = 0x2c
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d
const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d

/**
 * Where the members of a JSON object stand, without reading their values: a prompt of a megabyte is one jump from quote
 * to quote. Undefined when the text is no object, or is broken in a way that hides where a member ends.
 */
export function scanMembers(json: Buffer): Member[] | undefined {
  let at = skipSpace(json, 0)
  if (json[at] !== OPEN_BRACE) return undefined
  const members: Member[] = []
  at = skipSpace(json, at + 1)
  if (json[at] === CLOSE_BRACE) return isBlank(json, at + 1) ? members : undefined
  for (;;) {
    const member = scanMember(json, at)
    if (!member) return undefined
    members.push(member)
    at = skipSpace(json, member.end)
    if (json[at] === CLOSE_BRACE) return isBlank(json, at + 1) ? members : undefined
    if (json[at] !== COMMA) return undefined
    at = skipSpace(json, at + 1)
  }
}

/** The value of a member, parsed. Undefined when it is not valid JSON. */
export function parseMember(json: Buffer, { start, end }: Member): unknown {
  try {
    return JSON.parse(json.toString('utf8', start, end))
  } catch {
    return undefined
  }
}

/** The same object with another value for one member. */
export function replaceMember(json: Buffer, { start, end }: Member, value: unknown): Buffer {
  return Buffer.concat([json.subarray(0, start), Buffer.from(JSON.stringify(value)), json.subarray(end)])
}

/** The same object without one member, and without the comma that it leaves behind. */
export function removeMember(json: Buffer, { from, end }: Member): Buffer {
  const next = skipSpace(json, end)
  if (json[next] === COMMA)
    return Buffer.concat([json.subarray(0, from), json.subarray(skipSpace(json, next + 1))])
  let before = from - 1
  while (isSpace(json[before])) before--
  const cut = json[before] === COMMA ? before : from
  return Buffer.concat([json.subarray(0, cut), json.subarray(end)])
}

function scanMember(json: Buffer, from: number): Member | undefined {
  if (json[from] !== QUOTE) return undefined
  const nameEnd = endOfString(json, from)
  const colon = skipSpace(json, nameEnd)
  if (nameEnd === -1 || json[colon] !== COLON) return undefined
  const name = parseMember(json, { name: '', from, start: from, end: nameEnd })
  const start = skipSpace(json, colon + 1)
  const end = endOfValue(json, start)
  return typeof name === 'string' && end > start ? { name, from, start, end } : undefined
}

/** The index after a value, or -1 when it has no end. */
function endOfValue(json: Buffer, start: number): number {
  const first = json[start]
  if (first === QUOTE) return endOfString(json, start)
  if (first === OPEN_BRACE || first === OPEN_BRACKET) return endOfNested(json, start)
  let at = start
  while (at < json.length && !isDelimiter(json[at])) at++
  return at
}

function endOfNested(json: Buffer, start: number): number {
  let depth = 0
  for (let at = start; at < json.length; at++) {
    const code = json[at]
    if (code === QUOTE) {
      const end = endOfString(json, at)
      if (end === -1) return -1
      at = end - 1
    } else if (code === OPEN_BRACE || code === OPEN_BRACKET) depth++
    else if ((code === CLOSE_BRACE || code === CLOSE_BRACKET) && --depth === 0) return at + 1
  }
  return -1
}

function endOfString(json: Buffer, start: number): number {
  for (let at = json.indexOf(QUOTE, start + 1); at !== -1; at = json.indexOf(QUOTE, at + 1)) {
    let backslashes = 0
    while (json[at - 1 - backslashes] === BACKSLASH) backslashes++
    if (backslashes % 2 === 0) return at + 1
  }
  return -1
}

function skipSpace(json: Buffer, from: number): number {
  let at = from
  while (isSpace(json[at])) at++
  return at
}

function isBlank(json: Buffer, from: number): boolean {
  return skipSpace(json, from) === json.length
}

function isSpace(code: number | undefined): boolean {
  return code === 32 || code === 9 || code === 10 || code === 13
}

function isDelimiter(code: number | undefined): boolean {
  return code === COMMA || code === CLOSE_BRACE || code === CLOSE_BRACKET || isSpace(code)
}
