import type { JsonObject } from '../../core/json.ts'
import type { RouteInfo } from '../../core/route.ts'
import type { Kind } from './messages.ts'
import { jsonAnswer, operation } from './operation.ts'
import { reference } from './reference.ts'

/** How many routes an example shows. */
const SHOWN = 3

/** OpenAI's own API, once for all routes: a request names its route as the model. */
export function v1Paths(routes: readonly RouteInfo[]): JsonObject {
  const models = routes.slice(0, SHOWN).map(writeModel)
  return {
    '/v1/chat/completions': query('Chat', { id: 'createChatCompletion', summary: 'Chat with a route' }),
    '/v1/completions': query('Completions', { id: 'createCompletion', summary: 'Complete a text' }),
    '/v1/embeddings': query('Embeddings', { id: 'createEmbedding', summary: 'Embed texts' }),
    '/v1/models': {
      get: operation({
        id: 'listModels',
        tag: 'OpenAI',
        summary: 'All routes, as models',
        responses: { '200': jsonAnswer('V1ModelList', { object: 'list', data: models }) },
      }),
    },
    '/v1/models/{name}': {
      get: operation({
        id: 'retrieveModel',
        tag: 'OpenAI',
        summary: 'One route, as a model',
        parameters: [reference('parameters', 'RouteName')],
        responses: {
          '200': jsonAnswer('V1Model', models[0]),
          '404': reference('responses', 'V1NotFound'),
        },
      }),
    },
  }
}

const REFUSALS = {
  '400': 'V1BadRequest',
  '404': 'V1NotFound',
  '413': 'V1TooLarge',
  '422': 'V1BadRequest',
  '429': 'V1RateLimited',
  '500': 'V1Failed',
  '502': 'V1Failed',
  '503': 'V1Failed',
  '504': 'V1Failed',
}

function query(kind: Kind, text: { id: string; summary: string }): JsonObject {
  const responses: JsonObject = { '200': reference('responses', `V1${kind}Reply`) }
  for (const [status, refusal] of Object.entries(REFUSALS))
    responses[status] = reference('responses', refusal)
  const post = operation({
    ...text,
    tag: 'OpenAI',
    description: `OpenAI's own API. \`model\` is the name of a route of type llm/v1/${kind.toLowerCase()}.`,
    requestBody: reference('requestBodies', `V1${kind}`),
    responses,
  })
  return { post }
}

function writeModel({ name, model }: RouteInfo): JsonObject {
  return { id: name, object: 'model', created: 0, owned_by: model.provider }
}
