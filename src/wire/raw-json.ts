import type { JsonValue } from '../core/json.ts'

/** JSON text that stands inside a value as it came, so that numbers beyond 2^53 and the order of members survive. */
export class RawJson {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

export type RawJsonValue = JsonValue | RawJson | RawJsonValue[] | RawJsonObject
export interface RawJsonObject {
  [key: string]: RawJsonValue
}

/** The text as a part of a larger value when it is a JSON object, however it is spaced; else undefined. */
export function rawObject(text: string): RawJson | undefined {
  if (!text.trimStart().startsWith('{')) return undefined
  try {
    JSON.parse(text)
  } catch {
    return undefined
  }
  return new RawJson(text)
}

/** `JSON.stringify` for a value with raw parts. */
export function stringifyRaw(value: RawJsonValue): string {
  if (value instanceof RawJson) return value.text
  if (Array.isArray(value)) return `[${value.map(stringifyRaw).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value).map(
    ([name, member]) => `${JSON.stringify(name)}:${stringifyRaw(member)}`,
  )
  return `{${members.join(',')}}`
}
