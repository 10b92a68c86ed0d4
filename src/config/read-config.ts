import { asArray, isObject } from '../core/json.ts'
import { Secret } from '../core/secret.ts'
import { checkGraph } from './check-graph.ts'
import { asMapping, checkKeys, fillIn, reportMissingKey, reportUnknownKey } from './check-mapping.ts'
import type { CheckContext, Spot } from './check.ts'
import type { Path, Problem } from './issue.ts'
import type { LoadedModules } from './modules.ts'
import { readLimitSettings } from './limit-settings.ts'
import { readAlerts } from './read-alerts.ts'
import { readAuth } from './read-auth.ts'
import { readLimits } from './read-limits.ts'
import { readMetrics } from './read-metrics.ts'
import { readUsage } from './read-usage.ts'
import { readRoute } from './read-route.ts'
import { readDefaults } from './read-policies.ts'
import type { Registry } from './registry.ts'
import {
  type AdminConfig,
  fileSchema,
  type GatewayConfig,
  type RouteConfig,
  type ServerConfig,
  serverSchema,
} from './schema.ts'
import { kindOf } from './show.ts'

/** What the readers of the parts of a file share. */
export interface ReadContext extends CheckContext {
  readonly registry: Registry
  readonly modules: LoadedModules
  /** What is no mistake, and yet keeps something from being used. */
  readonly warnings: Problem[]
  /** Where each route stands, by name. */
  readonly places: Map<string, Path>
  /** `defaults`: options by policy, as far as they are given. */
  defaults: Record<string, Record<string, unknown>>
  /** The line of a path, for messages that point at another place. */
  readonly lineOf: (path: Path) => number
}

const EXAMPLE = 'write "routes:" and a list of routes below it'

/** The values of a file as a configuration. It is usable only if `context.problems` is still empty afterwards. */
export function readConfig(value: unknown, context: ReadContext): GatewayConfig {
  const server = {
    allowDestructiveReload: false,
    invocationsShape: 'mlflow',
    drainTimeoutMs: 0,
    bodyLimit: 0,
  } satisfies ServerConfig
  if (value === null || value === undefined) {
    context.problems.push({ path: [], at: 'value', message: `the file is empty; ${EXAMPLE}` })
    return { routes: [], server }
  }
  if (Array.isArray(value) || typeof value !== 'object') {
    const message = `the file must be a mapping, but is ${kindOf(value)}; ${EXAMPLE}`
    context.problems.push({ path: [], at: 'value', message })
    return { routes: [], server }
  }
  return readMapping({ ...value }, context)
}

function readMapping(file: Record<string, unknown>, context: ReadContext): GatewayConfig {
  const known = Object.keys(fileSchema(context.registry).properties)
  for (const key of Object.keys(file)) {
    if (!known.includes(key)) reportUnknownKey({ key, path: [key], known }, context)
  }
  context.defaults = readDefaults({ value: file.defaults, path: ['defaults'] }, context)
  const server = readServer({ value: file.server, path: ['server'] }, context)
  const auth = readAuth({ value: file['auth'], path: ['auth'] }, context)
  const limits = readLimits(file['limits'], ['limits'], context)
  const usage = readUsage({ value: file['usage'], path: ['usage'] }, context)
  const metrics = readMetrics({ value: file['metrics'], path: ['metrics'] }, context)
  const alerts = readAlerts({ value: file['alerts'], path: ['alerts'] }, context)
  const routes = readLists(file, context)
  if (!server.redisUrl) reportNoRedis(routes, context)
  return {
    ...(auth && { auth }),
    server,
    routes,
    ...(usage && { usage }),
    ...(metrics && { metrics }),
    ...(alerts.length > 0 && { alerts }),
    ...(limits.length > 0 && { limits }),
  }
}

/** Only the two together show it. */
function reportNoRedis(routes: readonly RouteConfig[], context: ReadContext): void {
  const needs = routes.find(({ policies }) => policies['cache']?.['store'] === 'redis')
  if (!needs) return
  const message = `the cache of route "${needs.name}" is kept in Redis, but server.redis_url is missing, and $REDIS_URL is not set; write where it is`
  context.problems.push({ path: ['server'], at: 'key', message })
}

