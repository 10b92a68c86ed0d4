import { readFileSync } from 'node:fs'
import { isObject } from '../core/json.ts'

/** The package's version, read from the package.json that is shipped with it. */
export function version(): string {
  const parsed: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
  return isObject(parsed) && typeof parsed['version'] === 'string' ? parsed['version'] : '0.0.0'
}
