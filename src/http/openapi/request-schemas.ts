import type { JsonObject } from '../../core/json.ts'
import { reference } from './reference.ts'

/** What a message may have in OpenAI's shape. */
export const OPENAI_MESSAGE_FIELDS: JsonObject = {
  role: { type: 'string', description: 'Usually `system`, `user`, `assistant` or `tool`.' },
  content: {
    type: ['string', 'array', 'null'],
    description: 'A text, or a list of parts such as `{"type": "text", "text": "..."}`.',
    items: { type: 'object' },
  },
  tool_calls: { type: 'array', items: reference('schemas', 'ToolCall') },
  tool_call_id: { type: 'string', description: 'For a `tool` message: the call that it answers.' },
}

/** How a model is told which functions it may call. */
export const TOOL_FIELDS: JsonObject = {
  tools: {
    description: "Functions that the model may call, in OpenAI's shape.",
    examples: [[{ type: 'function', function: { name: 'now', parameters: { type: 'object' } } }]],
  },
  tool_choice: {
    description: '`auto`, `none`, `required`, or one function by name.',
    examples: ['auto'],
  },
}

/**
 * Request bodies by generation: `Seed...` of June 2023, `Mlflow...` of 2.5 to 2.8, `OpenAi...` of 2.9 and later. Fields
 * that are not named go to the provider as they came, so no body is closed.
 */
export const REQUEST_SCHEMAS: JsonObject = {
  SeedChatRequest: chat(mlflowSampling(0), reference('schemas', 'MlflowMessage')),
  SeedCompletionsRequest: completions(mlflowSampling(0)),
  MlflowChatRequest: chat(mlflowSampling(1), reference('schemas', 'MlflowMessage')),
  MlflowCompletionsRequest: completions(mlflowSampling(1)),
  MlflowEmbeddingsRequest: embeddings('text', ['model', 'n']),
  MlflowMessage: {
    type: 'object',
    description: 'One message of a conversation.',
    required: ['role', 'content'],
    properties: {
      role: { type: 'string', description: 'Usually `system`, `user`, `assistant` or `tool`.' },
      content: { type: 'string' },
    },
  },
  OpenAiChatRequest: chat(openAiSampling(), reference('schemas', 'OpenAiMessage')),
  OpenAiCompletionsRequest: completions(openAiSampling()),
  OpenAiEmbeddingsRequest: embeddings('input', ['model']),
  OpenAiMessage: {
    type: 'object',
    description:
      'One message of a conversation. Only a message with `tool_calls` may have null as its content.',
    required: ['role', 'content'],
    properties: OPENAI_MESSAGE_FIELDS,
    anyOf: [{ required: ['tool_calls'] }, { properties: { content: { type: ['string', 'array'] } } }],
  },
  ToolCall: {
    type: 'object',
    required: ['id', 'type', 'function'],
    properties: {
      id: { type: 'string' },
      type: { type: 'string', enum: ['function'] },
      function: {
        type: 'object',
        required: ['name', 'arguments'],
        properties: { name: { type: 'string' }, arguments: { type: 'string', description: 'JSON text.' } },
      },
    },
  },
}

interface Sampling {
  properties: JsonObject
  /** Fields of the other shape, and the model, which the route sets. */
  refused: string[]
}

function mlflowSampling(leastTokens: number): Sampling {
  return {
    properties: {
      temperature: temperature(1),
      candidate_count: {
        type: 'integer',
        minimum: 1,
        maximum: 5,
        default: 1,
        description: 'How many answers to give.',
      },
      ...sharedSampling(leastTokens),
    },
    refused: ['model', 'n'],
  }
}

function openAiSampling(): Sampling {
  return {
    properties: {
      temperature: temperature(2),
      n: { type: 'integer', minimum: 1, default: 1, description: 'How many answers to give.' },
      ...sharedSampling(1),
    },
    refused: ['model'],
  }
}

function temperature(maximum: number): JsonObject {
  return {
    type: 'number',
    minimum: 0,
    maximum,
    default: 0,
    description: `0 to ${maximum}, whatever the provider's own scale.`,
  }
}

function sharedSampling(leastTokens: number): JsonObject {
  return {
    max_tokens: {
      type: ['integer', 'null'],
      minimum: leastTokens,
      description: 'Upper bound on the tokens of each answer.',
    },
    stop: {
      type: ['array', 'null'],
      items: { type: 'string' },
      minItems: 1,
      description: 'The answer ends before the first of these texts.',
    },
    stream: {
      type: ['boolean', 'null'],
      default: false,
      description: 'Answer with server-sent events, as the text comes.',
    },
    stream_options: {
      description: 'With `{"include_usage": true}` the last event of a stream carries the token counts.',
      examples: [{ include_usage: true }],
    },
  }
}

function chat({ properties, refused }: Sampling, message: JsonObject): JsonObject {
  return {
    type: 'object',
    required: ['messages'],
    properties: {
      messages: { type: 'array', minItems: 1, items: message },
      ...properties,
      ...TOOL_FIELDS,
    },
    not: forbid(refused),
  }
}

function completions({ properties, refused }: Sampling): JsonObject {
  return {
    type: 'object',
    required: ['prompt'],
    properties: { prompt: { type: 'string' }, ...properties },
    not: forbid(refused),
  }
}

/** `preferred` is the generation's own word; the gateway takes all three, the first of `input`, `text`, `texts`. */
function embeddings(preferred: 'text' | 'input', refused: string[]): JsonObject {
  const names = preferred === 'text' ? ['text', 'texts', 'input'] : ['input', 'text', 'texts']
  const properties: JsonObject = {}
  for (const name of names) {
    properties[name] = {
      type: ['string', 'array'],
      items: { type: 'string' },
      description: name === preferred ? 'One text, or a list of texts.' : `The same as \`${preferred}\`.`,
    }
  }
  return {
    type: 'object',
    properties,
    anyOf: names.map((name) => ({ required: [name] })),
    not: forbid(refused),
  }
}

function forbid(names: string[]): JsonObject {
  return { anyOf: names.map((name) => ({ required: [name] })) }
}
