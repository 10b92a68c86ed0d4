import { asArray, asObject, asString, isObject, type JsonObject, type JsonValue } from '../../core/json.ts'
import { fieldsOf } from './fields.ts'

/**
 * A `Schema`, Google's subset of OpenAPI with its types in capitals, as JSON Schema. Members that both have, and those
 * that only JSON Schema knows, stay as they are.
 * Spec: https://ai.google.dev/api/caching#Schema
 */
export function readSchema(schema: JsonValue | undefined): JsonObject {
  const {
    nullable,
    type,
    properties,
    items,
    anyOf,
    propertyOrdering: _order,
    example,
    ...rest
  } = fieldsOf(schema)
  const read: JsonObject = {}
  const types = readTypes(type, nullable === true && anyOf === undefined)
  if (types !== undefined) read['type'] = types
  for (const [name, value] of Object.entries(rest)) {
    // Google's own way of saying that a string has an `enum`.
    if (name === 'format' && value === 'enum') continue
    if (value !== null) read[name] = COUNTS.has(name) && typeof value === 'string' ? Number(value) : value
  }
  if (isObject(properties)) {
    read['properties'] = Object.fromEntries(
      Object.entries(properties).map(([name, property]) => [name, readSchema(property)]),
    )
  }
  if (isObject(items)) read['items'] = readSchema(items)
  if (Array.isArray(anyOf)) {
    read['anyOf'] = [...anyOf.map(readSchema), ...(nullable === true ? [{ type: 'null' }] : [])]
  }
  if (example !== undefined && example !== null) read['examples'] = [example]
  return read
}

/** 64-bit counts, which Google's JSON writes as strings. */
const COUNTS: ReadonlySet<string> = new Set([
  'maxItems',
  'minItems',
  'maxLength',
  'minLength',
  'maxProperties',
  'minProperties',
])

function readTypes(type: JsonValue | undefined, isNullable: boolean): JsonValue | undefined {
  const words = (typeof type === 'string' ? [type] : asArray(type))
    .map((word) => asString(word)?.toLowerCase())
    .filter((word) => word !== undefined && word !== 'type_unspecified')
    .map((word) => word ?? '')
  if (isNullable && words.length > 0) words.push('null')
  return words.length > 1 ? words : words[0]
}

/** The schema of a declaration or an answer, in either of the two forms that Google takes. */
export function readEitherSchema(
  schema: JsonValue | undefined,
  jsonSchema: JsonValue | undefined,
): JsonObject {
  return isObject(jsonSchema) ? jsonSchema : readSchema(asObject(schema))
}
