import type { JsonObject, JsonValue } from '../../core/json.ts'
import type { RouteInfo } from '../../core/route.ts'
import { healthPaths } from './health-paths.ts'
import { operation, jsonAnswer } from './operation.ts'
import { reference } from './reference.ts'

/** How many routes an example shows. */
const SHOWN = 3

/** What can be asked about the gateway itself, with the configured routes as examples. */
export function lookupPaths(routes: readonly RouteInfo[]): JsonObject {
  const shown = routes.slice(0, SHOWN)
  return {
    '/gateway/routes/': lookup({
      id: 'listSeedRoutes',
      summary: 'All routes, as of June 2023',
      responses: { '200': jsonAnswer('SeedRouteList', { routes: shown.map(seedRoute) }) },
    }),
    '/gateway/routes/{name}': oneRoute({
      id: 'getSeedRoute',
      summary: 'One route, as of June 2023',
      answers: { schema: 'SeedRouteReply', examples: shown.map((route) => ({ route: seedRoute(route) })) },
    }),
    '/api/2.0/gateway/routes/': lookup({
      id: 'searchRoutes',
      summary: 'All routes, as MLflow 2.5 to 2.8 ask',
      parameters: PAGES,
      responses: pages('RouteList', { routes: shown.map(currentRoute) }),
    }),
    '/api/2.0/gateway/routes/{name}': oneRoute({
      id: 'getRoute',
      summary: 'One route, as MLflow 2.5 to 2.8 ask',
      answers: { schema: 'Route', examples: shown.map(currentRoute) },
    }),
    '/api/2.0/endpoints/': lookup({
      id: 'listEndpoints',
      summary: 'All routes, as MLflow 2.9 and later ask',
      parameters: PAGES,
      responses: pages('EndpointList', { endpoints: shown.map(endpoint) }),
    }),
    '/api/2.0/endpoints/{name}': oneRoute({
      id: 'getEndpoint',
      summary: 'One route, as MLflow 2.9 and later ask',
      answers: { schema: 'Endpoint', examples: shown.map(endpoint) },
    }),
    '/api/2.0/gateway/limits/': setLimits('setRouteLimits'),
    '/api/2.0/gateway/limits/{name}': getLimits('getRouteLimits'),
    '/api/2.0/endpoints/limits/': setLimits('setEndpointLimits'),
    '/api/2.0/endpoints/limits/{name}': getLimits('getEndpointLimits'),
    ...healthPaths(),
  }
}

/** The first gateway's GET of one configured route, which shares its path with the query. */
export function seedRouteLookup(route: RouteInfo): JsonObject {
  return operation({
    id: `getSeedRoute_${route.name}`,
    tag: 'Lookups',
    summary: `About ${route.name}`,
    responses: { '200': jsonAnswer('SeedRouteReply', { route: seedRoute(route) }) },
  })
}

const PAGES = [reference('parameters', 'PageToken')]
const NAME = [reference('parameters', 'RouteName')]

interface LookupText {
  id: string
  summary: string
  parameters?: JsonObject[]
  responses: JsonObject
}

function lookup(text: LookupText): JsonObject {
  return { get: operation({ ...text, tag: 'Lookups' }) }
}

function oneRoute({
  id,
  summary,
  answers,
}: {
  id: string
  summary: string
  answers: { schema: string; examples: JsonObject[] }
}): JsonObject {
  return lookup({
    id,
    summary,
    parameters: NAME,
    responses: {
      '200': jsonAnswer(answers.schema, answers.examples[0]),
      '404': reference('responses', 'NotFound'),
    },
  })
}

function pages(schema: string, list: JsonObject): JsonObject {
  return {
    '200': jsonAnswer(schema, { ...list, next_page_token: null }),
    '400': reference('responses', 'BadRequest'),
  }
}

function getLimits(id: string): JsonObject {
  const example = { route: 'chat', limits: [{ calls: 600, key: 'key', renewal_period: 'minute' }] }
  return lookup({
    id,
    summary: 'The limits on calls of a route',
    parameters: NAME,
    responses: { '200': jsonAnswer('RouteLimits', example), '404': reference('responses', 'NotFound') },
  })
}

function setLimits(id: string): JsonObject {
  const responses = { '403': reference('responses', 'NotTheirs') }
  return { post: operation({ id, tag: 'Lookups', summary: "Refused: limits are the operator's", responses }) }
}

function seedRoute({ name, type, model }: RouteInfo): JsonObject {
  return { name, type, model: modelOf(model) }
}

function currentRoute({ name, type, model }: RouteInfo): JsonObject {
  return { name, route_type: type, model: modelOf(model), route_url: `/gateway/${name}/invocations` }
}

function endpoint({ name, type, model }: RouteInfo): JsonObject {
  return {
    name,
    endpoint_type: type,
    model: modelOf(model),
    endpoint_url: `/endpoints/${name}/invocations`,
    limit: null,
  }
}

function modelOf({ name, provider }: RouteInfo['model']): JsonValue {
  return { name, provider }
}