function readServer(spot: Spot, context: ReadContext): ServerConfig {
  const given = spot.value === null || spot.value === undefined ? {} : asMapping(spot, context)
  const keys = checkKeys(serverSchema, { value: given, path: spot.path }, context)
  const values = fillIn(serverSchema, { value: keys, path: spot.path }, context)
  reportCircle([...spot.path, 'database_url'], context)
  const fromEnv = context.env['REDIS_URL'] ? new Secret(context.env['REDIS_URL']) : undefined
  const redisUrl = values.redis_url instanceof Secret ? values.redis_url : fromEnv
  const admin = readAdmin(values, { given: keys, spot, context })
  return {
    ...(admin && { admin }),
    ...(redisUrl && { redisUrl }),
    ...(typeof values.data_dir === 'string' && { dataDir: values.data_dir }),
    ...(values.database_url instanceof Secret ? { databaseUrl: values.database_url } : {}),
    allowDestructiveReload: values.allow_destructive_reload === true,
    invocationsShape: values.invocations_shape === 'openai' ? 'openai' : 'mlflow',
    limits: readLimitSettings(values),
    drainTimeoutMs: Number(values.drain_timeout),
    bodyLimit: Number(values.body_limit),
  }
}

/** A token that can be guessed is worse than none: the API shows what requests hold. */
const SHORTEST_TOKEN = 24
const ADMIN_KEYS = ['admin_token', 'admin_host', 'admin_port'] as const

/** The store cannot say where it is itself. */
function reportCircle(path: Path, { uses, problems }: ReadContext): void {
  if (!uses.some((use) => use.path.join() === path.join())) return
  const message = 'names a secret of the store, which is found by this URL; write $NAME or the path of a file'
  problems.push({ path, at: 'value', message })
}

function readAdmin(
  values: Readonly<Record<string, unknown>>,
  { given, spot, context }: { given: Readonly<Record<string, unknown>>; spot: Spot; context: ReadContext },
): AdminConfig | undefined {
  const { admin_token: token, admin_host: host, admin_port: port } = values
  const length = token instanceof Secret ? token.reveal().length : 0
  // An empty one could not be found, and that is reported already.
  if (length > 0 && length < SHORTEST_TOKEN) {
    const message = `is too short; write at least ${SHORTEST_TOKEN} characters that nobody can guess`
    context.problems.push({ path: [...spot.path, 'admin_token'], at: 'value', message })
  }
  const isSaid = ADMIN_KEYS.some((key) => Object.hasOwn(given, key))
  if (!isSaid) return undefined
  return {
    ...(token instanceof Secret && { token }),
    host: String(host),
    ...(typeof port === 'number' && { port }),
  }
}

function readLists(file: Record<string, unknown>, context: ReadContext): RouteConfig[] {
  const lists = ['routes', 'endpoints'].filter((key) => Object.hasOwn(file, key))
  if (lists.length === 0) {
    const property = { description: 'The routes that applications call; [] for none.' }
    reportMissingKey({ path: [], key: 'routes', property }, context)
  }
  // MLflow 3 writes the models as endpoints, and the traffic between them as routes.
  if (lists.length === 2 && !asArray(file['routes']).some(isTrafficRoute)) {
    const message = 'is the same list as "routes" under another name; move its items there and remove it'
    context.problems.push({ path: ['endpoints'], at: 'key', message })
  }
  const items = lists.flatMap((key) => readItems({ value: file[key], path: [key] }, context))
  reportDuplicates(items, context)
  const placed = items.flatMap((spot) => {
    const route = readRoute(spot, context)
    const targetsKey = TARGET_KEYS.find((key) => isObject(spot.value) && Object.hasOwn(spot.value, key))
    return route ? [{ route, path: spot.path, targetsKey: targetsKey ?? 'model' }] : []
  })
  for (const { route, path } of placed) context.places.set(route.name, path)
  // A route that could not be read is reported already; others that name it are right.
  if (placed.length === items.length) checkGraph(placed, context)
  return placed.map(({ route }) => route)
}

const TARGET_KEYS = ['targets', 'destinations'] as const

function isTrafficRoute(route: unknown): boolean {
  return isObject(route) && Object.hasOwn(route, 'destinations')
}

function readItems({ value, path }: Spot, context: ReadContext): Spot[] {
  if (!Array.isArray(value)) {
    const message = `must be a list, but is ${kindOf(value)}; write one "- name: ..." per route, or [] for none`
    context.problems.push({ path, at: value === null ? 'key' : 'value', message })
    return []
  }
  return value.map((item: unknown, index) => ({ value: item, path: [...path, index] }))
}

function reportDuplicates(routes: readonly Spot[], context: ReadContext): void {
  const first = new Map<string, Spot['path']>()
  for (const { value: item, path } of routes) {
    const name: unknown = typeof item === 'object' && item !== null && 'name' in item ? item.name : undefined
    if (typeof name !== 'string' && typeof name !== 'number') continue
    const here = [...path, 'name']
    const before = first.get(String(name))
    if (!before) {
      first.set(String(name), here)
      continue
    }
    const message = `duplicate name; line ${context.lineOf(before)} has a route of the same name, so rename one of them`
    context.problems.push({ path: here, at: 'value', message })
  }
}
