import { option, type OptionDocs, type OptionSchema } from '../core/options.ts'

/** ISO 8601 in UTC. */
export function time(docs: OptionDocs = {}): OptionSchema {
  return option.string({ examples: ['2026-01-31T12:00:00.000Z'], ...docs })
}

/** The same, or null. */
export function orNull(schema: OptionSchema): OptionSchema {
  const { type = [], enum: words } = schema
  const types = typeof type === 'string' ? [type] : type
  return { ...schema, type: [...types, 'null'], ...(words && { enum: [...words, null] }) }
}

/** An object whose keys are not fixed. */
export function mapOf(values: OptionSchema | true, docs: OptionDocs = {}): OptionSchema {
  return { type: 'object', additionalProperties: values, ...docs }
}
