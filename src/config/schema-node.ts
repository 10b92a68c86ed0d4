import type { OptionSchema } from '../core/options.ts'

/** The allowed values of an enum or of a union of literals; undefined for any other node. */
export function choices(schema: OptionSchema): readonly unknown[] | undefined {
  if (schema.enum) return schema.enum
  if (schema.const !== undefined) return [schema.const]
  const literals = schema.anyOf?.map((branch) => branch.const)
  return literals?.every((literal) => literal !== undefined) ? literals : undefined
}

/** The JSON types a node allows; empty when it allows all. */
export function typesOf(schema: OptionSchema): readonly string[] {
  if (schema.type === undefined) return schema.properties ? ['object'] : []
  return typeof schema.type === 'string' ? [schema.type] : schema.type
}
