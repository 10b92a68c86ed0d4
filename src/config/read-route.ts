import { asArray, asObject, isObject } from '../core/json.ts'
import { option } from '../core/options.ts'
import { ROUTE_TYPES, type RouteType } from '../core/route.ts'
import { DEFAULT_FALLBACK_KINDS, FALLBACK_KINDS } from '../gateway/plan/next-step.ts'
import { recordSchema } from '../gateway/recording/record-traffic.ts'
import { STRATEGIES, type StrategyName } from '../gateway/plan/strategies/index.ts'
import type { RequestParams } from '../gateway/target.ts'
import { asMapping, checkKeys, reportMissingKey, reportUnknownKey } from './check-mapping.ts'
import { checkValue, type Spot } from './check.ts'
import { clientKeyProblem } from './client-key.ts'
import { listed, nearest } from './nearest.ts'
import type { ReadContext } from './read-config.ts'
import { placed } from '../core/limits.ts'
import { readBodies } from './read-bodies.ts'
import { readLimits } from './read-limits.ts'
import { readPolicies } from './read-policies.ts'
import { readTargets } from './read-targets.ts'
import {
  type FallbackConfig,
  fallbackSchema,
  paramsSchema,
  ROUTE_NAME_PATTERN,
  type RouteConfig,
  routeSchema,
  TYPE_KEYS,
} from './schema.ts'
import { kindOf, show } from './show.ts'

const NAME = new RegExp(ROUTE_NAME_PATTERN)

/** One item of the list of routes; undefined when it is too wrong to be one. All its mistakes are reported. */
export function readRoute(spot: Spot, context: ReadContext): RouteConfig | undefined {
  const route = asMapping(spot, context)
  if (!route) return undefined
  const { path } = spot
  reportStrayKeys(route, spot, context)
  const name = readName(route, spot, context)
  const type = readType(route, spot, context)
  const targets = readTargets(route, { path, type }, context)
  const fallbacks = readFallbacks({ value: route['fallbacks'], path: [...path, 'fallbacks'] }, context)
  const strategy = readStrategy({ value: route['strategy'], path: [...path, 'strategy'] }, context)
  const policies = readPolicies({ value: route, path }, context)
  const limits = readLimits(route['limits'], [...path, 'limits'], context)
  const params = readParams({ value: route['params'], path: [...path, 'params'] }, context)
  const record = readRecord({ value: route['record'], path: [...path, 'record'] }, context)
  const bodies = readBodies({ value: route['store_bodies'], path: [...path, 'store_bodies'] }, context)
  const isStrict = checkFlag({ value: route['strict'], path: [...path, 'strict'] }, context)
  if (name === undefined || !type || targets.length === 0) return undefined
  const read: RouteConfig = { name, type, strategy, targets, fallbacks, policies }
  if (limits.length > 0) read.limits = placed(limits, { kind: 'route', name })
  if (params) read.params = params
  if (record) read.record = record
  if (bodies) read.bodies = bodies
  if (isStrict) read.isStrict = isStrict
  if (readClientKey(read, { value: route['client_key'], path: [...path, 'client_key'] }, context)) {
    read.takesClientKeys = true
  }
  return read
}

function readStrategy(spot: Spot, context: ReadContext): StrategyName {
  const given = spot.value === undefined ? undefined : checkValue(option.oneOf(STRATEGIES), spot, context)
  return STRATEGIES.find((known) => known === given) ?? 'weighted'
}

function readFallbacks(spot: Spot, context: ReadContext): FallbackConfig[] {
  if (spot.value === undefined || spot.value === null) return []
  const items = asArray(checkValue(option.list(fallbackSchema), spot, context))
  return items.filter(isObject).flatMap(({ route, on }) => {
    if (typeof route !== 'string') return []
    const kinds = FALLBACK_KINDS.filter((kind) => asArray(on).includes(kind))
    return [{ route, on: kinds.length > 0 ? kinds : [...DEFAULT_FALLBACK_KINDS] }]
  })
}

