import { isDeepStrictEqual } from 'node:util'
import type { ProviderDefinition } from '../core/provider.ts'
import { Secret } from '../core/secret.ts'
import type { RouteConfig } from './schema.ts'

/** The option of a provider that a client's key takes the place of; undefined where there is no such one. */
export function keyOptionOf({ options }: ProviderDefinition): string | undefined {
  const secrets = Object.entries(options.properties).filter(([, option]) => option.secret === true)
  const names = secrets.map(([name]) => name)
  return names.find((name) => name.endsWith('_api_key')) ?? names.find((name) => name === 'api_key')
}

/** The options of a target with a client's key in place of its own. */
export function withKey(
  config: Readonly<Record<string, unknown>>,
  { option, key }: { option: string; key: Secret },
): Record<string, unknown> {
  // Some providers take their key by a general name too.
  const { api_key: _general, ...others } = config
  return { ...others, [option]: key }
}

/** Why a route cannot take keys of clients: they are for one provider at one place, and must not go to another. */
export function clientKeyProblem(
  { targets, fallbacks, policies }: RouteConfig,
  definitionOf: (provider: string) => ProviderDefinition | undefined,
): string | undefined {
  const models = targets.flatMap(({ goesTo }) => ('models' in goesTo ? goesTo.models : []))
  const isAlone = fallbacks.length === 0 && policies['mirror'] === undefined
  if (!isAlone || targets.some(({ goesTo }) => 'route' in goesTo)) {
    return "cannot be allowed beside fallbacks, a mirror, or routes as targets: a client's key is for one provider"
  }
  const places = models.map(({ model }) => ({ provider: model.provider, ...plainOf(model.config) }))
  if (places.some((place) => !isDeepStrictEqual(place, places[0]))) {
    return "cannot be allowed where targets differ in provider or config: a client's key is for one of them"
  }
  const [first] = models
  const definition = first && definitionOf(first.model.provider)
  if (!definition || keyOptionOf(definition) !== undefined) return undefined
  return `cannot be allowed: ${definition.name} is not called with a single key`
}

function plainOf(config: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(config).filter(([, value]) => !(value instanceof Secret)))
}
