import type { ClientFormat, Dialect, Endpoint, RequestHead } from '../../core/dialect.ts'
import type { RouteInfo, RouteType } from '../../core/route.ts'
import { parameterName, writeError, writeStreamError } from './errors.ts'
import { lookups } from './lookups.ts'
import { readChat, readCompletions, readEmbeddings, type Contract } from './read-request.ts'
import { createWriter } from './write-reply.ts'

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
    format: (route, head, settings) => formatOf(choose(head, settings.invocationsShape), route),
  }
}

/** From 2.9 on, MLflow's own clients read OpenAI's shape on the old path too. */
function legacyOrCurrent({ headers }: RequestHead, shape: 'mlflow' | 'openai'): Contract {
  if (shape === 'openai') return '2.9'
  const agent = headers['user-agent']
  const version = typeof agent === 'string' ? /^mlflow-python-client\/(\d+)\.(\d+)/.exec(agent) : null
  if (!version) return '2.5'
  const [major, minor] = [Number(version[1]), Number(version[2])]
  return major > 2 || (major === 2 && minor >= 9) ? '2.9' : '2.5'
}

const formats = new Map<string, ClientFormat>()

/** Formats hold no state, so there is one for each contract and type. */
function formatOf(contract: Contract, { type }: RouteInfo): ClientFormat {
  const key = `${contract} ${type}`
  const known = formats.get(key)
  if (known) return known
  const format = createFormat(contract, type)
  formats.set(key, format)
  return format
}

const READERS = {
  'llm/v1/chat': readChat,
  'llm/v1/completions': readCompletions,
  'llm/v1/embeddings': readEmbeddings,
} satisfies Record<RouteType, typeof readChat>

function createFormat(contract: Contract, type: RouteType): ClientFormat {
  return {
    operation: type === 'llm/v1/embeddings' ? 'embeddings' : 'chat',
    read: (body, contentType) => READERS[type](contract, body, contentType),
    writer: (request) => createWriter(contract, type, request),
    writeStreamError,
    parameterName: (parameter) => parameterName(contract, parameter),
    repliesAs: repliesAs(contract, type),
    showsDone: false,
  }
}

function repliesAs(contract: Contract, type: RouteType): ClientFormat['repliesAs'] {
  const current = contract === '2.9'
  switch (type) {
    case 'llm/v1/chat':
      return current ? { whole: 'openai-chat', stream: 'openai-chat' } : { stream: 'openai-chat' }
    case 'llm/v1/embeddings':
      return current ? { whole: 'openai-embeddings' } : {}
    case 'llm/v1/completions':
      return {}
  }
}
