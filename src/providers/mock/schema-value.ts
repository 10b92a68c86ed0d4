import { asArray, asNumber, asString, isObject, type JsonObject, type JsonValue } from '../../core/json.ts'
import type { Random } from './random.ts'
import { stringFor, type Hints } from './schema-text.ts'

/** Below this depth only what is required is written. */
const DEEP = 5
/** A schema that requires itself has no finite value; here it gets null. */
const DEEPEST = 24

/**
 * A value that fits a JSON Schema: types, enum, const, required, nested objects, arrays, bounds, formats, `$ref` within
 * the schema, anyOf, oneOf and allOf. `pattern`, `not` and conditions are not looked at.
 */
export function valueFor(schema: JsonObject, tools: { hints: Hints; random: Random }): JsonValue {
  return new Sampler({ root: schema, ...tools }).value(schema, { name: '', depth: 0, index: 0, turn: 0 })
}

interface Place {
  /** The property's name, in lower case: it tells what a string should look like. */
  name: string
  depth: number
  /** Position in a list, so that its items differ. */
  index: number
  /** Where a list begins among the choices of an enum, so that its items differ. */
  turn: number
}

/** Tries to find one more item that is not in a list yet. */
const MOST_TRIES = 200

class Sampler {
  readonly #root: JsonObject
  readonly #hints: Hints
  readonly #random: Random

  constructor({ root, hints, random }: { root: JsonObject; hints: Hints; random: Random }) {
    this.#root = root
    this.#hints = hints
    this.#random = random
  }

  value(given: unknown, place: Place): JsonValue {
    if (!isObject(given) || place.depth > DEEPEST) return null
    const schema = this.#resolve(given)
    if (schema['const'] !== undefined) return schema['const']
    const choices = schema['enum']
    if (Array.isArray(choices) && choices.length > 0) return this.#choose(choices, place)
    switch (typeOf(schema)) {
      case 'object':
        return this.#object(schema, place)
      case 'array':
        return this.#array(schema, place)
      case 'integer':
        return this.#number(schema, { ...place, whole: true })
      case 'number':
        return this.#number(schema, { ...place, whole: false })
      case 'boolean':
        return this.#random.next() < 0.5
      case 'null':
        return null
      default:
        return stringFor(schema, {
          name: place.name,
          index: place.index,
          hints: this.#hints,
          random: this.#random,
        })
    }
  }

  /** The schema with references followed, one alternative chosen and all parts of an `allOf` laid together. */
  #resolve(given: JsonObject, steps = 0): JsonObject {
    if (steps > DEEPEST) return {}
    const reference = asString(given['$ref'])
    if (reference !== undefined) {
      const { $ref: _, ...rest } = given
      return this.#resolve({ ...this.#lookUp(reference), ...rest }, steps + 1)
    }
    const choices = asArray(given['anyOf'] ?? given['oneOf']).filter(isObject)
    if (choices.length > 0) {
      const { anyOf: _, oneOf: __, ...rest } = given
      const real = choices.find((choice) => choice['type'] !== 'null')
      return this.#resolve(merge(rest, real ?? choices[0] ?? {}), steps + 1)
    }
    const parts = asArray(given['allOf']).filter(isObject)
    if (parts.length === 0) return given
    const { allOf: _, ...rest } = given
    let whole: JsonObject = rest
    for (const part of parts) whole = merge(whole, this.#resolve(part, steps + 1))
    return this.#resolve(whole, steps + 1)
  }

