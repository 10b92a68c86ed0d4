import type { ProviderConfig } from '../core/provider.ts'
import { Secret } from '../core/secret.ts'

/** An option's text; undefined when the file gives none. */
export function textOption(config: ProviderConfig, key: string): string | undefined {
  const value = config[key]
  return typeof value === 'string' ? value : undefined
}

/** An option that is a credential; undefined when the file gives none. */
export function secretOption(config: ProviderConfig, key: string): Secret | undefined {
  const value = config[key]
  return value instanceof Secret ? value : undefined
}

/** The header that most providers take a credential in; none without one. */
export function bearer(key: Secret | undefined): Record<string, Secret> {
  return key ? { authorization: new Secret(`Bearer ${key.reveal()}`) } : {}
}