function readParams(spot: Spot, context: ReadContext): RequestParams | undefined {
  if (spot.value === undefined || spot.value === null || !asMapping(spot, context)) return undefined
  const keys = checkKeys(paramsSchema, spot, context)
  const { drop } = keys
  return {
    default: asObject(keys['default']),
    override: asObject(keys['override']),
    drop: asArray(drop).filter((name) => typeof name === 'string'),
  }
}

function readRecord(spot: Spot, context: ReadContext): RouteConfig['record'] {
  if (spot.value === undefined || spot.value === null) return undefined
  const { path, max_bytes: maxBytes } = asObject(checkValue(recordSchema, spot, context))
  return typeof path === 'string' && typeof maxBytes === 'number' ? { path, maxBytes } : undefined
}

function readClientKey(route: RouteConfig, spot: Spot, context: ReadContext): boolean {
  if (spot.value === undefined || checkValue(CLIENT_KEY, spot, context) !== 'allow') return false
  const { providers } = context.registry
  const problem = clientKeyProblem(route, (name) => providers.find((known) => known.name === name))
  if (problem !== undefined) context.problems.push({ path: spot.path, at: 'value', message: problem })
  return true
}

const CLIENT_KEY = option.oneOf(['allow', 'refuse'])

function checkFlag(spot: Spot, context: ReadContext): boolean {
  return spot.value !== undefined && checkValue(option.boolean(), spot, context) === true
}

function reportStrayKeys(route: Record<string, unknown>, { path }: Spot, context: ReadContext): void {
  const known = Object.keys(routeSchema(context.registry).properties)
  for (const key of Object.keys(route)) {
    if (!known.includes(key)) reportUnknownKey({ key, path: [...path, key], known }, context)
  }
}

function readName(route: Record<string, unknown>, { path }: Spot, context: ReadContext): string | undefined {
  if (!Object.hasOwn(route, 'name')) {
    const property = { description: 'The name in URLs, of letters, digits, "_", "." and "-".' }
    reportMissingKey({ path, key: 'name', property }, context)
    return undefined
  }
  const { name } = route
  const text = Number.isSafeInteger(name) ? String(name) : name
  const at = { path: [...path, 'name'], at: 'value' as const }
  if (typeof text !== 'string') {
    const advice = name === null ? 'write a name' : 'put it in quotes'
    context.problems.push({ ...at, message: `must be a string, but is ${kindOf(name)}; ${advice}` })
    return undefined
  }
  if (NAME.test(text)) return text
  const dots = text === '.' || text === '..' ? ', and more than dots' : ''
  const message = `${show(text)} cannot stand in a URL; use letters, digits, "_", "." and "-" only${dots}`
  context.problems.push({ ...at, message })
  return undefined
}

function readType(
  route: Record<string, unknown>,
  { path }: Spot,
  context: ReadContext,
): RouteType | undefined {
  const given = TYPE_KEYS.filter((key) => Object.hasOwn(route, key))
  const [key, second] = given
  if (!key) {
    const property = { description: `One of ${listed(ROUTE_TYPES)}.` }
    reportMissingKey({ path, key: 'type', property }, context)
    return undefined
  }
  if (second) {
    const message = `says the same as "${key}"; keep one of them`
    context.problems.push({ path: [...path, second], at: 'key', message })
  }
  const value = route[key]
  const type = ROUTE_TYPES.find((known) => known === value)
  if (type) return type
  const guess = typeof value === 'string' ? meantType(value) : undefined
  const help = guess
    ? `write "${guess}" (the types are ${listed(ROUTE_TYPES)})`
    : `write ${listed(ROUTE_TYPES)}`
  const found =
    typeof value === 'string'
      ? `${show(value)} is not a route type`
      : `must be a route type, but is ${kindOf(value)}`
  context.problems.push({ path: [...path, key], at: 'value', message: `${found}; ${help}` })
  return undefined
}

/** `chat/completions`, `/v1/embeddings`, `completion` and the like: paths and names of the OpenAI API. */
function meantType(text: string): RouteType | undefined {
  const word = text.toLowerCase()
  if (word.includes('chat')) return 'llm/v1/chat'
  if (word.includes('embed')) return 'llm/v1/embeddings'
  if (word.includes('complet')) return 'llm/v1/completions'
  return ROUTE_TYPES.find((type) => type === nearest(text, ROUTE_TYPES))
}
