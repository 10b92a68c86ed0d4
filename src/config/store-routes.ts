import type { RouteIssue, RouteListing } from '../core/route-listing.ts'
import { stateOf } from './catalogue.ts'
import type { SecretUse } from './check.ts'
import { misleading, type PlacedRoute } from './check-graph.ts'
import { forbiddenInStore } from './forbidden-in-store.ts'
import { type Path, printPath, type Problem } from './issue.ts'
import type { ReadContext } from './read-config.ts'
import { readRoute } from './read-route.ts'
import type { GatewayConfig } from './schema.ts'
import { scrub } from './show.ts'

/** A route that is kept in the store. */
export interface StoreRoute {
  readonly name: string
  readonly version: number
  /** As it would stand in the file; its name may be left out. */
  readonly definition: Readonly<Record<string, unknown>>
}

/** The routes of the store beside those of a file. */
export interface StoreRoutes {
  /** Those that can be used. */
  readonly usable: GatewayConfig['routes']
  readonly listings: readonly RouteListing[]
  /** By route. */
  readonly uses: ReadonlyMap<string, readonly SecretUse[]>
}

interface Read {
  readonly stored: StoreRoute
  readonly placed: PlacedRoute | undefined
  readonly problems: Problem[]
  readonly context: ReadContext
}

/**
 * Read the routes of the store. They may name those of the file and each other; a mistake in one makes that one
 * unusable, and those that lead to it.
 */
export function readStoreRoutes(
  stored: readonly StoreRoute[],
  config: GatewayConfig,
  context: ReadContext,
): StoreRoutes {
  const inFile = new Map(
    config.routes.map((route) => [route.name, { route, path: [], targetsKey: 'targets' }]),
  )
  const shadowed = stored.filter(({ name }) => inFile.has(name))
  const reads = stored.filter(({ name }) => !inFile.has(name)).map((one) => readOne(one, config, context))
  const usable = withoutMisleading(reads, inFile)
  return {
    usable: usable.map(({ placed }) => placed.route),
    listings: [
      ...shadowed.map((one) => toShadowed(one, context.places.get(one.name) ?? [], context)),
      ...reads.map((read) => toListing(read)),
    ].toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    uses: new Map(reads.map(({ stored: { name }, context }) => [name, context.uses])),
  }
}

function readOne({ name, version, definition }: StoreRoute, config: GatewayConfig, file: ReadContext): Read {
  const problems: Problem[] = []
  const context: ReadContext = {
    ...file,
    isStoredOnly: true,
    modules: new Map(),
    problems,
    warnings: [],
    uses: [],
    places: new Map(),
    lineOf: () => 0,
  }
  if (definition['name'] !== undefined && definition['name'] !== name) {
    problems.push({ path: ['name'], at: 'value', message: `is not the name of this route; leave it out` })
  }
  const route = readRoute({ value: { ...definition, name }, path: [] }, context)
  if (route) route.isStored = true
  const reported = new Set(problems.map(({ path }) => path.join('\n')))
  problems.push(...forbiddenInStore(definition).filter(({ path }) => !reported.has(path.join('\n'))))
  if (route?.policies['cache']?.['store'] === 'redis' && !config.server.redisUrl) {
    const message = 'keeps answers in Redis, but server.redis_url of the file is missing'
    problems.push({ path: ['cache'], at: 'key', message })
  }
  const targetsKey = Object.hasOwn(definition, 'destinations') ? 'destinations' : 'targets'
  const placed = route && problems.length === 0 ? { route, path: [], targetsKey } : undefined
  return { stored: { name, version, definition }, placed, problems, context }
}

type UsableRead = Read & { readonly placed: PlacedRoute }

/** Those that lead nowhere are taken out, then those that led to them, until the rest is right. */
function withoutMisleading(reads: readonly Read[], inFile: ReadonlyMap<string, PlacedRoute>): UsableRead[] {
  let left = reads.flatMap((read): UsableRead[] => (read.placed ? [{ ...read, placed: read.placed }] : []))
  for (;;) {
    const byName = new Map([...inFile, ...left.map(({ stored, placed }) => [stored.name, placed] as const)])
    const found = left.map((read) => ({ read, wrong: misleading(read.placed, byName) }))
    const rest = found.filter(({ wrong }) => wrong.length === 0).map(({ read }) => read)
    if (rest.length === left.length) return left
    for (const { read, wrong } of found) read.problems.push(...wrong)
    left = rest
  }
}

function toListing({ stored, placed, problems, context }: Read): RouteListing {
  const { name, version } = stored
  const isUsable = placed !== undefined && problems.length === 0
  const issues = [...problems, ...context.warnings].map((problem) => toIssue(problem, context))
  return {
    name,
    type: placed?.route.type ?? null,
    origin: { kind: 'store', version },
    state: isUsable ? stateOf(placed.route) : 'invalid',
    issues: distinct(issues),
  }
}

function toShadowed({ name, version }: StoreRoute, place: Path, context: ReadContext): RouteListing {
  const message = `line ${context.lineOf(place)} of the file has a route of the same name, which is used; rename one of them`
  const issues = [{ path: '', message }]
  return { name, type: null, origin: { kind: 'store', version }, state: 'shadowed', issues }
}

function toIssue({ path, message }: Problem, { secrets }: ReadContext): RouteIssue {
  return { path: printPath(path), message: scrub(message, secrets).replaceAll(/\s*[\r\n]+\s*/g, ' ') }
}

/** A model with several keys is read once for each. */
function distinct(issues: readonly RouteIssue[]): RouteIssue[] {
  return [...new Map(issues.map((issue) => [`${issue.path}\n${issue.message}`, issue])).values()]
}
