import { requestBodyOf, type Cassette } from '../../cassettes/cassette.ts'
import type {
  ClientRequest,
  Dialect,
  EndpointContext,
  RequestHead,
  UpstreamFormat,
} from '../../core/dialect.ts'
import { isObject } from '../../core/json.ts'
import { anthropic } from '../../dialects/anthropic/client.ts'
import { anthropicMessages } from '../../dialects/anthropic/index.ts'
import { cohere } from '../../dialects/cohere/client.ts'
import { cohereChat, cohereEmbeddings, cohereRerank } from '../../dialects/cohere/index.ts'
import { gemini } from '../../dialects/gemini/client.ts'
import { geminiEmbeddings, geminiGenerate, isBatch } from '../../dialects/gemini/index.ts'
import { openAi } from '../../dialects/openai/client.ts'
import { openAiChat, openAiCompletions, openAiEmbeddings } from '../../dialects/openai/index.ts'
import { openAiResponsesApi } from '../../dialects/openai-responses/client.ts'
import { openAiResponses } from '../../dialects/openai-responses/index.ts'
import { jinaRerank } from '../../dialects/retrieval/index.ts'

/** A format that is also a client's: what was sent to a provider in it can be sent to a route again. */
interface Rerunnable {
  readonly format: UpstreamFormat
  readonly dialect: Dialect
  readonly pathOf: (asked: { stream: boolean; body: Buffer }) => string
}

const RERUNNABLE: readonly Rerunnable[] = [
  { format: openAiChat, dialect: openAi, pathOf: () => '/v1/chat/completions' },
  { format: openAiCompletions, dialect: openAi, pathOf: () => '/v1/completions' },
  { format: openAiEmbeddings, dialect: openAi, pathOf: () => '/v1/embeddings' },
  { format: openAiResponses, dialect: openAiResponsesApi, pathOf: () => '/v1/responses' },
  { format: anthropicMessages, dialect: anthropic, pathOf: () => '/v1/messages' },
  {
    format: geminiGenerate,
    dialect: gemini,
    pathOf: ({ stream }) => `/v1beta/models/:route::${stream ? 'streamGenerateContent' : 'generateContent'}`,
  },
  {
    format: geminiEmbeddings,
    dialect: gemini,
    pathOf: ({ body }) => `/v1beta/models/:route::${isBatch(body) ? 'batchEmbedContents' : 'embedContent'}`,
  },
  { format: cohereChat, dialect: cohere, pathOf: () => '/v2/chat' },
  { format: cohereEmbeddings, dialect: cohere, pathOf: () => '/v2/embed' },
  { format: cohereRerank, dialect: cohere, pathOf: () => '/v2/rerank' },
  { format: jinaRerank, dialect: cohere, pathOf: () => '/v1/rerank' },
]

/** A recorded request as a client's. */
export interface Rerun {
  /** What request and answer are in. */
  readonly format: UpstreamFormat
  readonly head: RequestHead
  /** Throws a `GatewayError` when the route cannot take it. */
  read(context: Pick<EndpointContext, 'route' | 'settings'>): ClientRequest
}

/** The formats whose requests can be sent again. */
export const rerunnableFormats: readonly string[] = RERUNNABLE.map(({ format }) => format.name)

/** Undefined when no client speaks the cassette's format, or when its request was too large to be kept. */
export function toRerun({ format: name, stream, request }: Cassette): Rerun | undefined {
  const rerunnable = RERUNNABLE.find(({ format }) => format.name === name)
  const sent = requestBodyOf(request)
  if (!rerunnable || !sent) return undefined
  const { format, dialect, pathOf } = rerunnable
  const body = dialect === gemini ? sent : withModel(sent)
  const path = pathOf({ stream, body })
  const head = { headers: { ...request.headers, ...FRESH }, search: new URLSearchParams({ alt: 'sse' }) }
  return {
    format,
    head,
    read(context): ClientRequest {
      const endpoint = dialect.endpoints.find((known) => known.path === path)
      if (!endpoint) throw new Error(`no endpoint ${path}`)
      return endpoint.read(body, { ...context, head })
    },
  }
}

/** An answer from a cache would tell nothing of the route. */
const FRESH = { 'cache-control': 'no-cache, no-store' }

/** Some providers have the model in the URL; the target's takes its place. */
function withModel(body: Buffer): Buffer {
  const value: unknown = JSON.parse(body.toString('utf8'))
  return isObject(value) && !Object.hasOwn(value, 'model')
    ? Buffer.from(JSON.stringify({ model: 'recorded', ...value }))
    : body
}
