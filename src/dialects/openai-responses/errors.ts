import { GatewayError } from '../../core/error.ts'
import { asObject, asString, isObject, type JsonObject } from '../../core/json.ts'
import { readErrorObject } from '../openai/errors.ts'

/** The failure that a response object tells of; undefined when it tells of none. */
export function readFailure(response: JsonObject): GatewayError | undefined {
  const { error, status } = response
  if (isObject(error) || typeof error === 'string') return readStreamError({ error })
  if (status !== 'failed' && status !== 'cancelled') return undefined
  return readStreamError({ error: `The provider's answer is ${status}.` })
}

/** An error that came after status 200. Events of type `error` hold it inside, or are it themselves. */
export function readStreamError(event: JsonObject): GatewayError {
  const error = event['error'] ?? event
  const code = asString(asObject(error)['code'])
  const type = asString(asObject(error)['type'])
  const { message, kind, status, detail } = readErrorObject(STATUSES.get(code) ?? STATUSES.get(type) ?? 502, {
    error,
  })
  return new GatewayError(message, { kind, status, detail, ...(code !== undefined && { code }) })
}

/** The status that an error of this code has elsewhere; of those not named here, the provider is to blame. */
const STATUSES: ReadonlyMap<string | undefined, number> = new Map([
  ['rate_limit_exceeded', 429],
  ['rate_limit_error', 429],
  ['insufficient_quota', 429],
  ['server_is_overloaded', 503],
  ['slow_down', 503],
  ['server_error', 500],
  ['context_length_exceeded', 400],
  ['invalid_prompt', 400],
  ['invalid_request_error', 400],
  ['content_filter', 400],
  ['bio_policy', 400],
  ['cyber_policy', 400],
  ['invalid_image', 400],
  ['invalid_image_url', 400],
  ['image_content_policy_violation', 400],
  ['failed_to_download_image', 400],
  ['authentication_error', 401],
  ['model_not_found', 404],
])
