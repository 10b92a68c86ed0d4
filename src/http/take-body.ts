import type { Endpoint, RequestHead } from '../core/dialect.ts'
import type { Route } from '../gateway/runtime.ts'
import type { ClientConnection } from './client-connection.ts'
import { readBody } from './read-body.ts'
import { searchOf } from './request-url.ts'
import type { Reachable, TakeIn } from './take-in.ts'

/** Requests whose whole body is read first, as nearly all are. */
export function takeBody(endpoint: Endpoint): TakeIn {
  return async (connection, runtime, named) => {
    const { settings } = runtime
    const body = await readBody(connection, settings.bodyLimit)
    const head = headOf(connection)
    const route = named ?? findRoute(endpoint, { body, head }, runtime)
    const asked = { endpoint: endpoint.path, body }
    return { route, asked, read: () => endpoint.read(body, { route: route.info, head, settings }) }
  }
}

export function headOf({ request }: ClientConnection): RequestHead {
  return { headers: request.headers, search: searchOf(request) }
}

function findRoute(
  { address, path }: Endpoint,
  { body, head }: { body: Buffer; head: RequestHead },
  runtime: Reachable,
): Route {
  if (!address) throw new Error(`the endpoint ${path} finds no route in a body`)
  const name = address.routeOf(body, head)
  const route = runtime.route(name)
  if (!route) throw address.unknownRoute(name)
  return route
}
