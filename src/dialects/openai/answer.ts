import { GatewayError } from '../../core/error.ts'
import { isObject, type JsonObject } from '../../core/json.ts'
import { readStreamError } from './errors.ts'

/** A provider's answer as an object. Throws a `bad_response` when it is none. */
export function parseAnswer(text: string): JsonObject {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw badResponse('is not valid JSON', error)
  }
  if (!isObject(value)) throw badResponse('is not a JSON object')
  return value
}

/** Some servers answer 200 and say in the body that it failed. */
export function withoutAnswer(reply: JsonObject, missing: string): GatewayError {
  return reply['error'] ? readStreamError(reply) : badResponse(`has no "${missing}"`)
}

export function badResponse(problem: string, cause?: unknown): GatewayError {
  return new GatewayError(`The provider's answer ${problem}.`, { kind: 'bad_response', status: 502, cause })
}
