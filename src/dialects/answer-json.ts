import { GatewayError } from '../core/error.ts'
import { isObject, type JsonObject } from '../core/json.ts'

/** A provider's answer as JSON. Throws a `GatewayError` of kind `bad_response` when it is none. */
export function parseAnswer(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw badAnswer("The provider's answer is not valid JSON.", cause)
  }
}

/** The same for answers that must be an object. */
export function parseAnswerObject(text: string): JsonObject {
  const value = parseAnswer(text)
  if (!isObject(value)) throw badAnswer("The provider's answer is not a JSON object.")
  return value
}

/** The failure of an answer that cannot be read. */
export function badAnswer(message: string, cause?: unknown): GatewayError {
  return new GatewayError(message, { kind: 'bad_response', status: 502, cause })
}
