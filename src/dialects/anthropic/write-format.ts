import { asArray, isObject, type JsonObject, type JsonValue } from '../../core/json.ts'
import type { ResponseFormat } from '../../core/request.ts'
import type { ModelTraits } from './models.ts'

export interface WrittenFormat {
  /** `output_config.format`. */
  format?: JsonObject
  /** What the model is told instead, where there is no such field. */
  instruction?: string
}

/**
 * How the answer must look. JSON without a schema, and schemas for older models, can only be asked for.
 * Spec: https://platform.claude.com/docs/en/build-with-claude/structured-outputs
 */
export function writeFormat(
  format: ResponseFormat | undefined,
  { takesSchemas }: ModelTraits,
  dropped: Set<string>,
): WrittenFormat {
  if (!format || format.type === 'text') return {}
  if (format.type === 'json-schema' && takesSchemas) {
    return { format: { type: 'json_schema', schema: closeObjects(format.schema) } }
  }
  dropped.add('responseFormat')
  const instruction = 'Answer with one JSON object and nothing else: no introduction, no code fence.'
  if (format.type === 'json') return { instruction }
  return { instruction: `${instruction} It must follow this JSON Schema: ${JSON.stringify(format.schema)}` }
}

/**
 * Anthropic refuses schemas of objects that may have members beyond those named. An answer without any fits the open
 * schema too.
 */
function closeObjects(schema: JsonObject): JsonObject {
  const closed: JsonObject = {}
  for (const [key, value] of Object.entries(schema)) closed[key] = closeMember(key, value)
  const isOpen = schema['additionalProperties'] === undefined || schema['additionalProperties'] === true
  if (describesObject(schema) && isOpen) closed['additionalProperties'] = false
  return closed
}

function closeMember(key: string, value: JsonValue): JsonValue {
  if (MAPS.has(key) && isObject(value)) {
    return Object.fromEntries(Object.entries(value).map(([name, schema]) => [name, closeSchema(schema)]))
  }
  if (!SCHEMAS.has(key)) return value
  return Array.isArray(value) ? value.map(closeSchema) : closeSchema(value)
}

function closeSchema(schema: JsonValue): JsonValue {
  return isObject(schema) ? closeObjects(schema) : schema
}

function describesObject({ type, properties }: JsonObject): boolean {
  return type === 'object' || asArray(type).includes('object') || (type === undefined && isObject(properties))
}

/** Keywords whose values are schemas, by name or by themselves. */
const MAPS: ReadonlySet<string> = new Set(['properties', '$defs', 'definitions'])
const SCHEMAS: ReadonlySet<string> = new Set(['items', 'prefixItems', 'anyOf', 'oneOf', 'allOf'])
