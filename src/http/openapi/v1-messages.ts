import type { JsonObject } from '../../core/json.ts'
import { answer, requestBody, type Kind } from './messages.ts'
import { reference } from './reference.ts'

/** What OpenAI's own API takes. The examples name the routes of the quickstart as models. */
export function v1RequestBodies(): JsonObject {
  return {
    V1Chat: requestBody('V1ChatRequest', {
      chat: reference('examples', 'V1ChatRequest'),
      stream: reference('examples', 'V1ChatStreamRequest'),
    }),
    V1Completions: requestBody('V1CompletionsRequest', {
      completions: reference('examples', 'V1CompletionsRequest'),
    }),
    V1Embeddings: requestBody('V1EmbeddingsRequest', {
      embeddings: reference('examples', 'V1EmbeddingsRequest'),
    }),
  }
}

/** What it answers, refusals included: OpenAI's shapes, as its SDKs read them. `bodyLimit` is in bytes. */
export function v1Responses(bodyLimit: number): JsonObject {
  return {
    V1ChatReply: reply('Chat', { whole: 'OpenAiChatReply', chunk: 'ChatChunk' }),
    V1CompletionsReply: reply('Completions', {
      whole: 'OpenAiCompletionsReply',
      chunk: 'V1CompletionsChunk',
    }),
    V1EmbeddingsReply: reply('Embeddings', { whole: 'OpenAiEmbeddingsReply' }),
    V1BadRequest: refusal(
      'The body does not fit, its model is a route of another type, or (422) its provider cannot do what it asks.',
      {
        message: "Missing required parameter: 'model'.",
        type: 'invalid_request_error',
        param: 'model',
      },
    ),
    V1NotFound: refusal('No route has the name that `model` gives.', {
      message: "The model 'chatt' does not exist: no route of this gateway has that name.",
      type: 'invalid_request_error',
      param: 'model',
      code: 'model_not_found',
    }),
    V1TooLarge: refusal(`The body is larger than the ${bodyLimit} bytes that this gateway takes.`, {
      message: `The request body is larger than ${bodyLimit} bytes.`,
      type: 'invalid_request_error',
    }),
    V1RateLimited: refusal(
      'The provider takes no more requests for now.',
      {
        message: 'Rate limit reached for requests.',
        type: 'rate_limit_error',
        code: 'rate_limit_exceeded',
      },
      { 'retry-after': reference('headers', 'RetryAfter') },
    ),
    V1Failed: refusal(
      "The provider or the gateway failed: 502 when the provider could not be reached or refused the gateway's own key, 503 when it is overloaded or the gateway shuts down, 504 when it took too long.",
      { message: 'The provider could not be reached.', type: 'server_error' },
      { 'retry-after': reference('headers', 'RetryAfter') },
    ),
  }
}

interface ReplySchemas {
  whole: string
  /** What a stream's events hold; none where nothing is streamed. */
  chunk?: string
}

function reply(kind: Kind, { whole, chunk }: ReplySchemas): JsonObject {
  const examples = { [kind.toLowerCase()]: reference('examples', `OpenAi${kind}Reply`) }
  const content: JsonObject = { 'application/json': { schema: reference('schemas', whole), examples } }
  if (chunk !== undefined) {
    content['text/event-stream'] = {
      schema: {
        type: 'string',
        description: `With \`stream: true\`: one \`data:\` line with a ${chunk} for each event, then \`data: [DONE]\`; or a V1Error as the last.`,
      },
      'x-event-data': { anyOf: [reference('schemas', chunk), reference('schemas', 'V1Error')] },
    }
  }
  return answer(content)
}

interface RefusalExample {
  message: string
  type: string
  param?: string
  code?: string
}

function refusal(
  description: string,
  { message, type, param = '', code = '' }: RefusalExample,
  headers: JsonObject = {},
): JsonObject {
  const error = { message, type, param: param || null, code: code || null }
  const extra = Object.keys(headers).length > 0 ? { headers } : {}
  return {
    description,
    ...extra,
    content: { 'application/json': { schema: reference('schemas', 'V1Error'), example: { error } } },
  }
}
