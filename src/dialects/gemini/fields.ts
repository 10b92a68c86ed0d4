import { GatewayError } from '../../core/error.ts'
import { asNumber, asObject, isObject, type JsonObject, type JsonValue } from '../../core/json.ts'
import { badAnswer, parseAnswer } from '../answer-json.ts'

/**
 * An object of the API with its own members in camelCase: Google reads both spellings. What is inside of them is left as
 * it is, for it may be the caller's own data.
 * Spec: https://protobuf.dev/programming-guides/json/
 */
export function fieldsOf(value: unknown): JsonObject {
  const object = asObject(value)
  const names = Object.keys(object)
  if (!names.some((name) => name.includes('_'))) return object
  return Object.fromEntries(names.map((name) => [camelCase(name), object[name] ?? null]))
}

function camelCase(name: string): string {
  return name.replaceAll(/(?<=[a-z])_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
}

/** A list whose only member may stand alone. */
export function listOf(value: JsonValue | undefined): JsonValue[] {
  if (Array.isArray(value)) return value
  return isObject(value) ? [value] : []
}

/** A token count; anything but a whole number from 0 on is none. */
export function asCount(value: unknown): number | undefined {
  const count = asNumber(value)
  return count !== undefined && Number.isInteger(count) && count >= 0 ? count : undefined
}

/** A provider's body as an object, or the first of a list of them. Throws a `bad_response`. */
export function parseOne(text: string): JsonObject {
  const [first] = parseAll(text)
  if (!first) throw badResponse('is an empty list')
  return first
}

/** The same for a stream that came as one list. */
export function parseAll(text: string): JsonObject[] {
  const value = parseAnswer(text)
  const answers = Array.isArray(value) ? value : [value]
  if (!answers.every(isObject)) throw badResponse('is not a JSON object')
  return answers
}

export function badResponse(problem: string): GatewayError {
  return badAnswer(`The provider's answer ${problem}.`)
}

/** A refusal of what this provider cannot serve. `{parameter}` in the message is the client's word for `parameter`. */
export function unservable(message: string, parameter: string): GatewayError {
  return new GatewayError(message, { kind: 'bad_request', status: 422, parameter })
}
