export type JsonValue = string | number | boolean | null | JsonValue[] | JsonObject
export interface JsonObject {
  [key: string]: JsonValue
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** `value` when it is a string, else undefined: for fields of a provider's reply, which may hold anything. */
export function asString(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

/** `value` when it is a finite number, else undefined. */
export function asNumber(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}

/** `value` when it is true or false, else undefined. */
export function asBoolean(value: unknown): boolean | undefined {
  return typeof value === 'boolean' ? value : undefined
}

export function asArray(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}

export function asObject(value: unknown): JsonObject {
  return isObject(value) ? value : {}
}

/** The members of `object` not named in `known`; undefined values are left out. */
export function omit(object: JsonObject, known: ReadonlySet<string>): JsonObject {
  const rest: JsonObject = {}
  for (const key in object) {
    const value = object[key]
    if (value === undefined || known.has(key)) continue
    // Assigned, a member of this name would become the prototype.
    if (key === '__proto__') Object.defineProperty(rest, key, { value, enumerable: true })
    else rest[key] = value
  }
  return rest
}
