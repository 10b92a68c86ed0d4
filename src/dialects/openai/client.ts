import type { ClientFormat, ClientRequest, Dialect, Endpoint, Lookup } from '../../core/dialect.ts'
import { GatewayError } from '../../core/error.ts'
import type { RouteInfo, RouteType } from '../../core/route.ts'
import { writeFrame } from '../../wire/sse.ts'
import { invalidRequest, writeError, writeErrorObject } from './errors.ts'
import { readChat, readCompletion, readEmbeddings, readModel } from './read-chat.ts'
import { OpenAiReplyWriter } from './write-reply.ts'

/**
 * OpenAI's API towards applications: point an SDK's base URL at `/v1`, and name a route as the model.
 * Spec: https://platform.openai.com/docs/api-reference
 */
export const openAi: Dialect = {
  name: 'openai',
  endpoints: [
    endpoint('/v1/chat/completions', 'llm/v1/chat', {
      ...format('chat', readChat),
      repliesAs: { whole: 'openai-chat', stream: 'openai-chat' },
    }),
    endpoint('/v1/completions', 'llm/v1/completions', format('completions', readCompletion)),
    endpoint('/v1/embeddings', 'llm/v1/embeddings', {
      ...format('chat', readEmbeddings),
      operation: 'embeddings',
      repliesAs: { whole: 'openai-embeddings' },
    }),
  ],
  lookups: lookups(),
  writeError,
}

function format(kind: 'chat' | 'completions', read: (body: Buffer) => ClientRequest): ClientFormat {
  return {
    operation: 'chat',
    read,
    writer: ({ showsUsage }) =>
      new OpenAiReplyWriter({
        kind,
        chunkObject: kind === 'chat' ? 'chat.completion.chunk' : 'text_completion',
        showsUsage,
        showsDone: true,
        style: 'openai',
      }),
    writeStreamError: (error) => writeFrame(JSON.stringify(writeErrorObject(error))),
    parameterName: (parameter) => PARAMETERS[parameter] ?? parameter,
    repliesAs: {},
    showsDone: true,
  }
}

const PARAMETERS: Readonly<Record<string, string>> = {
  candidates: 'n',
  maxTokens: 'max_tokens',
  topP: 'top_p',
}

function endpoint(path: string, type: RouteType, ownFormat: ClientFormat): Endpoint {
  return {
    method: 'POST',
    path,
    address: { routeOf: readModel, unknownRoute },
    format(route): ClientFormat {
      if (route.type === type) return ownFormat
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
