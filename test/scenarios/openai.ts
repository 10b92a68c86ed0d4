import type { JsonObject } from '../../src/core/json.ts'
import { openAi as dialect } from '../../src/dialects/openai/client.ts'
import { openAiChat, openAiEmbeddings } from '../../src/dialects/openai/index.ts'
import { replyLosses, requestLosses } from './openai-losses.ts'
import { chunk, replies } from './openai-replies.ts'
import { chat, requests, user } from './openai-requests.ts'
import { EMBEDDINGS, STREAM_ERROR, TEXT_BEFORE_END } from './reply-cases.ts'
import { chatAt, embeddingsAt, sseText, type DialectScenarios } from './support.ts'

/** A refusal in OpenAI's words. */
export function refusal(type: string, code: string | null = null): JsonObject {
  return { error: { message: 'Something is wrong with it.', type, param: null, code } }
}

function vectors(lists: readonly (readonly number[])[]): JsonObject {
  return {
    object: 'list',
    data: lists.map((embedding, index) => ({ object: 'embedding', index, embedding: [...embedding] })),
    model: 'a-model',
    usage: { prompt_tokens: 4, total_tokens: 4 },
  }
}

const cutText: readonly JsonObject[] = [
  chunk({ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }),
  chunk({ index: 0, delta: { content: TEXT_BEFORE_END }, finish_reason: null }),
]

/** OpenAI's chat completions, and its embeddings. */
export const openAi = {
  name: 'openai',
  client: {
    dialect,
    chat: (body, stream) =>
      chatAt(dialect, '/v1/chat/completions', {
        body: stream ? { ...body, stream_options: { include_usage: true } } : body,
      }),
    embeddings: (body) => embeddingsAt(dialect, '/v1/embeddings', { body }),
    nextTurn: ({ choices }) => {
      const [choice] = choices as { message: JsonObject }[]
      return chat([user('Hello.'), choice?.message ?? {}, user('And now?')])
    },
  },
  provider: { chat: openAiChat, embeddings: openAiEmbeddings },
  requests,
  replies,
  errors: {
    'error-400': { status: 400, body: refusal('invalid_request_error') },
    'error-401': { status: 401, body: refusal('invalid_request_error', 'invalid_api_key') },
    'error-403': { status: 403, body: refusal('invalid_request_error') },
    'error-404': {
      status: 404,
      body: refusal('invalid_request_error', 'model_not_found'),
      twin: { kind: 'model_not_found' },
    },
    'error-413': { status: 413, body: refusal('invalid_request_error') },
    'error-429': { status: 429, body: refusal('requests', 'rate_limit_exceeded') },
    'error-500': { status: 500, body: refusal('server_error') },
    'error-overloaded': { status: 503, body: refusal('server_error') },
  },
  ends: {
    'stream-cut': sseText(cutText),
    'error-in-stream': sseText([
      ...cutText,
      { error: { message: STREAM_ERROR, type: 'server_error', param: null, code: null } },
    ]),
  },
  embeddings: {
    'one-text': {
      request: { model: 'a-model', input: 'Hello.' },
      reply: vectors(EMBEDDINGS['one-text'].vectors),
    },
    texts: {
      request: { model: 'a-model', input: ['Hello.', 'And now?'] },
      reply: vectors(EMBEDDINGS.texts.vectors),
    },
    dimensions: {
      request: { model: 'a-model', input: ['Hello.'], dimensions: 3 },
      reply: vectors(EMBEDDINGS.dimensions.vectors),
    },
  },
  requestLosses,
  replyLosses,
  unsupported: { 'pdf-url': 'documents are sent with their content' },
} satisfies DialectScenarios
