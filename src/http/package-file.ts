import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { isObject } from '../core/json.ts'

/** Where a file of this package lies: the package's root is as far above `dist` as above `src`. */
export function packagePath(path: string): string {
  return fileURLToPath(new URL(`../../${path}`, import.meta.url))
}

/** The version in the package.json that is shipped with the gateway. */
export function packageVersion(): string {
  const parsed: unknown = JSON.parse(readFileSync(packagePath('package.json'), 'utf8'))
  return isObject(parsed) && typeof parsed['version'] === 'string' ? parsed['version'] : '0.0.0'
}
