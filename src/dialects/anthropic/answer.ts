import { GatewayError } from '../../core/error.ts'
import { isObject, type JsonObject } from '../../core/json.ts'

/** A provider's answer, or an event of it, as an object. Throws a `bad_response` when it is none. */
export function parseAnswer(text: string): JsonObject {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    // The parser's own message quotes the text, so it is not kept as the cause.
    throw badResponse('is not valid JSON')
  }
  if (!isObject(value)) throw badResponse('is not a JSON object')
  return value
}

export function badResponse(problem: string): GatewayError {
  return new GatewayError(`The provider's answer ${problem}.`, { kind: 'bad_response', status: 502 })
}
