import { asArray, asObject, asString, isObject } from '../../../src/core/json.ts'
import type { Recording } from '../recordings.ts'

/** What a client must learn from a provider's refusal. */
export interface Refusal {
  status: number
  message: string
}

/**
 * A provider's refusal in the gateway's answer: the same status and words. That the provider refused the gateway's own
 * key, or has no money left for it, is no 401 or 429 of the client's, and its words about it are not passed on.
 */
export function refusalOf({ status, bytes }: Recording): Refusal {
  const isKey = /"reason":\s*"API_KEY_INVALID"|"code":\s*"insufficient_quota"/.test(bytes.toString('utf8'))
  if (status === 401 || status === 403 || isKey) return { status: 502, message: REFUSED_KEY }
  return { status, message: messageOf(bytes.toString('utf8')) }
}

/** What a client is told instead of a provider's words about the gateway's key. */
export const REFUSED_KEY = "refused the gateway's own credential"

function messageOf(text: string): string {
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {
    return text.trim()
  }
  const object = asObject(asArray(body)[0] ?? body)
  const error = object['error']
  const words = [
    isObject(error) ? error['message'] : error,
    object['message'],
    object['Message'],
    object['detail'],
  ]
  return words.map(asString).find((word) => word !== undefined) ?? ''
}
