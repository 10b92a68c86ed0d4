import type { JsonObject } from '../core/json.ts'
import type { ConfigIssue } from '../core/provider.ts'

/** An issue when the option is there and no http(s) URL. The value is not repeated: it may hold a credential. */
export function checkUrl(config: JsonObject, option: string): ConfigIssue[] {
  const value = config[option]
  if (typeof value !== 'string') return []
  if (URL.canParse(value) && /^https?:$/.test(new URL(value).protocol)) return []
  return [{ path: [option], message: 'is not a URL; write one that begins with https:// or http://' }]
}
