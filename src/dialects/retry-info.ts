import { asArray, asObject, asString } from '../core/json.ts'

/**
 * The wait of a `RetryInfo` such as `34.4s` in an error's `details`, in whole seconds: Google sends no `Retry-After`.
 * Spec: https://cloud.google.com/apis/design/errors#retry_info
 */
export function readRetryInfo(details: unknown): string | undefined {
  for (const { retryDelay } of asArray(details).map(asObject)) {
    const seconds = Number.parseFloat(asString(retryDelay) ?? '')
    if (Number.isFinite(seconds) && seconds >= 0) return String(Math.ceil(seconds))
  }
  return undefined
}
