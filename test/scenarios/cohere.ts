import type { JsonObject } from '../../src/core/json.ts'
import { cohere as dialect } from '../../src/dialects/cohere/client.ts'
import { cohereChat, cohereEmbeddings } from '../../src/dialects/cohere/index.ts'
import { replyLosses, requestLosses } from './cohere-losses.ts'
import { replies, streamEvents, text } from './cohere-replies.ts'
import { requests } from './cohere-requests.ts'
import { STREAM_ERROR, TEXT_BEFORE_END } from './reply-cases.ts'
import { chatAt, embeddingsAt, sameRefusals, sseText, type DialectScenarios } from './support.ts'

const beginning = streamEvents({ content: [text(TEXT_BEFORE_END)] }, {}).slice(0, 3)

function embed(texts: string[], more: JsonObject = {}): JsonObject {
  return { model: 'a-model', texts, input_type: 'search_document', embedding_types: ['float'], ...more }
}

function vectors(...float: number[][]): JsonObject {
  return {
    id: 'reply-1',
    embeddings: { float },
    meta: { api_version: { version: '2' }, billed_units: { input_tokens: 4 } },
    response_type: 'embeddings_by_type',
  }
}

/** The second version of Cohere's API. */
export const cohere = {
  name: 'cohere',
  client: {
    dialect,
    chat: (body) => chatAt(dialect, '/v2/chat', { body }),
    embeddings: (body) => embeddingsAt(dialect, '/v2/embed', { body }),
    nextTurn: ({ message }) => ({
      model: 'a-model',
      messages: [
        { role: 'user', content: 'Hello.' },
        ...(message ? [message] : []),
        { role: 'user', content: 'And now?' },
      ],
    }),
  },
  provider: { chat: cohereChat, embeddings: cohereEmbeddings },
  requests,
  replies,
  errors: sameRefusals({ id: 'refusal-1', message: 'Something is wrong with it.' }),
  ends: {
    'stream-cut': sseText(beginning, true),
    'error-in-stream': sseText(
      [...beginning, { type: 'message-end', delta: { error: STREAM_ERROR, finish_reason: 'ERROR' } }],
      true,
    ),
  },
  embeddings: {
    texts: {
      request: embed(['Hello.', 'And now?']),
      reply: vectors([0.5, -0.25, 1], [0.125, 0, -2]),
    },
    dimensions: {
      request: embed(['Hello.'], { output_dimension: 3 }),
      reply: vectors([0.5, -0.25, 1]),
    },
  },
  requestLosses,
  replyLosses,
  unsupported: {
    pdf: 'Cohere reads no files',
    'pdf-url': 'Cohere reads no files',
    'audio-in': 'Cohere hears nothing',
    candidates: 'Cohere gives one answer',
    'one-text': 'texts are always a list',
    media: 'Cohere makes texts only',
    'two-candidates': 'Cohere gives one answer',
  },
} satisfies DialectScenarios
