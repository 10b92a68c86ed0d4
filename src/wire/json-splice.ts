/**
 * Writes members at the front of a JSON object without reading the rest, so that large bodies and numbers that
 * JavaScript cannot hold pass unchanged. The caller knows that `json` is an object without these members.
 */
export function spliceMembers(
  json: Buffer | string,
  members: Readonly<Record<string, unknown>>,
): Buffer | string {
  const inserted = JSON.stringify(members).slice(1, -1)
  if (inserted === '') return json
  const brace = json.indexOf('{')
  const comma = isEmptyObject(json, brace) ? '' : ','
  if (typeof json === 'string')
    return `${json.slice(0, brace + 1)}${inserted}${comma}${json.slice(brace + 1)}`
  return Buffer.concat([json.subarray(0, brace + 1), Buffer.from(inserted + comma), json.subarray(brace + 1)])
}

function isEmptyObject(json: Buffer | string, brace: number): boolean {
  for (let i = brace + 1; i < json.length; i++) {
    const code = typeof json === 'string' ? json.charCodeAt(i) : json[i]
    if (code === undefined || !isWhitespace(code)) return code === CLOSING_BRACE
  }
  return true
}

const CLOSING_BRACE = 125
const BACKSLASH = 0x5c

function isWhitespace(code: number): boolean {
  return code === 32 || code === 9 || code === 10 || code === 13
}

/**
 * The value of the last member with this name anywhere in a JSON text, parsed; undefined when there is none. Finds a
 * reply's `usage` without parsing megabytes of vectors before it.
 */
export function findLastObject(json: Buffer, name: string): unknown {
  const needle = needleOf(name)
  for (let at = json.lastIndexOf(needle); at !== -1; at = at === 0 ? -1 : json.lastIndexOf(needle, at - 1)) {
    const start = skipTo(json, at + needle.length)
    // Behind a backslash the quote is part of a longer name.
    if (start === -1 || json[at - 1] === BACKSLASH) continue
    const end = endOfObject(json, start)
    if (end === -1) continue
    try {
      return JSON.parse(json.toString('utf8', start, end))
    } catch {
      // Text that only looks like the member, inside a string: keep looking.
    }
  }
  return undefined
}

/** A buffer: a text would be made one with each search. */
function needleOf(name: string): Buffer {
  const known = needles.get(name)
  if (known) return known
  const needle = Buffer.from(`"${name}"`)
  needles.set(name, needle)
  return needle
}

const needles = new Map<string, Buffer>()

/** The index of the `{` after the colon, or -1 when something else stands there. */
function skipTo(json: Buffer, from: number): number {
  let colons = 0
  for (let i = from; i < json.length; i++) {
    const code = json[i]
    if (code === 0x3a && colons === 0) colons++
    else if (code === 0x7b && colons === 1) return i
    else if (code === undefined || !isWhitespace(code)) return -1
  }
  return -1
}

/** The index after the `}` that closes the object at `start`. */
function endOfObject(json: Buffer, start: number): number {
  let depth = 0
  let inString = false
  for (let i = start; i < json.length; i++) {
    const code = json[i]
    if (inString) {
      if (code === BACKSLASH) i++
      else if (code === 0x22) inString = false
    } else if (code === 0x22) inString = true
    else if (code === 0x7b) depth++
    else if (code === CLOSING_BRACE && --depth === 0) return i + 1
  }
  return -1
}
