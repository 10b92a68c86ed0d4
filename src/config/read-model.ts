import type { OptionSchema } from '../core/options.ts'
import type { JsonObject } from '../core/json.ts'
import type { ConfigIssue, ProviderConfig, ProviderDefinition } from '../core/provider.ts'
import type { RouteType } from '../core/route.ts'
import { asMapping, checkKeys, fillIn, reportMissingKey, reportUnknownKey } from './check-mapping.ts'
import { checkValue, type Spot } from './check.ts'
import type { Path } from './issue.ts'
import { isModulePath } from './modules.ts'
import { listed, nearest } from './nearest.ts'
import type { ReadContext } from './read-config.ts'
import { type ModelConfig, modelNameSchema, modelSchema } from './schema.ts'
import { kindOf, show } from './show.ts'

interface OfRoute {
  /** Undefined when the route's type was refused. */
  type: RouteType | undefined
  /** Whether the route has the key `model` at all. */
  has: boolean
}

/** The `model` of a route, with the provider's config checked by the provider's own schema. */
export function readModel(spot: Spot, route: OfRoute, context: ReadContext): ModelConfig | undefined {
  if (!route.has) {
    const property = { description: 'A mapping with provider, name and config.' }
    reportMissingKey({ path: spot.path.slice(0, -1), key: 'model', property }, context)
    return undefined
  }
  const model = asMapping(spot, context)
  if (!model) return undefined
  const known = Object.keys(modelSchema.properties)
  for (const key of Object.keys(model)) {
    if (!known.includes(key)) reportUnknownKey({ key, path: [...spot.path, key], known }, context)
  }
  const nameSpot = { value: model.name, path: [...spot.path, 'name'] }
  const name =
    model.name === null || model.name === undefined ? null : checkValue(modelNameSchema, nameSpot, context)
  const found = readProvider({ value: model.provider, path: spot.path }, context)
  if (!found) return undefined
  const { definition, module } = found
  const named: NamedProvider = { definition, model: typeof name === 'string' ? name : null }
  reportUnservedType(definition, { type: route.type, path: [...spot.path, 'provider'] }, context)
  const before = context.problems.length
  const config = readProviderConfig(named, { value: model.config, path: [...spot.path, 'config'] }, context)
  const unavailable = bearMissing(before, context)
  return {
    provider: definition.name,
    ...(module === undefined ? {} : { module }),
    name: named.model,
    config,
    ...(unavailable === undefined ? {} : { unavailable }),
  }
}

/**
 * When nothing is wrong with a model but that the store's secrets are not to be had, that is no mistake of the file: the
 * other routes serve, and so does this model as soon as they are there.
 */
function bearMissing(before: number, { problems, warnings }: ReadContext): string | undefined {
  const mine = problems.slice(before)
  if (mine.length === 0 || !mine.every(({ isStored }) => isStored)) return undefined
  problems.length = before
  warnings.push(...mine)
  return mine.map(({ message }) => message).join('; ')
}

/** More names than this are no help beside a good guess. */
const MANY = 8

interface FoundProvider {
  definition: ProviderDefinition
  /** The URL of its module, when it is not one of the gateway's own. */
  module?: string
}

interface NamedProvider {
  definition: ProviderDefinition
  /** `model.name`. */
  model: string | null
}

function readProvider({ value, path }: Spot, context: ReadContext): FoundProvider | undefined {
  const names = context.registry.providers.map((provider) => provider.name)
  if (value === undefined) {
    reportMissingKey(
      { path, key: 'provider', property: { description: `One of ${listed(names)}.` } },
      context,
    )
    return undefined
  }
  const at = { path: [...path, 'provider'], at: 'value' as const }
  if (typeof value !== 'string') {
    context.problems.push({
      ...at,
      message: `must be the name of a provider, but is ${kindOf(value)}; write ${listed(names)}`,
    })
    return undefined
  }
  if (isModulePath(value)) {
    const module = context.modules.get(value)
    if (module?.ok) return { definition: module.definition, module: module.url }
    const message = `the module ${show(value)} cannot be used: ${module?.message ?? (context.isStoredOnly ? 'only the file may name one' : 'it was not loaded')}`
    context.problems.push({ ...at, message })
    return undefined
  }
  const canonical = value.toLowerCase().replaceAll('_', '-')
  const { providers, retired = {} } = context.registry
  const definition =
    providers.find((provider) => provider.name === canonical) ??
    providers.find((provider) => provider.aliases?.includes(canonical))
  if (definition) return { definition }
  if (Object.hasOwn(retired, canonical)) {
    context.problems.push({ ...at, message: `${show(value)} is a provider no more: ${retired[canonical]}` })
    return undefined
  }
  const guess = nearest(value, names)
  const known = names.length <= MANY ? ` Known: ${listed(names)}` : ''
  const help = guess ? `did you mean "${guess}"?${known}` : `write ${listed(names)}`
  context.problems.push({ ...at, message: `${show(value)} is not a known provider; ${help}` })
  return undefined
}

function reportUnservedType(
  provider: ProviderDefinition,
  { type, path }: { type: RouteType | undefined; path: Path },
  context: ReadContext,
): void {
  if (type === undefined || provider.routeTypes.some((served) => served === type)) return
  const message = `provider "${provider.name}" does not serve ${type}; it serves ${listed(provider.routeTypes)}`
  context.problems.push({ path, at: 'value', message })
}

function readProviderConfig(named: NamedProvider, spot: Spot, context: ReadContext): ProviderConfig {
  const { name, options: schema }: { name: string; options: OptionSchema } = named.definition
  const required = schema.required ?? []
  const isAbsent = spot.value === null || spot.value === undefined
  if (isAbsent && required.length > 0) {
    const message = `missing key "config"; provider "${name}" needs ${listed(required)} in it`
    context.problems.push({ path: spot.path.slice(0, -1), at: 'value', message })
    return {}
  }
  const given = isAbsent ? {} : asMapping(spot, context)
  if (!given) return {}
  const before = context.problems.length
  const keys = checkKeys(schema, { value: given, path: spot.path }, context)
  const config = fillIn(schema, { value: keys, path: spot.path }, context)
  // A check of how the keys fit together says something useful only once each of them is right.
  if (context.problems.slice(before).every((problem) => problem.secret))
    reportMisfits({ ...named, keys }, spot, context)
  return config
}

function reportMisfits(
  { definition, model, keys }: NamedProvider & { keys: ProviderConfig },
  { path }: Spot,
  context: ReadContext,
): void {
  // As written, without defaults: a check has to tell "left out" from "set". Through JSON: no check sees a secret.
  const plain: JsonObject = JSON.parse(JSON.stringify(keys))
  for (const issue of misfits(plain)) {
    context.problems.push({ path: [...path, ...issue.path], at: 'value', message: issue.message })
  }

  function misfits(config: JsonObject): ConfigIssue[] {
    try {
      return definition.check?.(config, model) ?? []
    } catch (error) {
      // A user's own provider: its fault is a mistake in the file, not the end of the gateway.
      const reason = error instanceof Error ? error.message : String(error)
      return [{ path: [], message: `the check of provider "${definition.name}" failed: ${reason}` }]
    }
  }
}
