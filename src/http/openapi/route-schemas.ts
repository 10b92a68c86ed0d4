import type { JsonObject, JsonValue } from '../../core/json.ts'
import { ROUTE_TYPES } from '../../core/route.ts'
import { reference } from './reference.ts'

const NEXT_PAGE: JsonValue = {
  type: ['string', 'null'],
  description: 'Send it as `page_token` for the next page; null on the last.',
}
const MODEL = reference('schemas', 'Model')
const TYPE = reference('schemas', 'RouteType')

/** What the gateway says about its routes, its own state, and failures. */
export const ROUTE_SCHEMAS: JsonObject = {
  RouteType: { type: 'string', enum: [...ROUTE_TYPES] },
  Model: object({ name: { type: ['string', 'null'] }, provider: { type: 'string' } }),
  SeedRoute: object({ name: { type: 'string' }, type: TYPE, model: MODEL }),
  SeedRouteReply: object({ route: reference('schemas', 'SeedRoute') }),
  SeedRouteList: object({ routes: listOf('SeedRoute') }),
  RouteLimits: object({
    route: { type: 'string' },
    limits: {
      type: 'array',
      items: object({
        calls: { type: 'number' },
        key: {
          type: ['string', 'null'],
          description: 'Of whom each: of a `key`, `user` ...; null: of all together.',
        },
        renewal_period: { type: 'string', description: 'Such as `minute`.' },
      }),
    },
  }),
  Route: object({
    name: { type: 'string' },
    route_type: TYPE,
    model: MODEL,
    route_url: { type: 'string', description: 'Relative to the gateway.' },
  }),
  RouteList: object({ routes: listOf('Route'), next_page_token: NEXT_PAGE }),
  Endpoint: object({
    name: { type: 'string' },
    endpoint_type: TYPE,
    model: MODEL,
    endpoint_url: { type: 'string', description: 'Relative to the gateway.' },
    limit: {
      type: ['object', 'null'],
      description: 'Always there, because clients from 2.10 on ask for it.',
    },
  }),
  EndpointList: object({ endpoints: listOf('Endpoint'), next_page_token: NEXT_PAGE }),
  Health: {
    type: 'object',
    required: ['status'],
    properties: {
      status: { type: 'string', enum: ['OK'] },
      ready: { type: 'boolean', description: 'Only with `verbose`.' },
      worker_pid: { type: 'integer', description: 'Only with `verbose`.' },
      config: {
        ...object({
          generation: {
            type: 'integer',
            description: 'Counts up with every configuration that took effect.',
          },
          loadedAt: { type: 'string', format: 'date-time' },
          error: {
            type: ['string', 'null'],
            description: 'Why the file as it is now is not in use; null when it is.',
          },
        }),
        description: 'Only with `verbose`.',
      },
    },
  },
  Readiness: object({ status: { type: 'string', enum: ['OK', 'draining'] } }),
  Error: object({
    detail: {
      description: "What went wrong: a sentence, a list of fields that do not fit, or a provider's own JSON.",
      anyOf: [
        { type: 'string' },
        { type: 'array', items: reference('schemas', 'FieldError') },
        { type: 'object' },
      ],
    },
  }),
  FieldError: {
    type: 'object',
    required: ['loc', 'msg', 'type'],
    properties: {
      loc: {
        type: 'array',
        description: 'Where in the request, such as `["body", "messages", 0, "content"]`.',
        items: { type: ['string', 'integer'] },
      },
      msg: { type: 'string' },
      type: { type: 'string' },
      ctx: { type: 'object', description: 'The limits that were broken.' },
    },
  },
}

/** An object that has all of these members. */
function object(properties: JsonObject): JsonObject {
  return { type: 'object', required: Object.keys(properties), properties }
}

function listOf(schema: string): JsonObject {
  return { type: 'array', items: reference('schemas', schema) }
}
