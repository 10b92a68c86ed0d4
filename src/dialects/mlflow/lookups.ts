import type { Lookup, LookupQuery, RouteCatalog } from '../../core/dialect.ts'
import { GatewayError } from '../../core/error.ts'
import type { RouteInfo } from '../../core/route.ts'
import { paginate } from './page-token.ts'

/** What each generation of MLflow's clients asks about routes, in its own words. */
export const lookups: readonly Lookup[] = [
  {
    method: 'GET',
    path: '/gateway/routes/',
    answer: (routes) => ({ routes: routes.list().map(writeSeedRoute) }),
  },
  {
    method: 'GET',
    path: '/gateway/routes/:route',
    answer: (routes, { route }) => ({ route: writeSeedRoute(findRoute(routes, route)) }),
  },
  {
    method: 'GET',
    path: '/api/2.0/gateway/routes/',
    answer: (routes, query) => listPage(routes, query, { list: 'routes', write: writeRoute }),
  },
  {
    method: 'GET',
    path: '/api/2.0/gateway/routes/:route',
    answer: (routes, { route }) => writeRoute(findRoute(routes, route)),
  },
  {
    method: 'GET',
    path: '/api/2.0/endpoints/',
    answer: (routes, query) => listPage(routes, query, { list: 'endpoints', write: writeEndpoint }),
  },
  {
    method: 'GET',
    path: '/api/2.0/endpoints/:route',
    answer: (routes, { route }) => writeEndpoint(findEndpoint(routes, route)),
  },
  getLimits('/api/2.0/gateway/limits/:route', findRoute),
  setLimits('/api/2.0/gateway/limits/'),
  getLimits('/api/2.0/endpoints/limits/:route', findEndpoint),
  setLimits('/api/2.0/endpoints/limits/'),
]

function listPage(
  routes: RouteCatalog,
  { search }: LookupQuery,
  { list, write }: { list: string; write: (route: RouteInfo) => unknown },
): unknown {
  const { page, nextPageToken } = paginate(routes.list(), search.get('page_token'))
  return { [list]: page.map(write), next_page_token: nextPageToken }
}

function writeSeedRoute({ name, type, model }: RouteInfo): unknown {
  return { name, type, model: { name: model.name, provider: model.provider } }
}

function writeRoute({ name, type, model }: RouteInfo): unknown {
  return {
    name,
    route_type: type,
    model: { name: model.name, provider: model.provider },
    route_url: `/gateway/${name}/invocations`,
  }
}

/** `limit` must be there, null or not: clients from 2.10 on refuse an endpoint without it. */
function writeEndpoint({ name, type, model, limit }: RouteInfo): unknown {
  return {
    name,
    endpoint_type: type,
    model: { name: model.name, provider: model.provider },
    endpoint_url: `/endpoints/${name}/invocations`,
    limit: limit ? { calls: limit.calls, key: null, renewal_period: limit.renewalPeriod } : null,
  }
}

function findRoute(routes: RouteCatalog, name: string): RouteInfo {
  return routes.find(name) ?? notFound('route', name)
}

function findEndpoint(routes: RouteCatalog, name: string): RouteInfo {
  return routes.find(name) ?? notFound('endpoint', name)
}

function notFound(word: 'route' | 'endpoint', name: string): never {
  throw new GatewayError(
    `The ${word} '${name}' is not present or active on the server. Please verify the ${word} name.`,
    { kind: 'not_found', status: 404 },
  )
}

/** `key` says of whom each limit is: null of all callers together. */
function getLimits(path: string, find: typeof findRoute): Lookup {
  return {
    method: 'GET',
    path,
    answer(routes, { route }) {
      const { name, limits = [] } = find(routes, route)
      const written = limits.map(({ calls, renewalPeriod, by }) => {
        return { calls, key: by === 'all' ? null : by, renewal_period: renewalPeriod }
      })
      return { route: name, limits: written }
    },
  }
}

/** Who may call may not say how often. */
function setLimits(path: string): Lookup {
  return {
    method: 'POST',
    path,
    answer(): never {
      throw new GatewayError(
        "Limits are the operator's: they are set in the gateway's configuration and, for keys, users and teams, over its admin API.",
        { kind: 'forbidden', status: 403 },
      )
    },
  }
}
