import type { Lookup, LookupQuery, RequestHead } from '../../core/dialect.ts'
import { GatewayError } from '../../core/error.ts'
import type { JsonObject } from '../../core/json.ts'
import type { RouteInfo } from '../../core/route.ts'

/** The routes as Anthropic lists its models, on its own path and on the one that is OpenAI's too. */
export const lookups: readonly Lookup[] = [...modelLookups('', isAnthropic), ...modelLookups('/anthropic')]

/** No route has the name that a client gives as its model. */
export function unknownRoute(name: string): GatewayError {
  return new GatewayError(`The model '${name}' does not exist: no route of this gateway has that name.`, {
    kind: 'not_found',
    status: 404,
  })
}

/** Anthropic's clients always name a version. */
function isAnthropic({ headers }: RequestHead): boolean {
  return headers['anthropic-version'] !== undefined
}

function modelLookups(prefix: string, accepts?: Lookup['accepts']): Lookup[] {
  const only = accepts ? { accepts } : {}
  return [
    {
      method: 'GET',
      path: `${prefix}/v1/models`,
      ...only,
      answer: (routes, query) => writeModels(routes.list(), query),
    },
    {
      method: 'GET',
      path: `${prefix}/v1/models/:route`,
      ...only,
      answer(routes, { route }): JsonObject {
        const found = routes.find(route)
        if (!found) throw unknownRoute(route)
        return writeModel(found)
      },
    },
  ]
}

const DEFAULT_LIMIT = 20
const MOST_LIMIT = 1000

/** One page of the routes. Source: https://docs.anthropic.com/en/api/models-list */
function writeModels(routes: readonly RouteInfo[], { search }: LookupQuery): JsonObject {
  const names = routes.map(({ name }) => name)
  const asked = Number(search.get('limit'))
  const limit = asked > 0 ? Math.min(asked, MOST_LIMIT) : DEFAULT_LIMIT
  const before = search.get('before_id')
  const start =
    before === null
      ? names.indexOf(search.get('after_id') ?? '') + 1
      : Math.max(names.indexOf(before) - limit, 0)
  const end = before === null ? start + limit : Math.max(names.indexOf(before), 0)
  const page = routes.slice(start, end)
  return {
    data: page.map(writeModel),
    has_more: before === null ? end < routes.length : start > 0,
    first_id: page.at(0)?.name ?? null,
    last_id: page.at(-1)?.name ?? null,
  }
}

/** A route as a model. Routes have no date, and the field is required. */
function writeModel({ name }: RouteInfo): JsonObject {
  return { type: 'model', id: name, display_name: name, created_at: '1970-01-01T00:00:00Z' }
}
