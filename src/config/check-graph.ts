import type { Path, Problem } from './issue.ts'
import { nearest } from './nearest.ts'
import type { ReadContext } from './read-config.ts'
import type { RouteConfig } from './schema.ts'

/** A route and where it stands. */
export interface PlacedRoute {
  route: RouteConfig
  path: Path
  /** The key of its list of targets. */
  targetsKey: string
}

interface Edge {
  to: string
  path: Path
  /** What the other one is to this route. */
  role: 'a target' | 'a fallback' | 'the mirror'
}

/**
 * What routes say of each other: that they exist, serve the same, and do not lead back to themselves. Two routes may be
 * each other's fallback: a fallback's own fallbacks are not followed.
 */
export function checkGraph(placed: readonly PlacedRoute[], context: ReadContext): void {
  const byName = new Map(placed.map((one) => [one.route.name, one]))
  for (const one of placed) context.problems.push(...misleading(one, byName))
}

export type PlacedRoutes = ReadonlyMap<string, PlacedRoute>

/** What is wrong with what one route says of the others. */
export function misleading(one: PlacedRoute, byName: PlacedRoutes): Problem[] {
  const { route, path } = one
  const edges = [...targetEdges(one), ...fallbackEdges(route, path), ...mirrorEdges(route, path)]
  return edges.flatMap(({ to, path, role }) => {
    const message = mistake(route, { to, role }, byName)
    return message === undefined ? [] : [{ path, at: 'value', message }]
  })
}

function mistake(
  { name, type }: RouteConfig,
  { to, role }: Pick<Edge, 'to' | 'role'>,
  byName: PlacedRoutes,
): string | undefined {
  const other = byName.get(to)
  if (!other) return unknown(to, [...byName.keys()])
  if (other.route.type !== type) {
    return `the route "${to}" is of type ${other.route.type} and cannot be ${role} of one of type ${type}`
  }
  const way = wayBack([to], name, byName)
  return way && `leads back to this route: ${[name, ...way].join(' -> ')}`
}

function targetEdges({ route, path, targetsKey }: PlacedRoute): Edge[] {
  const nameKey = targetsKey === 'destinations' ? 'name' : 'route'
  return route.targets.flatMap(({ goesTo }, index) =>
    'route' in goesTo
      ? [{ to: goesTo.route, path: [...path, targetsKey, index, nameKey], role: 'a target' }]
      : [],
  )
}

function fallbackEdges({ fallbacks }: RouteConfig, path: Path): Edge[] {
  return fallbacks.map(({ route: to }, index) => ({
    to,
    path: [...path, 'fallbacks', index, 'route'],
    role: 'a fallback',
  }))
}

/** Two that mirror each other are no mistake: copies are not copied. */
function mirrorEdges({ policies }: RouteConfig, path: Path): Edge[] {
  const to = policies['mirror']?.['route']
  return typeof to === 'string' ? [{ to, path: [...path, 'mirror', 'route'], role: 'the mirror' }] : []
}

function unknown(name: string, known: readonly string[]): string {
  const guess = nearest(name, known)
  return `there is no route "${name}"; ${guess ? `did you mean "${guess}"?` : 'write the name of a route of this file'}`
}

/** The names on the way through targets from the last of `way` to another route, if there is one. */
function wayBack(way: readonly string[], to: string, byName: PlacedRoutes): readonly string[] | undefined {
  const last = way.at(-1)
  if (last === to) return way
  const one = last === undefined ? undefined : byName.get(last)
  if (!one) return undefined
  for (const edge of targetEdges(one)) {
    if (way.includes(edge.to)) continue
    const rest = wayBack([...way, edge.to], to, byName)
    if (rest) return rest
  }
  return undefined
}
