import { GatewayError } from '../../core/error.ts'
import { isObject, type JsonObject, type JsonValue } from '../../core/json.ts'

/** Where a value stands in the request: `['body', 'messages', 0, 'content']`. */
export type Location = readonly (string | number)[]

interface FieldError {
  loc: Location
  msg: string
  type: string
  ctx?: Record<string, unknown>
}

/** Limits of a number or a list, both ends included. */
export interface Bounds {
  min?: number
  max?: number
}

/**
 * Reads fields the way pydantic 1 does in MLflow: strings that hold numbers become numbers, numbers become strings, and
 * every mistake is collected with its location before the request is refused.
 */
export class Fields {
  readonly #errors: FieldError[] = []
  /** Whether a value had to be changed to fit its type: then the client's own bytes cannot be passed on. */
  coerced = false

  /** Throws one 422 that lists every mistake found so far. */
  check(): void {
    if (this.#errors.length > 0) throw invalidRequest(this.#errors)
  }

  string(value: JsonValue | undefined, at: Location): string {
    if (typeof value === 'string') return value
    if (value === undefined) return this.#fail(at, MISSING, '')
    if (value === null) return this.#fail(at, NOT_NULL, '')
    if (typeof value === 'object')
      return this.#fail(at, { msg: 'str type expected', type: 'type_error.str' }, '')
    this.coerced = true
    if (typeof value === 'boolean') return value ? 'True' : 'False'
    return String(value)
  }

  /** A list of strings. An absent or null value is undefined: the field is optional. */
  strings(value: JsonValue | undefined, at: Location, { min = 0 }: Bounds = {}): string[] | undefined {
    if (value === undefined || value === null) return undefined
    const items = this.list(value, at, { min })
    return items.map((item, index) => this.string(item, [...at, index]))
  }

  list(value: JsonValue | undefined, at: Location, { min = 0 }: Bounds = {}): JsonValue[] {
    if (value === undefined) return this.#fail(at, MISSING, [])
    if (value === null) return this.#fail(at, NOT_NULL, [])
    if (!Array.isArray(value)) return this.#fail(at, NOT_A_LIST, [])
    if (value.length >= min) return value
    const msg = `ensure this value has at least ${min} items`
    return this.#fail(at, { msg, type: 'value_error.list.min_items', ctx: { limit_value: min } }, value)
  }

  object(value: JsonValue | undefined, at: Location): JsonObject {
    return isObject(value) ? value : this.#fail(at, NOT_A_DICT, {})
  }

  float(value: JsonValue | undefined, at: Location, bounds: Bounds): number | undefined {
    if (value === undefined) return undefined
    if (value === null) return this.#fail(at, NOT_NULL, undefined)
    const number = this.#number(value)
    if (number === undefined)
      return this.#fail(at, { msg: 'value is not a valid float', type: 'type_error.float' }, 0)
    return this.#within(number, at, bounds)
  }

  /** A whole number; a fraction is cut off. `optional` fields also take null. */
  integer(
    value: JsonValue | undefined,
    at: Location,
    bounds: Bounds & { optional?: boolean },
  ): number | undefined {
    if (value === undefined || (value === null && bounds.optional)) return undefined
    if (value === null) return this.#fail(at, NOT_NULL, undefined)
    const number = this.#number(value)
    const isFraction = typeof value === 'string' && !/^\s*[+-]?\d+\s*$/.test(value)
    if (number === undefined || !Number.isFinite(number) || isFraction) {
      return this.#fail(at, { msg: 'value is not a valid integer', type: 'type_error.integer' }, undefined)
    }
    if (!Number.isInteger(number)) this.coerced = true
    return this.#within(Math.trunc(number), at, bounds)
  }

  boolean(value: JsonValue | undefined, at: Location): boolean {
    if (value === undefined || value === null) return false
    if (typeof value === 'boolean') return value
    this.coerced = true
    const word = typeof value === 'object' ? '' : String(value).toLowerCase()
    if (TRUE_WORDS.has(word)) return true
    if (FALSE_WORDS.has(word)) return false
    const msg = 'value could not be parsed to a boolean'
    return this.#fail(at, { msg, type: 'type_error.bool' }, false)
  }

  /** One string, or a list of them. */
  text(value: JsonValue | undefined, at: Location): string | string[] {
    if (Array.isArray(value)) return value.map((item, index) => this.string(item, [...at, index]))
    if (!isObject(value)) return this.string(value, at)
    this.#fail(at, { msg: 'str type expected', type: 'type_error.str' }, '')
    return this.#fail(at, NOT_A_LIST, [])
  }

  #number(value: JsonValue): number | undefined {
    if (typeof value === 'number') return value
    if (typeof value === 'object' || (typeof value === 'string' && !PYTHON_FLOAT.test(value)))
      return undefined
    this.coerced = true
    return Number(value)
  }

  #within(value: number, at: Location, { min, max }: Bounds): number {
    if (min !== undefined && value < min) {
      const msg = `ensure this value is greater than or equal to ${min}`
      return this.#fail(at, { msg, type: 'value_error.number.not_ge', ctx: { limit_value: min } }, value)
    }
    if (max !== undefined && value > max) {
      const msg = `ensure this value is less than or equal to ${max}`
      return this.#fail(at, { msg, type: 'value_error.number.not_le', ctx: { limit_value: max } }, value)
    }
    return value
  }

  #fail<Value>(loc: Location, error: Omit<FieldError, 'loc'>, instead: Value): Value {
    this.#errors.push({ loc, ...error })
    return instead
  }
}

/** What Python's `float` reads; JavaScript's `Number` also takes blanks for 0, and hexadecimal digits. */
const PYTHON_FLOAT = /^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*$/

const MISSING = { msg: 'field required', type: 'value_error.missing' }
const NOT_NULL = { msg: 'none is not an allowed value', type: 'type_error.none.not_allowed' }
const NOT_A_LIST = { msg: 'value is not a valid list', type: 'type_error.list' }
const NOT_A_DICT = { msg: 'value is not a valid dict', type: 'type_error.dict' }
const TRUE_WORDS: ReadonlySet<string> = new Set(['true', '1', 'on', 't', 'y', 'yes'])
const FALSE_WORDS: ReadonlySet<string> = new Set(['false', '0', 'off', 'f', 'n', 'no'])

/** The 422 that FastAPI gives for a body that does not fit. */
export function invalidRequest(errors: readonly FieldError[]): GatewayError {
  const message = errors.map(({ loc, msg }) => `${loc.join('.')}: ${msg}`).join('; ')
  return new GatewayError(message, { kind: 'bad_request', status: 422, detail: errors })
}

/** The 422 for a body that is missing altogether. */
export function missingBody(): GatewayError {
  return invalidRequest([{ loc: ['body'], ...MISSING }])
}

/** The 422 for a body that is not a mapping, or whose content type is not JSON. */
export function notAMapping(): GatewayError {
  return invalidRequest([{ loc: ['body'], ...NOT_A_DICT }])
}
