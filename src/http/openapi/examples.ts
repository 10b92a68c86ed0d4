import type { JsonObject, JsonValue } from '../../core/json.ts'

const QUESTION = 'What is an AI gateway?'
const ANSWER = 'One service in front of every provider of models.'
const MESSAGES: JsonValue = [{ role: 'user', content: QUESTION }]
const TEXTS: JsonValue = ['An AI gateway', 'A proxy for models']
const VECTORS: [number[], number[]] = [
  [0.12, -0.48, 0.87],
  [0.1, -0.5, 0.86],
]
const HEAD = { created: 1_700_000_000, model: 'example-model' }

/** One example for each body; a test holds them to their schemas. */
export const EXAMPLES: JsonObject = {
  MlflowChatRequest: example('A question', {
    messages: MESSAGES,
    temperature: 0.2,
    candidate_count: 1,
    max_tokens: 64,
  }),
  MlflowChatStreamRequest: example('A question, answered as a stream', { messages: MESSAGES, stream: true }),
  MlflowCompletionsRequest: example('A text to go on with', { prompt: 'An AI gateway is', max_tokens: 64 }),
  MlflowCompletionsStreamRequest: example('A text to go on with, as a stream', {
    prompt: 'An AI gateway is',
    stream: true,
  }),
  MlflowEmbeddingsRequest: example('Two texts', { text: TEXTS }),
  OpenAiChatRequest: example('A question', { messages: MESSAGES, temperature: 0.4, n: 1, max_tokens: 64 }),
  OpenAiChatStreamRequest: example('A question, answered as a stream', {
    messages: MESSAGES,
    stream: true,
    stream_options: { include_usage: true },
  }),
  OpenAiCompletionsRequest: example('A text to go on with', { prompt: 'An AI gateway is', max_tokens: 64 }),
  OpenAiCompletionsStreamRequest: example('A text to go on with, as a stream', {
    prompt: 'An AI gateway is',
    stream: true,
  }),
  OpenAiEmbeddingsRequest: example('Two texts', { input: TEXTS }),
  V1ChatRequest: example('A question to the route `chat`', { model: 'chat', messages: MESSAGES }),
  V1ChatStreamRequest: example('The same, answered as a stream', {
    model: 'chat',
    messages: MESSAGES,
    stream: true,
    stream_options: { include_usage: true },
  }),
  V1CompletionsRequest: example('A text to go on with, for the route `completions`', {
    model: 'completions',
    prompt: 'An AI gateway is',
    max_tokens: 64,
  }),
  V1EmbeddingsRequest: example('Two texts for the route `embeddings`', { model: 'embeddings', input: TEXTS }),
  MlflowChatReply: example('One candidate', {
    candidates: [{ message: { role: 'assistant', content: ANSWER }, metadata: { finish_reason: 'stop' } }],
    metadata: metadata('llm/v1/chat', 13, 10),
  }),
  MlflowCompletionsReply: example('One candidate', {
    candidates: [{ text: ANSWER, metadata: { finish_reason: 'stop' } }],
    metadata: metadata('llm/v1/completions', 5, 10),
  }),
  MlflowEmbeddingsReply: example('Two vectors', {
    embeddings: VECTORS,
    metadata: metadata('llm/v1/embeddings', 8, 0),
  }),
  OpenAiChatReply: example('One choice', {
    id: 'chatcmpl-1',
    object: 'chat.completion',
    ...HEAD,
    choices: [{ index: 0, message: { role: 'assistant', content: ANSWER }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 13, completion_tokens: 10, total_tokens: 23 },
  }),
  OpenAiCompletionsReply: example('One choice', {
    id: 'cmpl-1',
    object: 'text_completion',
    ...HEAD,
    choices: [{ index: 0, text: ANSWER, finish_reason: 'stop' }],
    usage: { prompt_tokens: 5, completion_tokens: 10, total_tokens: 15 },
  }),
  OpenAiEmbeddingsReply: example('Two vectors', {
    object: 'list',
    data: VECTORS.map((embedding, index) => ({ object: 'embedding', embedding, index })),
    model: HEAD.model,
    usage: { prompt_tokens: 8, total_tokens: 8 },
  }),
  ChatStream: example('A stream', stream({ id: 'chatcmpl-1', object: 'chat.completion.chunk', ...HEAD })),
  CompletionsStream: example('A stream', stream({ id: 'cmpl-1', object: 'text_completion_chunk', ...HEAD })),
}

function example(summary: string, value: JsonValue): JsonObject {
  return { summary, value }
}

function metadata(type: string, input: number, output: number): JsonObject {
  return {
    input_tokens: input,
    output_tokens: output,
    total_tokens: input + output,
    model: HEAD.model,
    route_type: type,
  }
}

/** The events of a short answer, each as its `data:` line and an empty one. */
function stream(head: JsonObject): string {
  const events = [
    { delta: { role: 'assistant', content: '' }, finish_reason: null },
    { delta: { role: null, content: 'One service' }, finish_reason: null },
    { delta: { role: null, content: null }, finish_reason: 'stop' },
  ]
  return events
    .map((choice) => `data: ${JSON.stringify({ ...head, choices: [{ index: 0, ...choice }] })}\n\n`)
    .join('')
}
