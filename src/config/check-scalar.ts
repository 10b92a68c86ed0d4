import type { OptionSchema } from '../core/options.ts'
import { parseDuration } from '../core/duration.ts'
import { Secret } from '../core/secret.ts'
import { STORED_PREFIX } from '../core/stored-secret.ts'
import type { CheckContext, Spot } from './check.ts'
import { listed, nearest } from './nearest.ts'
import { choices } from './schema-node.ts'
import { resolveSecret } from './secrets.ts'
import { kindOf, show } from './show.ts'

const DAY_MS = 86_400_000
/** Unless a schema says otherwise: timers of Node count in 32 bits, and a longer one would fire at once. */
const MAX_DURATION_MS = 24 * DAY_MS

/** The secret, found; an empty one where it could not be, so that the rest of the mapping can still be checked. */
export function checkSecret({ value, path }: Spot, context: CheckContext): Secret {
  if (typeof value === 'string' && value.startsWith(STORED_PREFIX)) {
    context.uses.push({ name: value.slice(STORED_PREFIX.length), path })
  } else if (typeof value === 'string' && !value.startsWith('$')) context.secrets.push(value)
  const found = resolveSecret(value, context)
  if (found.ok) {
    context.secrets.push(found.secret.reveal())
    return found.secret
  }
  const { message, isStored = false } = found
  context.problems.push({ path, at: 'value', message, secret: true, ...(isStored && { isStored }) })
  return new Secret('')
}

/** A time in milliseconds; `maximum` is one too. */
export function checkDuration(schema: OptionSchema, spot: Spot, context: CheckContext): number | undefined {
  const { value } = spot
  if (typeof value !== 'string' && typeof value !== 'number') {
    return refuse(`must be a time, but is ${kindOf(value)}; ${TIMES}`, spot, context)
  }
  const ms = parseDuration(value)
  if (ms === undefined) {
    const meant = typeof value === 'string' ? tidyDuration(value) : undefined
    return refuse(`${show(value)} is not a duration; ${meant ? `write "${meant}"` : TIMES}`, spot, context)
  }
  const { maximum = MAX_DURATION_MS } = schema
  if (ms <= maximum) return ms
  const most = maximum < DAY_MS ? `${maximum / 1000}s` : `${Math.floor(maximum / DAY_MS)}d`
  return refuse(`${show(value)} is too long; write at most "${most}"`, spot, context)
}

/** One of the allowed values, in its declared spelling. */
export function checkChoice(schema: OptionSchema, spot: Spot, context: CheckContext): unknown {
  const allowed = choices(schema) ?? []
  const { value } = spot
  for (const choice of allowed) {
    if (choice === value) return choice
    if (
      schema.ignoreCase &&
      typeof value === 'string' &&
      String(choice).toLowerCase() === value.toLowerCase()
    ) {
      return choice
    }
  }
  const words = allowed.map(String)
  const guess = typeof value === 'string' ? nearest(value, words) : undefined
  const help =
    guess && words.length > 1
      ? `did you mean "${guess}"? Allowed: ${listed(words)}`
      : `write ${listed(words)}`
  return refuse(`${show(value)} is not allowed here; ${help}`, spot, context)
}

export function checkString(schema: OptionSchema, spot: Spot, context: CheckContext): string | undefined {
  const text = String(spot.value)
  const { minLength = 0, maxLength = Number.POSITIVE_INFINITY, pattern, hint } = schema
  if (text.length < minLength) {
    return refuse(
      text === '' ? 'is empty; write a text' : `is too short; write at least ${minLength} characters`,
      spot,
      context,
    )
  }
  if (text.length > maxLength)
    return refuse(`is too long; write at most ${maxLength} characters`, spot, context)
  if (pattern !== undefined && !new RegExp(pattern, 'u').test(text)) {
    return refuse(
      `${show(text)} is not valid here; ${hint ?? `it must match ${String(pattern)}`}`,
      spot,
      context,
    )
  }
  return text
}

export function checkNumber(schema: OptionSchema, spot: Spot, context: CheckContext): number | undefined {
  const number = Number(spot.value)
  const limit = brokenLimit(schema, number)
  if (limit) return refuse(`${show(number)} is out of range; write ${limit}`, spot, context)
  return number
}

function brokenLimit(schema: OptionSchema, number: number): string | undefined {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema
  if (!Number.isFinite(number)) return 'a finite number'
  const from = minimum ?? exclusiveMinimum
  const to = maximum ?? exclusiveMaximum
  const tooLow =
    (minimum !== undefined && number < minimum) ||
    (exclusiveMinimum !== undefined && number <= exclusiveMinimum)
  const tooHigh =
    (maximum !== undefined && number > maximum) ||
    (exclusiveMaximum !== undefined && number >= exclusiveMaximum)
  const over = minimum === undefined ? 'more than' : 'at least'
  const under = maximum === undefined ? 'less than' : 'at most'
  if ((tooLow || tooHigh) && from !== undefined && to !== undefined) {
    return minimum !== undefined && maximum !== undefined
      ? `a number from ${from} to ${to}`
      : `${over} ${from} and ${under} ${to}`
  }
  if (tooLow) return `${over} ${from}`
  if (tooHigh) return `${under} ${to}`
  return multipleOf !== undefined && number % multipleOf !== 0 ? `a multiple of ${multipleOf}` : undefined
}

const TIMES = 'write a time such as 250ms, 30s, 5m or 1h'

const UNIT_WORDS: readonly [RegExp, string][] = [
  [/^(ms|msecs?|millis|milliseconds?)$/, 'ms'],
  [/^(s|secs?|seconds?)$/, 's'],
  [/^(m|mins?|minutes?)$/, 'm'],
  [/^(h|hrs?|hours?)$/, 'h'],
  [/^(d|days?)$/, 'd'],
]

/** `1 d`, `30 seconds` or `5Min` in the accepted spelling; a bare `"30"` in quotes is seconds. */
function tidyDuration(text: string): string | undefined {
  const match = /^\s*(\d{1,9}(?:\.\d{1,6})?)\s*([a-z]*)\s*$/i.exec(text)
  if (!match?.[1]) return undefined
  const word = match[2]?.toLowerCase() ?? ''
  const unit = word === '' ? 's' : UNIT_WORDS.find(([pattern]) => pattern.test(word))?.[1]
  return unit && `${match[1]}${unit}`
}

function refuse(message: string, { path }: Spot, context: CheckContext): undefined {
  context.problems.push({ path, at: 'value', message })
}
