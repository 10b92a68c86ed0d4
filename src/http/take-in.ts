import type { Asked } from '../core/asked.ts'
import type { ClientRequest } from '../core/dialect.ts'
import type { Route, Runtime } from '../gateway/runtime.ts'
import type { ClientConnection } from './client-connection.ts'

/** A request of which the route is known; what it says is read next, so that a failure is recorded with its route. */
export interface TakenIn {
  readonly route: Route
  readonly read: () => ClientRequest
  readonly asked?: Asked
}

/** Takes in one kind of request, up to where its route is known. `named` is the route in the path, when it has one. */
export type TakeIn = (connection: ClientConnection, runtime: Runtime, named?: Route) => Promise<TakenIn>
