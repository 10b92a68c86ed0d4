import type { JsonObject, JsonValue } from '../../core/json.ts'
import { reference } from './reference.ts'

const COUNT: JsonValue = { type: ['integer', 'null'], minimum: 0 }
const TEXT_OR_NULL: JsonValue = { type: ['string', 'null'] }
const FINISH_REASON: JsonValue = {
  type: ['string', 'null'],
  description: "`stop`, `length`, `tool_calls`, `content_filter`, or a provider's own word.",
}
const DELTA: JsonValue = {
  type: 'object',
  properties: {
    role: TEXT_OR_NULL,
    content: TEXT_OR_NULL,
    reasoning_content: TEXT_OR_NULL,
    refusal: TEXT_OR_NULL,
    tool_calls: { type: ['array', 'null'], items: { type: 'object' } },
  },
}

/** Answers by generation. A provider that speaks OpenAI's shape may add fields of its own. */
export const REPLY_SCHEMAS: JsonObject = {
  MlflowChatReply: candidates({
    message: {
      type: 'object',
      required: ['role', 'content'],
      properties: {
        role: { type: 'string' },
        content: { type: 'string' },
        tool_calls: { type: 'array', items: reference('schemas', 'ToolCall') },
      },
    },
  }),
  MlflowCompletionsReply: candidates({ text: { type: 'string' } }),
  MlflowEmbeddingsReply: {
    type: 'object',
    required: ['embeddings', 'metadata'],
    properties: {
      embeddings: {
        type: 'array',
        description: 'One vector for each text, in order.',
        items: reference('schemas', 'Vector'),
      },
      metadata: reference('schemas', 'MlflowMetadata'),
    },
  },
  MlflowMetadata: {
    type: 'object',
    required: ['input_tokens', 'output_tokens', 'total_tokens', 'model', 'route_type'],
    properties: {
      input_tokens: COUNT,
      output_tokens: COUNT,
      total_tokens: COUNT,
      model: { ...TEXT_OR_NULL, description: 'As the provider names it.' },
      route_type: reference('schemas', 'RouteType'),
    },
  },
  OpenAiChatReply: choices('chat.completion', {
    message: {
      type: 'object',
      required: ['role', 'content'],
      properties: {
        role: { type: 'string' },
        content: TEXT_OR_NULL,
        refusal: TEXT_OR_NULL,
        reasoning_content: { type: 'string' },
        tool_calls: { type: 'array', items: reference('schemas', 'ToolCall') },
      },
    },
  }),
  OpenAiCompletionsReply: choices('text_completion', { text: { type: 'string' } }),
  OpenAiEmbeddingsReply: {
    type: 'object',
    required: ['object', 'data', 'model', 'usage'],
    properties: {
      object: { type: 'string', enum: ['list'] },
      data: {
        type: 'array',
        items: {
          type: 'object',
          required: ['object', 'embedding', 'index'],
          properties: {
            object: { type: 'string', enum: ['embedding'] },
            embedding: reference('schemas', 'Vector'),
            index: { type: 'integer', minimum: 0 },
          },
        },
      },
      model: TEXT_OR_NULL,
      usage: {
        type: 'object',
        required: ['prompt_tokens', 'total_tokens'],
        properties: { prompt_tokens: COUNT, total_tokens: COUNT },
      },
    },
  },
  OpenAiUsage: {
    type: 'object',
    required: ['prompt_tokens', 'completion_tokens', 'total_tokens'],
    properties: {
      prompt_tokens: COUNT,
      completion_tokens: COUNT,
      total_tokens: COUNT,
      prompt_tokens_details: { type: ['object', 'null'], properties: { cached_tokens: COUNT } },
      completion_tokens_details: { type: ['object', 'null'], properties: { reasoning_tokens: COUNT } },
    },
  },
  ChatChunk: chunk('chat.completion.chunk', { delta: DELTA }),
  CompletionsChunk: chunk('text_completion_chunk', { delta: DELTA }),
  StreamError: {
    type: 'object',
    description: 'The last event of a stream that failed after it had begun.',
    required: ['error'],
    properties: {
      error: {
        type: 'object',
        required: ['message', 'type'],
        properties: { message: { type: 'string' }, type: { type: 'string' } },
      },
    },
  },
  Vector: {
    type: ['array', 'string'],
    items: { type: 'number' },
    description: 'Numbers; a base64 text when the request asked the provider for `encoding_format: base64`.',
  },
}

function candidates(answer: JsonObject): JsonObject {
  return {
    type: 'object',
    required: ['candidates', 'metadata'],
    properties: {
      candidates: {
        type: 'array',
        items: {
          type: 'object',
          required: [...Object.keys(answer), 'metadata'],
          properties: {
            ...answer,
            metadata: {
              type: 'object',
              required: ['finish_reason'],
              properties: { finish_reason: FINISH_REASON },
            },
          },
        },
      },
      metadata: reference('schemas', 'MlflowMetadata'),
    },
  }
}

function choices(object: string, answer: JsonObject): JsonObject {
  return {
    type: 'object',
    required: ['id', 'object', 'created', 'model', 'choices', 'usage'],
    properties: {
      ...head(object),
      choices: {
        type: 'array',
        items: {
          type: 'object',
          required: ['index', ...Object.keys(answer), 'finish_reason'],
          properties: {
            index: { type: 'integer', minimum: 0 },
            ...answer,
            finish_reason: FINISH_REASON,
          },
        },
      },
      usage: reference('schemas', 'OpenAiUsage'),
    },
  }
}

/** The data of one streamed event; `answer` is the member that holds the text. */
export function chunk(object: string, answer: JsonObject): JsonObject {
  return {
    type: 'object',
    description:
      'The data of one event. Only streams under `/v1` end with `[DONE]`, the others with the answer.',
    required: ['id', 'object', 'created', 'model', 'choices'],
    properties: {
      ...head(object),
      choices: {
        type: 'array',
        description: 'Empty in the event that carries the usage.',
        items: {
          type: 'object',
          required: ['index', ...Object.keys(answer), 'finish_reason'],
          properties: {
            index: { type: 'integer', minimum: 0 },
            finish_reason: FINISH_REASON,
            ...answer,
          },
        },
      },
      usage: { anyOf: [reference('schemas', 'OpenAiUsage'), { type: 'null' }] },
    },
  }
}

function head(object: string): JsonObject {
  return {
    id: TEXT_OR_NULL,
    object: { type: 'string', enum: [object] },
    created: { type: 'integer', description: 'Unix time in seconds.' },
    model: TEXT_OR_NULL,
  }
}
