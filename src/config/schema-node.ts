/**
 * A JSON Schema node as TypeBox writes it, with the gateway's own marks: `secret` and `duration` (core/options.ts),
 * `ignoreCase` on an enum, and `hint`, what to write when a pattern does not match.
 */
export interface SchemaNode {
  type?: string | readonly string[]
  const?: unknown
  enum?: readonly unknown[]
  anyOf?: readonly SchemaNode[]
  properties?: Readonly<Record<string, SchemaNode>>
  patternProperties?: Readonly<Record<string, SchemaNode>>
  additionalProperties?: boolean | SchemaNode
  required?: readonly string[]
  items?: SchemaNode
  minItems?: number
  maxItems?: number
  minLength?: number
  maxLength?: number
  pattern?: string | RegExp
  minimum?: number
  maximum?: number
  exclusiveMinimum?: number
  exclusiveMaximum?: number
  multipleOf?: number
  default?: unknown
  description?: string
  secret?: boolean
  duration?: boolean
  ignoreCase?: boolean
  hint?: string
}

/** The allowed values of an enum or of a union of literals; undefined for any other node. */
export function choices(schema: SchemaNode): readonly unknown[] | undefined {
  if (schema.enum) return schema.enum
  if (schema.const !== undefined) return [schema.const]
  const literals = schema.anyOf?.map((branch) => branch.const)
  return literals?.every((literal) => literal !== undefined) ? literals : undefined
}

/** The JSON types a node allows; empty when it allows all. */
export function typesOf(schema: SchemaNode): readonly string[] {
  if (schema.type === undefined) return schema.properties ? ['object'] : []
  return typeof schema.type === 'string' ? [schema.type] : schema.type
}
