import { isObject, type JsonObject } from '../../src/core/json.ts'
import { anthropic as dialect } from '../../src/dialects/anthropic/client.ts'
import { anthropicMessages } from '../../src/dialects/anthropic/index.ts'
import { replyLosses, requestLosses } from './anthropic-losses.ts'
import { replies, start } from './anthropic-replies.ts'
import { chat, requests, result, said, user } from './anthropic-requests.ts'
import { STREAM_ERROR, TEXT_BEFORE_END } from './reply-cases.ts'
import { chatAt, sseText, type DialectScenarios } from './support.ts'

const refusal = (type: string): JsonObject => ({
  type: 'error',
  error: { type, message: 'Something is wrong with it.' },
  request_id: 'req_1',
})

const beginning = [
  ...start(),
  { type: 'content_block_start', index: 0, content_block: said('') },
  { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: TEXT_BEFORE_END } },
]

const NO_EMBEDDINGS = 'Anthropic makes no embeddings'

/** Anthropic's Messages API. */
export const anthropic = {
  name: 'anthropic',
  client: {
    dialect,
    chat: (body) => chatAt(dialect, '/v1/messages', { body }),
    nextTurn: ({ content = [] }) => {
      const blocks = Array.isArray(content) ? content.filter(isObject) : []
      const calls = blocks.filter(({ type }) => type === 'tool_use')
      const results = calls.map(({ id }) => result(typeof id === 'string' ? id : '', 'Done.'))
      return chat([user('Hello.'), { role: 'assistant', content }, user([...results, said('And now?')])])
    },
  },
  provider: { chat: anthropicMessages },
  requests,
  replies,
  errors: {
    'error-400': { status: 400, body: refusal('invalid_request_error') },
    'error-401': { status: 401, body: refusal('authentication_error') },
    'error-403': { status: 403, body: refusal('permission_error') },
    'error-404': { status: 404, body: refusal('not_found_error') },
    'error-413': {
      status: 413,
      body: { error: { type: 'request_too_large', message: 'Something is wrong with it.' } },
    },
    'error-429': { status: 429, body: refusal('rate_limit_error') },
    'error-500': { status: 500, body: refusal('api_error') },
    'error-overloaded': { status: 529, body: refusal('overloaded_error'), twin: { status: 529 } },
  },
  ends: {
    'stream-cut': sseText(beginning, true),
    'error-in-stream': sseText(
      [...beginning, { type: 'error', error: { type: 'api_error', message: STREAM_ERROR } }],
      true,
    ),
  },
  requestLosses,
  replyLosses,
  unsupported: {
    'audio-in': 'no model of Anthropic takes sound',
    candidates: 'there is one answer to a request',
    'one-text': NO_EMBEDDINGS,
    texts: NO_EMBEDDINGS,
    dimensions: NO_EMBEDDINGS,
  },
} satisfies DialectScenarios
