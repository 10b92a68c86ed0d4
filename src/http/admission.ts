import type { IncomingMessage } from 'node:http'
import { isRestricted, mayUse, NO_ROUTES, visibleTo } from '../auth/allowed.ts'
import { credentialOf } from '../auth/credential.ts'
import { routeNotAllowed } from '../auth/refusals.ts'
import type { Dialect, RequestHead, RouteCatalog } from '../core/dialect.ts'
import type { Identity } from '../core/identity.ts'
import type { Route, Runtime } from '../gateway/runtime.ts'
import { searchOf } from './request-url.ts'
import type { Reachable } from './take-in.ts'

/** Who sent a request. At once, unless it must be looked up; throws or rejects as `Gatekeeper.admit` does. */
export function identify(
  { gate }: Runtime,
  head: RequestHead,
  { hasKeyInQuery = false }: Pick<Dialect, 'hasKeyInQuery'>,
): Identity | undefined | Promise<Identity | undefined> {
  return gate.admit(credentialOf(head, hasKeyInQuery))
}

/** The same runtime with those routes only that the caller may use: any other name is a 403. */
export function reachableBy(identity: Identity | undefined, runtime: Runtime): Reachable {
  if (!isRestricted(identity)) return runtime
  return {
    settings: runtime.settings,
    route(name): Route | undefined {
      mustBeAllowed(identity, name)
      return runtime.route(name)
    },
  }
}

/** Throws a 403 for a name that the caller may not use, whether a route has it or not. */
export function mustBeAllowed(identity: Identity | undefined, name: string): void {
  if (!mayUse(identity, name)) throw routeNotAllowed(name)
}

/** The routes that the sender of a request may know; none for those who should have said who they are. Never rejects. */
export async function routesShownTo(request: IncomingMessage, runtime: Runtime): Promise<RouteCatalog> {
  try {
    const head = { headers: request.headers, search: searchOf(request) }
    return visibleTo(await identify(runtime, head, {}), runtime)
  } catch {
    return NO_ROUTES
  }
}
