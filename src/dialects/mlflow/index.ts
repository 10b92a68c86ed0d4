import type { ClientRequest, Dialect, Endpoint, RequestHead } from '../../core/dialect.ts'
import { GatewayError } from '../../core/error.ts'
import { isMlflowType, type MlflowRouteType, type RouteInfo } from '../../core/route.ts'
import { writeError } from './errors.ts'
import { lookups } from './lookups.ts'
import { readChat, readCompletions, readEmbeddings, type Contract } from './read-request.ts'

/**
 * What MLflow's gateway spoke from 2023 on: three generations of paths, two shapes of bodies.
 * `docs/reference/http-api.md` lists them.
 */
export const mlflow: Dialect = {
  name: 'mlflow',
  endpoints: [
    endpoint('/gateway/routes/:route', () => 'seed'),
    endpoint('/gateway/:route/invocations', legacyOrCurrent),
    endpoint('/endpoints/:route/invocations', () => '2.9'),
  ],
  lookups,
  writeError,
}

type ChooseContract = (head: RequestHead, shape: 'mlflow' | 'openai') => Contract

function endpoint(path: string, choose: ChooseContract): Endpoint {
  return {
    method: 'POST',
    path,
    read(body, { route, head, settings }): ClientRequest {
      const { type } = route
      if (!isMlflowType(type)) throw otherType(route)
      return READERS[type](choose(head, settings.invocationsShape), body, head.headers['content-type'])
    },
  }
}

const READERS = {
  'llm/v1/chat': readChat,
  'llm/v1/completions': readCompletions,
  'llm/v1/embeddings': readEmbeddings,
} satisfies Record<MlflowRouteType, typeof readChat | typeof readEmbeddings>

/** From 2.9 on, MLflow's own clients read OpenAI's shape on the old path too. */
function legacyOrCurrent({ headers }: RequestHead, shape: 'mlflow' | 'openai'): Contract {
  if (shape === 'openai') return '2.9'
  const agent = headers['user-agent']
  const version = typeof agent === 'string' ? /^mlflow-python-client\/(\d+)\.(\d+)/.exec(agent) : null
  if (!version) return '2.5'
  const [major, minor] = [Number(version[1]), Number(version[2])]
  return major > 2 || (major === 2 && minor >= 9) ? '2.9' : '2.5'
}

function otherType({ name, type }: RouteInfo): GatewayError {
  return new GatewayError(
    `The route '${name}' is of type ${type}, which MLflow's paths do not serve; call it on the path of its own API.`,
    { kind: 'bad_request', status: 400 },
  )
}
