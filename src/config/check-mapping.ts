import type { OptionSchema } from '../core/options.ts'
import { isObject } from '../core/json.ts'
import { type CheckContext, checkValue, type Spot } from './check.ts'
import type { Path } from './issue.ts'
import { listed, nearest } from './nearest.ts'
import { typesOf } from './schema-node.ts'
import { kindOf, showKey } from './show.ts'

/** The keys that are there, each checked by its schema; unknown ones are refused. Nothing is filled in. */
export function checkKeys(schema: OptionSchema, spot: Spot, context: CheckContext): Record<string, unknown> {
  const values: [string, unknown][] = []
  const properties = schema.properties ?? {}
  for (const [key, value] of Object.entries(isObject(spot.value) ? spot.value : {})) {
    const path = [...spot.path, key]
    const property = schemaFor(schema, key)
    if (!property) {
      reportUnknownKey({ key, path, known: Object.keys(properties) }, context)
    } else if (value !== null || takesNull(property)) {
      values.push([key, checkValue(property, { value, path }, context)])
    } else if (schema.required?.includes(key)) {
      context.problems.push({ path, at: 'key', message: `has no value; ${whatToWrite(key, property)}` })
      values.push([key, undefined])
    }
  }
  return Object.fromEntries(values)
}

/** `spot.value` with the defaults of absent keys; required keys that are absent are reported. */
export function fillIn(schema: OptionSchema, spot: Spot, context: CheckContext): Record<string, unknown> {
  const given: Readonly<Record<string, unknown>> = isObject(spot.value) ? spot.value : {}
  const values: Record<string, unknown> = { ...given }
  for (const [key, property] of Object.entries(schema.properties ?? {})) {
    if (Object.hasOwn(given, key)) continue
    if (property.default !== undefined) {
      values[key] = checkValue(
        property,
        { value: structuredClone(property.default), path: [...spot.path, key] },
        context,
      )
    } else if (schema.required?.includes(key)) {
      reportMissingKey({ path: spot.path, key, property }, context)
    }
  }
  return values
}

/** `value` as a mapping; when it is none, that is reported and undefined comes back. */
export function asMapping({ value, path }: Spot, context: CheckContext): Record<string, unknown> | undefined {
  if (isObject(value)) return value
  const message = `must be a mapping, but is ${kindOf(value)}; write "key: value" lines below it`
  context.problems.push({ path, at: 'value', message })
  return undefined
}

export function reportUnknownKey(
  { key, path, known }: { key: string; path: Path; known: readonly string[] },
  context: CheckContext,
): void {
  const guess = nearest(key, known)
  const help = guess
    ? `did you mean "${guess}"?`
    : known.length === 0
      ? 'remove it'
      : `known here: ${listed(known)}`
  // `{openai_api_key:sk-...}`: without the space, YAML takes all of it for the key.
  const glued = known.find((word) => key.startsWith(`${word}:`))
  const message = glued
    ? `"${glued}:" needs a space after the colon`
    : `unknown key "${showKey(key)}"; ${help}`
  context.problems.push({ path, at: 'key', message })
}

export function reportMissingKey(
  { path, key, property }: { path: Path; key: string; property: OptionSchema | undefined },
  context: CheckContext,
): void {
  context.problems.push({ path, at: 'value', message: `missing key "${key}"; ${whatToWrite(key, property)}` })
}

function whatToWrite(key: string, property: OptionSchema | undefined): string {
  const docs = property?.description?.split(/(?<=\.) /)[0]
  return docs ? `write "${key}: ...": ${docs}` : `write "${key}: ..."`
}

function schemaFor(schema: OptionSchema, key: string): OptionSchema | undefined {
  if (schema.properties && Object.hasOwn(schema.properties, key)) return schema.properties[key]
  for (const [pattern, property] of Object.entries(schema.patternProperties ?? {})) {
    if (new RegExp(pattern).test(key)) return property
  }
  if (schema.additionalProperties === true) return {}
  return typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined
}

function takesNull(schema: OptionSchema): boolean {
  const branches = schema.anyOf ?? [schema]
  return branches.some((branch) => typesOf(branch).includes('null') || Object.keys(branch).length === 0)
}
