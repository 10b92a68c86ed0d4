import { asArray, asNumber, isObject } from '../core/json.ts'
import { option } from '../core/options.ts'
import { readPrice } from '../core/prices.ts'
import type { RouteType } from '../core/route.ts'
import { asMapping, checkKeys, reportMissingKey } from './check-mapping.ts'
import { checkValue, type Spot } from './check.ts'
import type { ReadContext } from './read-config.ts'
import { readModel } from './read-model.ts'
import { destinationSchema, targetSchema, type KeyedModel, type TargetConfig } from './schema.ts'

/** The targets of a route, however they are written: one `model`, `targets`, or MLflow's `destinations`. */
export function readTargets(
  route: Record<string, unknown>,
  { path, type }: { path: Spot['path']; type: RouteType | undefined },
  context: ReadContext,
): TargetConfig[] {
  const ways = ['targets', 'destinations', 'model'].filter((key) => Object.hasOwn(route, key))
  const [way = 'model', second] = ways
  if (second !== undefined) {
    const message = `stands beside "${way}"; keep one of them`
    context.problems.push({ path: [...path, second], at: 'key', message })
  }
  const spot = { value: route[way], path: [...path, way] }
  if (way === 'model') {
    const models = readModels(spot, { type, has: Object.hasOwn(route, 'model') }, context)
    return models ? withNames([{ name: '', weight: 1, goesTo: { models } }]) : []
  }
  const items = readItems(spot, context)
  const read = way === 'targets' ? readTarget : readDestination
  const targets = items.flatMap((value, index) => {
    const target = read({ value, path: [...spot.path, index] }, type, context)
    return target ? [target] : []
  })
  if (way === 'destinations') reportShares(targets, spot, context)
  else reportNoWeight(targets, spot, context)
  return withNames(targets)
}

function readItems(spot: Spot, context: ReadContext): unknown[] {
  const before = context.problems.length
  checkValue(option.list({}, { minItems: 1 }), spot, context)
  return context.problems.length > before ? [] : asArray(spot.value)
}

function readTarget(spot: Spot, type: RouteType | undefined, context: ReadContext): TargetConfig | undefined {
  const target = asMapping(spot, context)
  if (!target) return undefined
  const { path } = spot
  const { model: _model, keys: _keys, ...others } = target
  const checked = checkKeys(targetSchema, { value: others, path }, context)
  const has = Object.hasOwn(target, 'model')
  if (has === Object.hasOwn(target, 'route')) {
    const message = has
      ? 'a target is a model or a route; keep one of "model" and "route"'
      : 'a target needs a "model" or the name of a "route"'
    context.problems.push({ path, at: 'value', message })
    return undefined
  }
  const when = checked['when']
  const common = {
    name: typeof checked['name'] === 'string' ? checked['name'] : '',
    weight: asNumber(checked['weight']) ?? 1,
    ...(isObject(when) ? { when: readConditions(when) } : {}),
    ...(isObject(checked['price']) ? { price: readPrice(checked['price']) } : {}),
  }
  if (typeof checked['route'] === 'string') return { ...common, goesTo: { route: checked['route'] } }
  const models = has ? readKeyed(target, { path, type }, context) : undefined
  return models && { ...common, goesTo: { models } }
}

function readConditions(when: Record<string, unknown>): Record<string, string[]> {
  const conditions = Object.entries(when).map(([name, value]) => {
    const values = Array.isArray(value) ? value : [value]
    return [name.toLowerCase(), values.map(String)]
  })
  return Object.fromEntries(conditions)
}

/** The model once for each of `keys`: what a key gives stands in the place of what `config` says. */
function readKeyed(
  target: Record<string, unknown>,
  { path, type }: { path: Spot['path']; type: RouteType | undefined },
  context: ReadContext,
): KeyedModel[] | undefined {
  const { model, keys } = target
  const modelSpot = { value: model, path: [...path, 'model'] }
  if (keys === undefined || keys === null) return readModels(modelSpot, { type, has: true }, context)
  const items = readItems({ value: keys, path: [...path, 'keys'] }, context)
  const models = items.flatMap((item, index) => {
    const key = asMapping({ value: item, path: [...path, 'keys', index] }, context)
    if (!key || !isObject(model)) return []
    const { weight, ...config } = key
    const spot = { value: weight, path: [...path, 'keys', index, 'weight'] }
    const share = weight === undefined ? 1 : checkValue(option.number({ minimum: 0 }), spot, context)
    const merged = { ...model, config: { ...(isObject(model['config']) ? model['config'] : {}), ...config } }
    const read = readModels({ ...modelSpot, value: merged }, { type, has: true }, context)
    return (read ?? []).map(({ model: one }) => ({ model: one, weight: asNumber(share) ?? 1 }))
  })
  return models.length > 0 ? models : undefined
}

function readModels(
  spot: Spot,
  route: { type: RouteType | undefined; has: boolean },
  context: ReadContext,
): KeyedModel[] | undefined {
  const model = readModel(spot, route, context)
  return model && [{ weight: 1, model }]
}

function readDestination(
  spot: Spot,
  _type: RouteType | undefined,
  context: ReadContext,
): TargetConfig | undefined {
  if (!asMapping(spot, context)) return undefined
  const { name, traffic_percentage: weight } = checkKeys(destinationSchema, spot, context)
  for (const key of ['name', 'traffic_percentage']) {
    if (isObject(spot.value) && Object.hasOwn(spot.value, key)) continue
    reportMissingKey({ path: spot.path, key, property: destinationSchema.properties[key] }, context)
  }
  if (typeof name !== 'string' || typeof weight !== 'number') return undefined
  return { name: '', weight, goesTo: { route: name } }
}

function reportShares(targets: readonly TargetConfig[], { path }: Spot, context: ReadContext): void {
  const sum = targets.reduce((total, { weight }) => total + weight, 0)
  if (targets.length === 0 || Math.abs(sum - 100) < 1e-6) return
  const message = `the percentages make ${sum}; they must make 100`
  context.problems.push({ path, at: 'key', message })
}

function reportNoWeight(targets: readonly TargetConfig[], { path }: Spot, context: ReadContext): void {
  if (targets.length === 0 || targets.some(({ weight }) => weight > 0)) return
  const message = 'every weight is 0, so no target takes a request; give one a weight'
  context.problems.push({ path, at: 'key', message })
}

/** Those without a name get the provider's and the model's, or the route's; one that is taken gets a number. */
function withNames(targets: readonly TargetConfig[]): TargetConfig[] {
  const taken = new Set(targets.map(({ name }) => name))
  const given = new Set<string>()
  return targets.map((target) => {
    const wanted = target.name === '' ? defaultName(target) : target.name
    let name = wanted
    for (let count = 2; given.has(name) || (name !== target.name && taken.has(name)); count++) {
      name = `${wanted}~${count}`
    }
    given.add(name)
    return Object.assign(target, { name })
  })
}

function defaultName({ goesTo }: TargetConfig): string {
  if ('route' in goesTo) return goesTo.route
  const [first] = goesTo.models
  return first ? [first.model.provider, first.model.name].filter(Boolean).join('/') : ''
}
