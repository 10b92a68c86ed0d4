import type { OptionSchema } from '../core/options.ts'
import { isObject } from '../core/json.ts'
import { checkKeys, fillIn } from './check-mapping.ts'
import { checkChoice, checkDuration, checkNumber, checkSecret, checkString } from './check-scalar.ts'
import { describe, matchesType } from './describe.ts'
import type { Path, Problem } from './issue.ts'
import { choices, typesOf } from './schema-node.ts'
import { NO_STORE, type SecretSources } from './secrets.ts'
import { kindOf } from './show.ts'

/** A value and where it stands. */
export interface Spot {
  value: unknown
  path: Path
}

/** What a check works with and adds to. */
export interface CheckContext extends SecretSources {
  readonly problems: Problem[]
  /** The texts of all secrets met, so that no message repeats one. */
  readonly secrets: string[]
  /** Which secrets of the store are named, and where. */
  readonly uses: SecretUse[]
}

/** For values in which there are no credentials. */
export function bareContext(): CheckContext {
  return { env: {}, stored: NO_STORE, problems: [], secrets: [], uses: [] }
}

/** A secret of the store, and where its name stands. */
export interface SecretUse {
  readonly name: string
  readonly path: Path
}

/**
 * `value` as the schema wants it: defaults filled in, secrets found, durations in milliseconds. Every mistake is added
 * to `context.problems`; a value with a mistake comes back undefined.
 */
export function checkValue(schema: OptionSchema, spot: Spot, context: CheckContext): unknown {
  if (schema.secret) return checkSecret(spot, context)
  if (schema.duration) return checkDuration(schema, spot, context)
  if (choices(schema)) return checkChoice(schema, spot, context)
  if (schema.anyOf) return checkUnion(schema.anyOf, spot, context)
  const types = typesOf(schema)
  if (types.length > 0 && !types.some((type) => matchesType(spot.value, type))) {
    return refuse(
      `must be ${describe(schema)}, but is ${kindOf(spot.value)}${advice(types, spot.value)}`,
      spot,
      context,
    )
  }
  if (typeof spot.value === 'string') return checkString(schema, spot, context)
  if (typeof spot.value === 'number') return checkNumber(schema, spot, context)
  if (Array.isArray(spot.value)) return checkList(schema, { value: spot.value, path: spot.path }, context)
  if (isObject(spot.value) && types.includes('object')) return checkMapping(schema, spot, context)
  return spot.value
}

/** A mapping by its schema: its keys, then what it lacks. */
function checkMapping(schema: OptionSchema, spot: Spot, context: CheckContext): Record<string, unknown> {
  const values = checkKeys(schema, spot, context)
  return fillIn(schema, { value: values, path: spot.path }, context)
}

function checkList(
  schema: OptionSchema,
  { value, path }: Spot & { value: unknown[] },
  context: CheckContext,
): unknown[] {
  const { items, minItems = 0, maxItems = Number.POSITIVE_INFINITY } = schema
  if (value.length < minItems || value.length > maxItems) {
    const limit = value.length < minItems ? `at least ${minItems}` : `at most ${maxItems}`
    refuse(`has ${value.length} items; write ${limit}`, { value, path }, context)
  }
  if (!items) return value
  return value.map((item, index) => checkValue(items, { value: item, path: [...path, index] }, context))
}

/** The first branch that fits; else the mistakes of the only branch of the value's own type. */
function checkUnion(branches: readonly OptionSchema[], spot: Spot, context: CheckContext): unknown {
  const trials = branches.map((schema) => {
    const trial: CheckContext = { ...context, problems: [] }
    return { schema, value: checkValue(schema, spot, trial), problems: trial.problems }
  })
  const fit = trials.find((trial) => trial.problems.length === 0)
  if (fit) return fit.value
  const near = trials.filter(({ schema }) => typesOf(schema).some((type) => matchesType(spot.value, type)))
  const [only, ...others] = near
  if (only && others.length === 0) {
    context.problems.push(...only.problems)
    return undefined
  }
  return refuse(
    `must be ${branches.map(describe).join(', or ')}, but is ${kindOf(spot.value)}`,
    spot,
    context,
  )
}

function refuse(message: string, { path }: Spot, context: CheckContext): undefined {
  context.problems.push({ path, at: 'value', message })
}

/** What to write, for the slips that people make: quotes too many or too few, one item without its list. */
function advice(types: readonly string[], value: unknown): string {
  if (types.includes('string') && (typeof value === 'number' || typeof value === 'boolean')) {
    return '; put it in quotes'
  }
  const wantsNumber = types.includes('number') || types.includes('integer')
  if (wantsNumber && typeof value === 'string' && /^\d+(\.\d+)?$/.test(value))
    return '; write it without quotes'
  if (types.includes('boolean')) return '; write true or false'
  if (types.includes('array')) return '; write [ ] around it, or one "- " per item'
  if (types.includes('object')) return '; write "key: value" lines below it'
  if (types.includes('integer') && typeof value === 'number') return '; write a whole number'
  return wantsNumber ? '; write a number' : '; write a text'
}
