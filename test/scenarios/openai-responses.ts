import type { JsonObject } from '../../src/core/json.ts'
import { openAiResponsesApi as dialect } from '../../src/dialects/openai-responses/client.ts'
import { openAiResponses } from '../../src/dialects/openai-responses/index.ts'
import { replyLosses, requestLosses } from './openai-responses-losses.ts'
import { replies, started } from './openai-responses-replies.ts'
import { chat, requests, user } from './openai-responses-requests.ts'
import { STREAM_ERROR, TEXT_BEFORE_END } from './reply-cases.ts'
import { chatAt, sseText, type DialectScenarios } from './support.ts'

function refusal(type: string, code: string | null = null): JsonObject {
  return { error: { message: 'Something is wrong with it.', type, param: null, code } }
}

const cutText: readonly JsonObject[] = [
  ...started,
  {
    type: 'response.output_item.added',
    output_index: 0,
    item: { id: 'msg_1', type: 'message', status: 'in_progress', role: 'assistant', content: [] },
  },
  {
    type: 'response.content_part.added',
    item_id: 'msg_1',
    output_index: 0,
    content_index: 0,
    part: { type: 'output_text', text: '', annotations: [] },
  },
  {
    type: 'response.output_text.delta',
    item_id: 'msg_1',
    output_index: 0,
    content_index: 0,
    delta: TEXT_BEFORE_END,
  },
]

/** OpenAI's Responses API. */
export const openAiResponsesScenarios = {
  name: 'openai-responses',
  client: {
    dialect,
    chat: (body) => chatAt(dialect, '/v1/responses', { body }),
    nextTurn: ({ output }) => chat([user('Hello.'), ...(output as JsonObject[]), user('And now?')]),
  },
  provider: { chat: openAiResponses },
  requests,
  replies,
  errors: {
    'error-400': { status: 400, body: refusal('invalid_request_error') },
    'error-401': { status: 401, body: refusal('invalid_request_error', 'invalid_api_key') },
    'error-403': { status: 403, body: refusal('invalid_request_error') },
    'error-404': { status: 404, body: refusal('invalid_request_error', 'model_not_found') },
    'error-413': { status: 413, body: refusal('invalid_request_error') },
    'error-429': { status: 429, body: refusal('rate_limit_error', 'rate_limit_exceeded') },
    'error-500': { status: 500, body: refusal('server_error') },
    'error-overloaded': { status: 503, body: refusal('server_error', 'server_is_overloaded') },
  },
  ends: {
    'stream-cut': sseText(cutText, true),
    'error-in-stream': sseText(
      [...cutText, { type: 'error', error: { type: 'server_error', code: null, message: STREAM_ERROR } }],
      true,
    ),
  },
  requestLosses,
  replyLosses,
  unsupported: {
    candidates: 'there is one answer per request',
    'two-candidates': 'there is one answer per request',
    'one-text': 'embeddings have an API of their own',
    texts: 'embeddings have an API of their own',
    dimensions: 'embeddings have an API of their own',
  },
} satisfies DialectScenarios