  #lookUp(reference: string): JsonObject {
    if (!reference.startsWith('#')) return {}
    let found: unknown = this.#root
    for (const step of reference.split('/').slice(1)) {
      const key = decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~')
      found = isObject(found) && Object.hasOwn(found, key) ? found[key] : undefined
    }
    return isObject(found) ? found : {}
  }

  /** A choice that the prompt mentions, else any. */
  #choose(choices: readonly JsonValue[], { index, turn }: Place): JsonValue {
    const prompt = this.#hints.text.toLowerCase()
    const mentioned = choices.filter((choice) => typeof choice === 'string' && mentions(prompt, choice))
    const from = mentioned.length > index ? mentioned : choices
    return from[(from === mentioned ? index : turn + index) % from.length] ?? null
  }

  #object(schema: JsonObject, { depth }: Place): JsonObject {
    const properties = isObject(schema['properties']) ? schema['properties'] : {}
    const required = new Set(asArray(schema['required']).filter((key) => typeof key === 'string'))
    const members: [string, JsonValue][] = []
    for (const key of new Set([...Object.keys(properties), ...required])) {
      const isWanted = required.has(key) || (depth < DEEP && this.#random.next() < 0.6)
      if (!isWanted) continue
      const part = properties[key] ?? {}
      members.push([
        key,
        this.value(part, { name: key.toLowerCase(), depth: depth + 1, index: 0, turn: this.#turn() }),
      ])
    }
    return Object.fromEntries(members)
  }

  #array(schema: JsonObject, { name, depth }: Place): JsonValue[] {
    const fixed = asArray(schema['prefixItems'])
    const least = asNumber(schema['minItems']) ?? 0
    const most = asNumber(schema['maxItems']) ?? Math.max(least, 3)
    const usual = depth < DEEP ? 1 + this.#random.below(2) : 0
    const length = Math.min(Math.max(least, usual, fixed.length), most, 100)
    const items: JsonValue[] = []
    const turn = this.#turn()
    const seen = new Set<string>()
    for (let index = 0; items.length < length && index < length + MOST_TRIES; index++) {
      const part = fixed[items.length] ?? schema['items'] ?? {}
      const item = this.value(part, { name, depth: depth + 1, index, turn })
      const isRepeated = schema['uniqueItems'] === true && seen.has(JSON.stringify(item))
      if (isRepeated) continue
      seen.add(JSON.stringify(item))
      items.push(item)
    }
    return items
  }

  #turn(): number {
    return this.#random.below(1000)
  }

  #number(schema: JsonObject, { whole, index }: Place & { whole: boolean }): number {
    const step = Math.abs(asNumber(schema['multipleOf']) ?? 0) || (whole ? 1 : 0.01)
    const [low, high] = bounds(schema, step)
    const wanted = this.#hints.numbers[index]
    const isFitting = wanted !== undefined && wanted >= low && wanted <= high
    const value = isFitting ? wanted : low + this.#random.next() * (high - low)
    const stepped = Math.round(value / step) * step
    const inside = stepped < low ? stepped + step : stepped
    return Number((inside > high ? inside - step : inside).toPrecision(12))
  }
}

/** The least and greatest allowed number, within a hundred of the given one when only one is given. */
function bounds(schema: JsonObject, step: number): [number, number] {
  const above = asNumber(schema['exclusiveMinimum'])
  const under = asNumber(schema['exclusiveMaximum'])
  const least = above === undefined ? asNumber(schema['minimum']) : above + step
  const most = under === undefined ? asNumber(schema['maximum']) : under - step
  const low = least ?? (most === undefined ? 1 : Math.min(1, most - 100 * step))
  return [low, Math.max(low, most ?? Math.max(100, low + 100 * step))]
}

function typeOf(schema: JsonObject): string {
  const type = schema['type']
  if (typeof type === 'string') return type
  if (Array.isArray(type)) return asString(type.find((item) => item !== 'null')) ?? 'null'
  if (schema['properties'] !== undefined || schema['required'] !== undefined) return 'object'
  if (schema['items'] !== undefined || schema['prefixItems'] !== undefined) return 'array'
  return schema['minimum'] !== undefined || schema['maximum'] !== undefined ? 'number' : 'string'
}

function merge(left: JsonObject, right: JsonObject): JsonObject {
  const merged: JsonObject = { ...left, ...right }
  if (isObject(left['properties']) && isObject(right['properties']))
    merged['properties'] = { ...left['properties'], ...right['properties'] }
  if (Array.isArray(left['required']) && Array.isArray(right['required']))
    merged['required'] = [...left['required'], ...right['required']]
  return merged
}

function mentions(prompt: string, choice: string): boolean {
  return choice.length > 1 && prompt.includes(choice.toLowerCase())
}
