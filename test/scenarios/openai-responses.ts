import type { JsonObject } from '../../src/core/json.ts'
import { openAiResponsesApi as dialect } from '../../src/dialects/openai-responses/client.ts'
import { openAiResponses } from '../../src/dialects/openai-responses/index.ts'
import { replyLosses, requestLosses } from './openai-responses-losses.ts'
import { replies, started } from './openai-responses-replies.ts'
import { chat, requests, user } from './openai-responses-requests.ts'
import { openAi, refusal } from './openai.ts'
import { STREAM_ERROR, TEXT_BEFORE_END } from './reply-cases.ts'
import { chatAt, sseText, type DialectScenarios } from './support.ts'

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
    ...openAi.errors,
    'error-429': { status: 429, body: refusal('rate_limit_error', 'rate_limit_exceeded') },
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
