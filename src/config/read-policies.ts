import { isObject } from '../core/json.ts'
import { asMapping, checkKeys, fillIn, reportUnknownKey } from './check-mapping.ts'
import type { Spot } from './check.ts'
import type { ReadContext } from './read-config.ts'

type Options = Record<string, unknown>

/** `defaults`: the options that are given there, by policy. What is required may also be given by each route. */
export function readDefaults(spot: Spot, context: ReadContext): Record<string, Options> {
  if (spot.value === null || spot.value === undefined) return {}
  const defaults = asMapping(spot, context)
  if (!defaults) return {}
  const known = context.registry.policies.map((policy) => policy.name)
  for (const key of Object.keys(defaults)) {
    if (!known.includes(key)) reportUnknownKey({ key, path: [...spot.path, key], known }, context)
  }
  return readGiven({ value: defaults, path: spot.path }, context)
}

/** A route's options by policy: those of `defaults`, the route's own on top, then the defaults of the schema. */
export function readPolicies({ value, path }: Spot, context: ReadContext): Record<string, Options> {
  const own = readGiven({ value, path }, context)
  const policies: Record<string, Options> = {}
  for (const { name, options } of context.registry.policies) {
    const inherited = context.defaults[name]
    if (!own[name] && !inherited) continue
    const merged = { ...inherited, ...own[name] }
    policies[name] = fillIn(
      options,
      { value: merged, path: own[name] ? [...path, name] : ['defaults', name] },
      context,
    )
  }
  return policies
}

/** The policies that a mapping names, with the options given there and no others. */
function readGiven({ value, path }: Spot, context: ReadContext): Record<string, Options> {
  const given: Record<string, Options> = {}
  for (const { name, options } of context.registry.policies) {
    const own = isObject(value) ? value[name] : undefined
    if (own === undefined || own === null) continue
    const spot = { value: own, path: [...path, name] }
    if (asMapping(spot, context)) given[name] = checkKeys(options, spot, context)
  }
  return given
}
