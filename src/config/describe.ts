import type { OptionSchema } from '../core/options.ts'
import { isObject } from '../core/json.ts'
import { listed } from './nearest.ts'
import { choices, typesOf } from './schema-node.ts'

const WORDS: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  integer: 'an integer',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
  null: 'null',
}

/** What a schema wants, in words for a message. */
export function describe(schema: OptionSchema): string {
  if (schema.duration) return 'a time such as 250ms, 30s, 5m or 1h'
  const values = choices(schema)
  if (values) return listed(values.map(String))
  if (schema.anyOf) return schema.anyOf.map(describe).join(' or ')
  return typesOf(schema)
    .map((type) => WORDS[type] ?? type)
    .join(' or ')
}

/** Whether a YAML value is of a JSON Schema type. Infinite numbers are none: JSON cannot carry them. */
export function matchesType(value: unknown, type: string): boolean {
  switch (type) {
    case 'string':
    case 'boolean':
      return typeof value === type
    case 'number':
      return Number.isFinite(value)
    case 'integer':
      return Number.isSafeInteger(value)
    case 'array':
      return Array.isArray(value)
    case 'object':
      return isObject(value)
    case 'null':
      return value === null
    default:
      return false
  }
}
