import type { Asked } from '../core/asked.ts'
import type { ClientRequest } from '../core/dialect.ts'
import type { ServerSettings } from '../core/route.ts'
import type { Route } from '../gateway/runtime.ts'
import type { ClientConnection } from './client-connection.ts'

/** A request of which the route is known; what it says is read next, so that a failure is recorded with its route. */
export interface TakenIn {
  readonly route: Route
  readonly read: () => ClientRequest
  readonly asked?: Asked
}

/** What of a runtime its sender may use. */
export interface Reachable {
  readonly settings: ServerSettings
  /** Throws a `GatewayError` for a name that the sender may not use. */
  route(name: string): Route | undefined
}

/** Takes in one kind of request, up to where its route is known. `named` is the route in the path, when it has one. */
export type TakeIn = (connection: ClientConnection, runtime: Reachable, named?: Route) => Promise<TakenIn>
