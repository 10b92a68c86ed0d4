/** Texts of which most come again and again: names of routes, models and people. */
const known = new Map<string, string>()
const MAX_KNOWN = 1_000
const MAX_LENGTH = 200

/** A text as JSON. */
export function quoted(text: string): string {
  const json = known.get(text)
  if (json !== undefined) return json
  const made = JSON.stringify(text)
  if (text.length > MAX_LENGTH) return made
  if (known.size >= MAX_KNOWN) known.clear()
  known.set(text, made)
  return made
}

/** A number as JSON; those that JSON does not have are written as nothing known. */
export function numberJson(value: number): string {
  return Number.isFinite(value) ? String(value) : 'null'
}

/** Members of a JSON object, written one by one: several times as fast as an object that is made to be written. */
export class JsonMembers {
  /** Each with a comma before it. */
  text = ''

  /** What is undefined is left out. */
  add(name: string, value: unknown): void {
    if (value === undefined) return
    this.text += `,"${name}":${jsonOf(value)}`
  }
}

function jsonOf(value: unknown): string {
  if (typeof value === 'string') return quoted(value)
  return typeof value === 'number' ? numberJson(value) : JSON.stringify(value)
}
