import type { JsonObject, JsonValue } from '../../core/json.ts'
import type { RouteInfo, ServerSettings } from '../../core/route.ts'
import { CLIENT_API_BODIES, CLIENT_API_SCHEMAS, clientApiResponses } from './client-api-messages.ts'
import { clientApiPaths, clientApiTags } from './client-api-paths.ts'
import { EXAMPLES } from './examples.ts'
import { headers, requestBodies, responses } from './messages.ts'
import { lookupPaths } from './lookup-paths.ts'
import { REPLY_SCHEMAS } from './reply-schemas.ts'
import { REQUEST_SCHEMAS } from './request-schemas.ts'
import { ROUTE_SCHEMAS } from './route-schemas.ts'
import { routePaths } from './route-paths.ts'
import { v1RequestBodies, v1Responses } from './v1-messages.ts'
import { v1Paths } from './v1-paths.ts'
import { V1_SCHEMAS } from './v1-schemas.ts'

export interface DocumentSetup {
  routes: readonly RouteInfo[]
  settings: ServerSettings
  /** The package's version. */
  version: string
}

/**
 * The gateway's HTTP API for these routes, as OpenAPI 3.1. What many routes share stands once among the components, so
 * that a thousand routes are still a small document. Spec: https://spec.openapis.org/oas/v3.1.0
 */
export function openApiDocument({ routes, settings, version }: DocumentSetup): JsonObject {
  return {
    openapi: '3.1.0',
    info: {
      title: 'MLflow Gateway API',
      version,
      description:
        'One service in front of every LLM provider. Each configured route can be queried on three paths, one for each generation of MLflow clients, and by its name as the model on the paths of OpenAI, Anthropic, Gemini and Cohere.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      'x-invocations-shape': settings.invocationsShape,
    },
    tags: TAGS,
    paths: {
      ...routePaths(routes, settings.invocationsShape),
      ...clientApiPaths(),
      // Of these more is told than that they are OpenAI's.
      ...v1Paths(routes),
      ...lookupPaths(routes),
    },
    components: {
      schemas: {
        ...REQUEST_SCHEMAS,
        ...REPLY_SCHEMAS,
        ...ROUTE_SCHEMAS,
        ...V1_SCHEMAS,
        ...CLIENT_API_SCHEMAS,
      },
      requestBodies: { ...requestBodies(), ...v1RequestBodies(), ...CLIENT_API_BODIES },
      responses: {
        ...responses(settings.bodyLimit),
        ...v1Responses(settings.bodyLimit),
        ...clientApiResponses(),
      },
      headers: headers(),
      parameters: parameters(routes),
      examples: EXAMPLES,
    },
  }
}

const TAGS: JsonValue = [
  { name: 'Gateway', description: 'Queries on the path of MLflow 2.5 to 2.8.' },
  { name: 'Endpoints', description: "Queries on the path of MLflow 2.9 and later, in OpenAI's shape." },
  { name: 'Seed', description: 'Queries on the path of the first gateway, of June 2023.' },
  ...clientApiTags(),
  { name: 'Lookups', description: 'Which routes there are.' },
  { name: 'Health', description: 'Whether the gateway runs, and with which configuration.' },
]

function parameters(routes: readonly RouteInfo[]): JsonObject {
  const names = routes.map(({ name }) => name)
  return {
    RouteName: {
      name: 'name',
      in: 'path',
      required: true,
      description: 'The name of a configured route.',
      // An enum of nothing would refuse every name.
      schema: names.length > 0 ? { type: 'string', enum: names } : { type: 'string' },
    },
    PageToken: {
      name: 'page_token',
      in: 'query',
      required: false,
      description: 'The `next_page_token` of the page before; without it, the first page.',
      schema: { type: 'string' },
    },
  }
}
