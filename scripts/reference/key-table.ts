import { choices, typesOf } from '../../src/config/schema-node.ts'
import type { OptionSchema } from '../../src/core/options.ts'
import { code, table } from './markdown.ts'

type Values = Readonly<Record<string, unknown>>

/**
 * A table of a mapping's keys; those of mappings inside it follow their parent, with its name in front. `values` are
 * examples by dotted path.
 */
export function keyTable(schema: OptionSchema, values: Values = {}): string {
  return table(['Key', 'Type', 'Default', 'Meaning', 'Example'], rowsOf(schema, '', values))
}

/** The same of fields in JSON: without examples, which are in YAML, and on another page than the notes on values. */
export function fieldTable(schema: OptionSchema): string {
  const rows = rowsOf(schema, '', {}).map((row) =>
    row.slice(0, 4).map((cell) => cell.replace('(#durations)', '(configuration.md#durations)')),
  )
  return table(['Field', 'Type', 'Default', 'Meaning'], rows)
}

function rowsOf(schema: OptionSchema, prefix: string, values: Values): string[][] {
  const rows: string[][] = []
  for (const [key, node] of Object.entries(schema.properties ?? {})) {
    const name = prefix + key
    const isRequired = schema.required?.includes(key) === true
    const [type, preset] = [typeText(node), defaultText(node, isRequired)]
    rows.push([code(name), type, preset, node.description ?? '', example(name, node, values)])
    if (node.additionalProperties !== true) rows.push(...rowsOf(node, `${name}.`, values))
  }
  return rows
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'whole number',
  number: 'number',
  boolean: '`true` or `false`',
  array: 'list',
  object: 'mapping',
  null: '`null`',
}

/** The type in words, with its limits. */
function typeText(node: OptionSchema): string {
  if (node.secret) return '[secret](#secrets)'
  if (node.duration) return '[duration](#durations)'
  const allowed = choices(node)
  if (allowed) {
    const anyCase = node.ignoreCase ? ', in any case' : ''
    return `${allowed.map((choice) => code(String(choice))).join(', ')}${anyCase}`
  }
  const words = typesOf(node).map((type) => TYPE_WORDS[type] ?? type)
  return `${words.join(' or ')}${limits(node)}`
}

function limits({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: OptionSchema): string {
  if (minimum !== undefined && maximum !== undefined) return `, ${minimum} to ${maximum}`
  const parts = [
    ['from', minimum],
    ['above', exclusiveMinimum],
    ['to', maximum],
    ['below', exclusiveMaximum],
  ].flatMap(([word, limit]) => (limit === undefined ? [] : [`, ${word} ${limit}`]))
  return parts.join('')
}

function defaultText(node: OptionSchema, isRequired: boolean): string {
  if (node.default !== undefined) return code(plain(node.default))
  return isRequired ? '**required**' : ''
}

/** One line of YAML; empty for lists and mappings, whose examples are files. */
function example(name: string, node: OptionSchema, values: Values): string {
  const value = node.examples?.[0] ?? values[name] ?? sample(node)
  const key = name.split('.').at(-1) ?? name
  return value === undefined ? '' : code(`${key}: ${plain(value)}`)
}

function sample(node: OptionSchema): unknown {
  if (node.secret) return '$NAME_OF_VARIABLE'
  if (node.default !== undefined) return node.default
  const [choice] = choices(node) ?? []
  if (choice !== undefined) return choice
  return node.duration ? '30s' : undefined
}

function plain(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
