import type { RouteListing } from '../core/route-listing.ts'
import type { SecretUse } from './check.ts'
import { type Path, printPath, type Problem } from './issue.ts'
import { modelsOf, type RouteConfig } from './schema.ts'

/** What is told of a configuration to those who look after it. */
export interface Catalogue {
  /** Of the file, then of the store. */
  readonly routes: readonly RouteListing[]
  /** By the name of a secret of the store: the routes, or the places of the file, that name it. */
  readonly uses: ReadonlyMap<string, readonly string[]>
}

/** What the catalogue is made from. */
export interface CatalogueSource {
  readonly routes: readonly RouteConfig[]
  readonly places: ReadonlyMap<string, Path>
  readonly warnings: readonly Problem[]
  readonly lineOf: (path: Path) => number
}

/** The routes of the file. */
export function listFileRoutes({ routes, places, warnings, lineOf }: CatalogueSource): RouteListing[] {
  return routes.map((route) => {
    const place = places.get(route.name) ?? []
    const issues = warnings
      .filter(({ path }) => isBelow(path, place))
      .map(({ path, message }) => ({ path: printPath(path.slice(place.length)), message }))
    const { name, type } = route
    return { name, type, origin: { kind: 'file', line: lineOf(place) }, state: stateOf(route), issues }
  })
}

/** What is wrong with each route, a line each. */
export function routeIssues({ routes }: Catalogue): string[] {
  return routes.flatMap(({ name, origin, issues }) => {
    const place = origin.kind === 'file' ? `line ${origin.line}` : 'in the store'
    return issues.map(({ path, message }) => `route "${name}" (${place}): ${path}${path && ': '}${message}`)
  })
}

/** As far as its own models go. */
export function stateOf(route: RouteConfig): 'ready' | 'partial' | 'unusable' {
  const missing = modelsOf([route]).filter(({ unavailable }) => unavailable !== undefined).length
  if (missing === 0) return 'ready'
  const hasOthers =
    route.targets.some(({ goesTo }) => 'route' in goesTo) || modelsOf([route]).length > missing
  return hasOthers ? 'partial' : 'unusable'
}

/** Who names which secret: of the file, and by the route of the store. What is no route's is told by its path. */
export function usersOf(
  { uses, places }: { uses: readonly SecretUse[]; places: ReadonlyMap<string, Path> },
  ofStore: ReadonlyMap<string, readonly SecretUse[]>,
): Map<string, string[]> {
  const inFile = uses.map(({ name, path }) => {
    const route = [...places].find(([, place]) => isBelow(path, place))?.[0]
    return [name, route === undefined ? printPath(path) : `route ${route}`] as const
  })
  const inStore = [...ofStore].flatMap(([route, used]) =>
    used.map(({ name }) => [name, `route ${route}`] as const),
  )
  const users = new Map<string, string[]>()
  for (const [name, user] of [...inFile, ...inStore]) {
    const known = users.get(name) ?? []
    if (!known.includes(user)) users.set(name, [...known, user])
  }
  return users
}

function isBelow(path: Path, place: Path): boolean {
  return path.length > place.length && place.every((step, index) => path[index] === step)
}
