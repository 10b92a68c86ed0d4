import type { JsonObject } from '../core/json.ts'
import type { ConfigIssue } from '../core/provider.ts'

/**
 * An issue when the option is there and is no base URL: paths are appended to it, so it may hold no query, no fragment
 * and no credentials. The value is not repeated: it may hold a credential.
 */
export function checkUrl(config: JsonObject, option: string): ConfigIssue[] {
  const value = config[option]
  if (typeof value !== 'string' || isBaseUrl(value)) return []
  const message =
    'is not a base URL; write one that begins with https:// or http://, without query, fragment and credentials'
  return [{ path: [option], message }]
}

function isBaseUrl(text: string): boolean {
  // The parsed URL no longer tells a bare question mark from none.
  if (!URL.canParse(text) || /[?#]/.test(text)) return false
  const { protocol, username, password } = new URL(text)
  return /^https?:$/.test(protocol) && username + password === ''
}
