import type { JsonObject, JsonValue } from '../../core/json.ts'
import { isMlflowType, type MlflowRouteType, type RouteInfo, type ServerSettings } from '../../core/route.ts'
import { seedRouteLookup } from './lookup-paths.ts'
import type { Kind } from './messages.ts'
import { operation } from './operation.ts'
import { reference } from './reference.ts'

/** The three paths on which each route is queried, one for each generation of clients. */
export function routePaths(
  routes: readonly RouteInfo[],
  shape: ServerSettings['invocationsShape'],
): JsonObject {
  const gateway = shape === 'openai' ? 'OpenAi' : 'Mlflow'
  const paths: JsonObject = {}
  for (const route of routes) {
    const { name, type } = route
    if (!isMlflowType(type)) continue
    paths[`/gateway/${name}/invocations`] = {
      post: query(
        { ...route, type },
        {
          id: `query_${name}`,
          tag: 'Gateway',
          request: gateway,
          reply: gateway,
          note: GATEWAY_NOTES[shape],
        },
      ),
    }
    paths[`/endpoints/${name}/invocations`] = {
      post: query(
        { ...route, type },
        {
          id: `predict_${name}`,
          tag: 'Endpoints',
          request: 'OpenAi',
          reply: 'OpenAi',
          note: "In OpenAI's shape, as MLflow 2.9 and later have it.",
        },
      ),
    }
    paths[`/gateway/routes/${name}`] = {
      get: seedRouteLookup(route),
      post: query(
        { ...route, type },
        {
          id: `querySeed_${name}`,
          tag: 'Seed',
          request: 'Seed',
          reply: 'Mlflow',
          note: 'As the first gateway, of June 2023, had it.',
        },
      ),
    }
  }
  return paths
}

interface Generation {
  id: string
  tag: string
  request: 'Seed' | 'Mlflow' | 'OpenAi'
  reply: 'Mlflow' | 'OpenAi'
  note: string
}

const GATEWAY_NOTES = {
  mlflow:
    "In the shape of MLflow 2.5 to 2.8. A client that names itself `mlflow-python-client/2.9` or later gets OpenAI's shape, as on `/endpoints`.",
  openai: "In OpenAI's shape, because the configuration says `server.invocations_shape: openai`.",
}

const KIND_OF = {
  'llm/v1/chat': 'Chat',
  'llm/v1/completions': 'Completions',
  'llm/v1/embeddings': 'Embeddings',
} satisfies Record<MlflowRouteType, Kind>

const VERB_OF = { Chat: 'Chat with', Completions: 'Complete a text with', Embeddings: 'Embed texts with' }

const REFUSALS = {
  '400': 'BadRequest',
  '413': 'TooLarge',
  '422': 'Invalid',
  '429': 'RateLimited',
  '500': 'Failed',
  '502': 'BadGateway',
  '503': 'Unavailable',
  '504': 'Timeout',
}

function query(
  { name, type, model }: RouteInfo & { type: MlflowRouteType },
  generation: Generation,
): JsonObject {
  const kind = KIND_OF[type]
  const body = generation.request === 'Seed' && kind === 'Embeddings' ? 'Mlflow' : generation.request
  const served = model.name === null ? model.provider : `${model.name} (${model.provider})`
  const answers: Record<string, JsonValue> = {
    '200': reference('responses', `${generation.reply}${kind}Reply`),
  }
  for (const [status, refusal] of Object.entries(REFUSALS)) answers[status] = reference('responses', refusal)
  return operation({
    id: generation.id,
    tag: generation.tag,
    summary: `${VERB_OF[kind]} ${name}`,
    description: `${type}, served by ${served}. ${generation.note}`,
    requestBody: reference('requestBodies', `${body}${kind}`),
    responses: answers,
  })
}
