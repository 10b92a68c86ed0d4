import type { RouteCatalog } from '../core/dialect.ts'
import type { Identity } from '../core/identity.ts'
import type { RouteInfo } from '../core/route.ts'
import { matchesAny } from './globs.ts'

/** Whether a caller may use the route of this name, whether there is one or not. */
export function mayUse(identity: Identity | undefined, route: string): boolean {
  return !isRestricted(identity) || matchesAny(identity.routes, route)
}

/** Whether there are names that the caller may not use. */
export function isRestricted(identity: Identity | undefined): identity is Identity {
  return identity !== undefined && !identity.routes.includes('*')
}

/** What a caller may know of the routes: those that they may use. */
export function visibleTo(identity: Identity | undefined, routes: RouteCatalog): RouteCatalog {
  if (!isRestricted(identity)) return routes
  return {
    list: () => routes.list().filter(({ name }) => mayUse(identity, name)),
    find: (name): RouteInfo | undefined => (mayUse(identity, name) ? routes.find(name) : undefined),
  }
}

/** No route at all: what those are shown who did not say who they are. */
export const NO_ROUTES: RouteCatalog = { list: () => [], find: () => undefined }
