import type {
  ChatClientRequest,
  ClientRequest,
  Dialect,
  EmbeddingsClientRequest,
  Endpoint,
  RerankClientRequest,
} from '../../core/dialect.ts'
import { GatewayError } from '../../core/error.ts'
import type { RouteType } from '../../core/route.ts'
import { invalidRequest, OpenBody } from '../../wire/open-body.ts'
import { readEmbeddingsRequest, writeEmbeddingsReply } from './embeddings.ts'
import { writeError } from './errors.ts'
import { readChatRequest } from './read-request.ts'
import { readRerankRequest, writeRerankReply } from './rerank.ts'
import { CohereReplyWriter, writeStreamError } from './write-reply.ts'

/**
 * The second version of Cohere's API towards applications: the base URL of an SDK is the gateway's, and a route's name is
 * the model. Reranking is also served as most others offer it, in Cohere's first version (Jina's, LiteLLM's).
 * Spec: https://docs.cohere.com/reference/about
 */
export const cohere: Dialect = {
  name: 'cohere',
  endpoints: [
    endpoint('/v2/chat', 'llm/v1/chat', readChat),
    endpoint('/v2/embed', 'llm/v1/embeddings', readEmbeddings),
    endpoint('/v2/rerank', 'llm/v1/rerank', (open) => readRerank(open, 'cohere-rerank')),
    endpoint('/v1/rerank', 'llm/v1/rerank', (open) => readRerank(open, 'jina-rerank')),
  ],
  lookups: [],
  writeError,
}

function endpoint(path: string, type: RouteType, readBody: (open: OpenBody) => ClientRequest): Endpoint {
  return {
    method: 'POST',
    path,
    address: { routeOf: readModel, unknownRoute },
    read(body, { route }): ClientRequest {
      if (route.type === type) return readBody(OpenBody.of(body))
      throw invalidRequest(
        `The route '${route.name}' is of type ${route.type}, but ${path} serves ${type}.`,
        'model',
      )
    },
  }
}

function readModel(body: Buffer): string {
  const open = OpenBody.of(body)
  open.require('model')
  const model = open.member('model')
  if (typeof model === 'string' && model !== '') return model
  throw invalidRequest("'model' must be the name of a route of this gateway.", 'model')
}

function unknownRoute(name: string): GatewayError {
  return new GatewayError(`The model '${name}' does not exist: no route of this gateway has that name.`, {
    kind: 'not_found',
    status: 404,
  })
}

const CHAT = 'cohere-chat'

function readChat(open: OpenBody): ChatClientRequest {
  open.require('messages')
  return {
    operation: 'chat',
    stream: open.member('stream') === true,
    speaks: CHAT,
    repliesAs: { whole: CHAT, stream: CHAT },
    chat: () => readChatRequest(open.parse()),
    passThrough: (format, target) =>
      format === CHAT && !open.holdsForeignState ? open.withModel(target) : undefined,
    writer: () => new CohereReplyWriter(),
    writeStreamError,
    parameterName,
  }
}

const EMBEDDINGS = 'cohere-embeddings'

function readEmbeddings(open: OpenBody): EmbeddingsClientRequest {
  return {
    operation: 'embeddings',
    speaks: EMBEDDINGS,
    embeddings: () => readEmbeddingsRequest(open.parse()),
    passThrough: (format, target) => (format === EMBEDDINGS ? open.withModel(target) : undefined),
    write: (reply) => writeEmbeddingsReply(reply, open.parse()),
    parameterName,
  }
}

function readRerank(open: OpenBody, speaks: string): RerankClientRequest {
  open.require('query')
  open.require('documents')
  return {
    operation: 'rerank',
    speaks,
    rerank: () => readRerankRequest(open.parse()),
    passThrough: (format, target) => (format === speaks ? open.withModel(target) : undefined),
    write: (reply) => writeRerankReply(reply, open.parse()),
    parameterName,
  }
}

function parameterName(parameter: string): string {
  return PARAMETERS.get(parameter) ?? parameter
}

const PARAMETERS: ReadonlyMap<string, string> = new Map([
  ['topP', 'p'],
  ['topK', 'k'],
  ['maxTokens', 'max_tokens'],
  ['stop', 'stop_sequences'],
  ['presencePenalty', 'presence_penalty'],
  ['frequencyPenalty', 'frequency_penalty'],
  ['toolChoice', 'tool_choice'],
  ['responseFormat', 'response_format'],
  ['reasoning', 'thinking'],
  ['tools.strict', 'strict_tools'],
  ['input', 'texts'],
  ['purpose', 'input_type'],
  ['dimensions', 'output_dimension'],
  ['encoding', 'embedding_types'],
  ['topN', 'top_n'],
  ['returnDocuments', 'return_documents'],
])
