import type { ClientRequest, Dialect, Endpoint, Lookup } from '../../core/dialect.ts'
import { GatewayError } from '../../core/error.ts'
import type { RouteInfo, RouteType } from '../../core/route.ts'
import { invalidRequest } from '../../wire/open-body.ts'
import { writeError } from './errors.ts'
import { forwardedEndpoints, uploadEndpoints } from './forwarded.ts'
import { readChat, readCompletion, readEmbeddings, readModel } from './read-chat.ts'

/**
 * OpenAI's API towards applications: point an SDK's base URL at `/v1`, and name a route as the model.
 * Spec: https://platform.openai.com/docs/api-reference
 */
export const openAi: Dialect = {
  name: 'openai',
  endpoints: [
    endpoint('/v1/chat/completions', 'llm/v1/chat', readChat),
    endpoint('/v1/completions', 'llm/v1/completions', readCompletion),
    endpoint('/v1/embeddings', 'llm/v1/embeddings', readEmbeddings),
    ...forwardedEndpoints(unknownRoute),
  ],
  uploads: uploadEndpoints(unknownRoute),
  lookups: lookups(),
  writeError,
}

function endpoint(path: string, type: RouteType, readBody: (body: Buffer) => ClientRequest): Endpoint {
  return {
    method: 'POST',
    path,
    address: { routeOf: readModel, unknownRoute },
    read(body, { route }): ClientRequest {
      if (route.type === type) return readBody(body)
      throw invalidRequest(
        `The route '${route.name}' is of type ${route.type}, but ${path} serves ${type}.`,
        'model',
      )
    },
  }
}

function unknownRoute(name: string): GatewayError {
  return new GatewayError(`The model '${name}' does not exist: no route of this gateway has that name.`, {
    kind: 'not_found',
    status: 404,
    detail: { param: 'model' },
  })
}

function lookups(): Lookup[] {
  return [
    {
      method: 'GET',
      path: '/v1/models',
      answer: (routes) => ({ object: 'list', data: routes.list().map(writeModel) }),
    },
    {
      method: 'GET',
      path: '/v1/models/:route',
      answer(routes, { route }): unknown {
        const found = routes.find(route)
        if (!found) throw unknownRoute(route)
        return writeModel(found)
      },
    },
  ]
}

/** A route as a model. Routes have no date, and the field is required. */
function writeModel({ name, model }: RouteInfo): unknown {
  return { id: name, object: 'model', created: 0, owned_by: model.provider }
}
