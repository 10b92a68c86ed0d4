import type {
  ChatClientRequest,
  ClientRequest,
  CountClientRequest,
  Dialect,
  EmbeddingsClientRequest,
  Endpoint,
  EndpointContext,
  Lookup,
} from '../../core/dialect.ts'
import { GatewayError } from '../../core/error.ts'
import type { RouteInfo, RouteType } from '../../core/route.ts'
import { invalidRequest, OpenBody } from '../../wire/open-body.ts'
import { countForModel, readCountRequest } from './count-tokens.ts'
import { embedForModel, readBatchRequest, readEmbedRequest, writeEmbeddingsReply } from './embeddings.ts'
import { writeError, writeErrorObject } from './errors.ts'
import { readChatRequest } from './read-request.ts'
import { holdsForeignState } from './state.ts'
import { EVENTS, JsonArray } from './stream-shape.ts'
import { GeminiReplyWriter } from './write-reply.ts'

const CHAT: readonly RouteType[] = ['llm/v1/chat', 'llm/v1/completions']
const EMBEDDINGS: readonly RouteType[] = ['llm/v1/embeddings']

/**
 * Gemini's API towards applications: point an SDK's base URL at the gateway, and name a route as the model.
 * Spec: https://ai.google.dev/api
 */
export const gemini: Dialect = {
  name: 'gemini',
  hasKeyInQuery: true,
  endpoints: ['/v1beta', '/v1'].flatMap((version) => [
    endpoint(`${version}/models/:route::generateContent`, CHAT, (body) => readChat(body)),
    endpoint(`${version}/models/:route::streamGenerateContent`, CHAT, (body, { head }) =>
      readStream(body, head.search.get('alt') === 'sse'),
    ),
    endpoint(`${version}/models/:route::countTokens`, CHAT, readCount),
    endpoint(`${version}/models/:route::embedContent`, EMBEDDINGS, (body) => readEmbeddings(body, false)),
    endpoint(`${version}/models/:route::batchEmbedContents`, EMBEDDINGS, (body) =>
      readEmbeddings(body, true),
    ),
  ]),
  lookups: lookups(),
  writeError,
}

function endpoint(
  path: string,
  types: readonly RouteType[],
  readBody: (body: Buffer, context: EndpointContext) => ClientRequest,
): Endpoint {
  return {
    method: 'POST',
    path,
    unknownRoute,
    read(body, context): ClientRequest {
      const { name, type } = context.route
      if (types.includes(type)) return readBody(body, context)
      throw invalidRequest(
        `The route '${name}' is of type ${type}; this method is for ${types.join(' and ')}.`,
      )
    },
  }
}

function readChat(body: Buffer): ChatClientRequest {
  return {
    ...chatRequest(body, false),
    writer: () => new GeminiReplyWriter(EVENTS),
    writeStreamError: () => '',
  }
}

/** Without `alt=sse` the answer is one JSON array, whose items come as they are made. */
function readStream(body: Buffer, isEvents: boolean): ChatClientRequest {
  const array = new JsonArray()
  const shape = isEvents ? EVENTS : array
  return {
    ...chatRequest(body, true),
    ...(isEvents ? {} : { streamType: 'application/json; charset=utf-8', filter: () => array }),
    writer: () => new GeminiReplyWriter(shape),
    writeStreamError: (error) => shape.item(JSON.stringify(writeErrorObject(error))) + shape.close(),
  }
}

function chatRequest(body: Buffer, stream: boolean): Omit<ChatClientRequest, 'writer' | 'writeStreamError'> {
  const open = OpenBody.of(body)
  open.require('contents')
  return {
    operation: 'chat',
    stream,
    speaks: 'gemini-generate',
    repliesAs: { whole: 'gemini-generate', stream: 'gemini-generate' },
    parameterName,
    chat: () => readChatRequest(open.parse(), stream),
    passThrough: (format) =>
      format === 'gemini-generate' && !holdsForeignState(body)
        ? open.withModel({ model: null, omitsModel: true })
        : undefined,
  }
}

function readCount(body: Buffer): CountClientRequest {
  const open = OpenBody.of(body)
  return {
    operation: 'count-tokens',
    speaks: 'gemini-count-tokens',
    parameterName,
    chat: () => readCountRequest(open.parse()),
    write: (totalTokens) => JSON.stringify({ totalTokens }),
    passThrough: (format, target) =>
      format === 'gemini-count-tokens' && !holdsForeignState(body)
        ? countForModel(open.parse(), target)
        : undefined,
  }
}

function readEmbeddings(body: Buffer, isBatch: boolean): EmbeddingsClientRequest {
  const open = OpenBody.of(body)
  open.require(isBatch ? 'requests' : 'content')
  return {
    operation: 'embeddings',
    speaks: 'gemini-embeddings',
    parameterName,
    embeddings: () => (isBatch ? readBatchRequest(open.parse()) : readEmbedRequest(open.parse())),
    write: (reply) => writeEmbeddingsReply(reply, isBatch),
    passThrough: (format, target) =>
      format === 'gemini-embeddings' ? embedForModel(open.parse(), target) : undefined,
  }
}

/** Gemini's words for the canonical fields. */
const PARAMETERS: Readonly<Record<string, string>> = {
  candidates: 'generationConfig.candidateCount',
  dimensions: 'outputDimensionality',
  frequencyPenalty: 'generationConfig.frequencyPenalty',
  logprobs: 'generationConfig.responseLogprobs',
  maxTokens: 'generationConfig.maxOutputTokens',
  presencePenalty: 'generationConfig.presencePenalty',
  purpose: 'taskType',
  reasoning: 'generationConfig.thinkingConfig',
  responseFormat: 'generationConfig.responseMimeType',
  seed: 'generationConfig.seed',
  stop: 'generationConfig.stopSequences',
  temperature: 'generationConfig.temperature',
  toolChoice: 'toolConfig',
  topK: 'generationConfig.topK',
  topP: 'generationConfig.topP',
}

function parameterName(parameter: string): string {
  const [head = '', ...rest] = parameter.split('.')
  if (head === 'messages') return ['contents', ...rest].join('.')
  return PARAMETERS[parameter] ?? PARAMETERS[head] ?? parameter
}

function lookups(): Lookup[] {
  return [
    {
      method: 'GET',
      path: '/v1beta/models',
      answer: (routes) => ({ models: routes.list().map(writeModel) }),
    },
    {
      method: 'GET',
      path: '/v1beta/models/:route',
      answer(routes, { route }): unknown {
        const found = routes.find(route)
        if (!found) throw unknownRoute(route)
        return writeModel(found)
      },
    },
  ]
}

function unknownRoute(name: string): GatewayError {
  return new GatewayError(`models/${name} is not found: no route of this gateway has that name.`, {
    kind: 'not_found',
    status: 404,
  })
}

/** A route as a model. Spec: https://ai.google.dev/api/models */
function writeModel({ name, type, model }: RouteInfo): unknown {
  return {
    name: `models/${name}`,
    version: '1',
    displayName: name,
    description: `${model.name ?? name} of ${model.provider}`,
    supportedGenerationMethods: methodsOf(type),
  }
}

function methodsOf(type: RouteType): readonly string[] {
  if (CHAT.includes(type)) return ['generateContent', 'countTokens']
  return EMBEDDINGS.includes(type) ? ['embedContent', 'batchEmbedContents'] : []
}
