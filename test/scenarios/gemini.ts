import type { JsonObject } from '../../src/core/json.ts'
import { gemini as dialect } from '../../src/dialects/gemini/client.ts'
import { geminiEmbeddings, geminiGenerate } from '../../src/dialects/gemini/index.ts'
import { replyLosses, requestLosses } from './gemini-losses.ts'
import { HEAD, replies } from './gemini-replies.ts'
import { chat, requests, said, user } from './gemini-requests.ts'
import { STREAM_ERROR, TEXT_BEFORE_END } from './reply-cases.ts'
import { chatAt, embeddingsAt, sseText, type DialectScenarios } from './support.ts'

const refusal = (code: number, status: string, details?: JsonObject): JsonObject => ({
  error: { code, message: 'Something is wrong with it.', status, ...(details ? { details: [details] } : {}) },
})

const piece = (text: string): JsonObject => ({
  candidates: [{ content: { parts: [said(text)], role: 'model' }, index: 0 }],
  ...HEAD,
})

function embed(text: string, more: JsonObject = {}): JsonObject {
  return { model: 'models/a-model', content: { parts: [said(text)] }, ...more }
}

const CHAT_PATH = '/v1beta/models/:route::generateContent'
const STREAM_PATH = '/v1beta/models/:route::streamGenerateContent'

/** Gemini's API: `generateContent` and its kin. */
export const gemini = {
  name: 'gemini',
  client: {
    dialect,
    chat: (body, stream) =>
      stream
        ? chatAt(dialect, STREAM_PATH, { body, search: 'alt=sse' })
        : chatAt(dialect, CHAT_PATH, { body }),
    embeddings: (body) =>
      embeddingsAt(
        dialect,
        `/v1beta/models/:route::${body['requests'] ? 'batchEmbedContents' : 'embedContent'}`,
        {
          body,
        },
      ),
    nextTurn: ({ candidates }) => {
      const [first] = candidates as { content: JsonObject }[]
      return chat([user(said('Hello.')), ...(first ? [first.content] : []), user(said('And now?'))])
    },
  },
  provider: { chat: geminiGenerate, embeddings: geminiEmbeddings },
  requests,
  replies,
  errors: {
    'error-400': { status: 400, body: refusal(400, 'INVALID_ARGUMENT') },
    'error-401': {
      status: 400,
      body: refusal(400, 'INVALID_ARGUMENT', {
        '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
        reason: 'API_KEY_INVALID',
      }),
    },
    'error-403': { status: 403, body: refusal(403, 'PERMISSION_DENIED') },
    'error-404': { status: 404, body: refusal(404, 'NOT_FOUND') },
    'error-413': { status: 413, body: refusal(413, 'INVALID_ARGUMENT') },
    'error-429': {
      status: 429,
      body: refusal(429, 'RESOURCE_EXHAUSTED', {
        '@type': 'type.googleapis.com/google.rpc.RetryInfo',
        retryDelay: '26s',
      }),
    },
    'error-500': { status: 500, body: refusal(500, 'INTERNAL') },
    'error-overloaded': { status: 503, body: refusal(503, 'UNAVAILABLE') },
  },
  ends: {
    'stream-cut': sseText([piece(TEXT_BEFORE_END)]),
    'error-in-stream': sseText([
      piece(TEXT_BEFORE_END),
      { error: { code: 503, message: STREAM_ERROR, status: 'UNAVAILABLE' } },
    ]),
  },
  embeddings: {
    'one-text': {
      request: { content: { parts: [said('Hello.')] } },
      reply: { embedding: { values: [0.5, -0.25, 1] } },
    },
    texts: {
      request: { requests: [embed('Hello.'), embed('And now?')] },
      reply: { embeddings: [{ values: [0.5, -0.25, 1] }, { values: [0.125, 0, -2] }] },
    },
    dimensions: {
      request: { requests: [embed('Hello.', { outputDimensionality: 3 })] },
      reply: { embeddings: [{ values: [0.5, -0.25, 1] }] },
    },
  },
  requestLosses,
  replyLosses,
  unsupported: {},
} satisfies DialectScenarios
