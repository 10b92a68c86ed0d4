import type { JsonObject } from '../../core/json.ts'
import { reference } from './reference.ts'
import { chunk } from './reply-schemas.ts'
import { OPENAI_MESSAGE_FIELDS, TOOL_FIELDS } from './request-schemas.ts'

const NUMBER: JsonObject = { type: ['number', 'null'] }
const INTEGER: JsonObject = { type: ['integer', 'null'] }
const TEXT_OR_NULL: JsonObject = { type: ['string', 'null'] }
const MODEL: JsonObject = { type: 'string', minLength: 1, description: 'The name of a configured route.' }

/**
 * Bodies of OpenAI's own API under `/v1`. The provider judges the values; the gateway reads what it must translate.
 * Spec: https://platform.openai.com/docs/api-reference
 */
export const V1_SCHEMAS: JsonObject = {
  V1ChatRequest: request('messages', {
    messages: { type: 'array', items: reference('schemas', 'V1Message') },
    ...sampling(),
    max_completion_tokens: { ...INTEGER, description: 'The newer name of `max_tokens`; it counts first.' },
    ...TOOL_FIELDS,
  }),
  V1CompletionsRequest: request('prompt', {
    prompt: {
      type: ['string', 'array'],
      items: { type: 'string' },
      minItems: 1,
      maxItems: 1,
      description: 'One text, also as a list of one.',
    },
    ...sampling(),
  }),
  V1EmbeddingsRequest: request('input', {
    input: {
      type: ['string', 'array'],
      description: "One text or a list of texts; tokens only for providers that speak OpenAI's API.",
    },
  }),
  V1Message: {
    type: 'object',
    description: 'One message of a conversation.',
    required: ['role'],
    properties: OPENAI_MESSAGE_FIELDS,
  },
  V1CompletionsChunk: chunk('text_completion', { text: { type: 'string' } }),
  V1Error: {
    type: 'object',
    required: ['error'],
    properties: {
      error: {
        type: 'object',
        required: ['message', 'type', 'param', 'code'],
        properties: {
          message: { type: 'string' },
          type: { type: 'string', description: 'Such as `invalid_request_error`.' },
          param: { ...TEXT_OR_NULL, description: 'The field at fault.' },
          code: { ...TEXT_OR_NULL, description: 'Such as `model_not_found`.' },
        },
      },
    },
  },
  V1Model: {
    type: 'object',
    required: ['id', 'object', 'created', 'owned_by'],
    properties: {
      id: { type: 'string', description: "The route's name." },
      object: { type: 'string', enum: ['model'] },
      created: { type: 'integer', description: 'Always 0: routes have no date.' },
      owned_by: { type: 'string', description: "The route's provider." },
    },
  },
  V1ModelList: {
    type: 'object',
    required: ['object', 'data'],
    properties: {
      object: { type: 'string', enum: ['list'] },
      data: { type: 'array', items: reference('schemas', 'V1Model') },
    },
  },
}

/** An object with a model and `content`, its one other field that must be there. */
function request(content: string, properties: JsonObject): JsonObject {
  return { type: 'object', required: ['model', content], properties: { model: MODEL, ...properties } }
}

function sampling(): JsonObject {
  return {
    temperature: { ...NUMBER, description: "0 to 2, whatever the provider's own scale." },
    top_p: NUMBER,
    n: { ...INTEGER, description: 'How many answers to give.' },
    max_tokens: { ...INTEGER, description: 'Upper bound on the tokens of each answer.' },
    stop: {
      type: ['string', 'array', 'null'],
      items: { type: 'string' },
      description: 'The answer ends before the first of these texts.',
    },
    stream: { type: ['boolean', 'null'], description: 'Answer with server-sent events, as the text comes.' },
    stream_options: {
      description: 'With `{"include_usage": true}` the last event before `[DONE]` carries the token counts.',
      examples: [{ include_usage: true }],
    },
  }
}
