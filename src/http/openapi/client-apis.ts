import type { RouteType } from '../../core/route.ts'

/** An API that applications know from its provider, as the gateway answers it. */
export interface ClientApi {
  /** Also the tag of its operations. */
  title: string
  description: string
  /** Where the provider describes the bodies. */
  spec: string
  /** Whose shape its errors have. */
  errors: ErrorShape
  operations: readonly ClientOperation[]
}

export type ErrorShape = 'OpenAi' | 'Anthropic' | 'Gemini' | 'Cohere'

export interface ClientOperation {
  method: 'GET' | 'POST'
  /** As OpenAPI writes it: `{name}` is a route. Without it the body's `model` names the route. */
  path: string
  /** Stays the same from version to version. */
  id: string
  summary: string
  /** The type of the routes it serves; absent for lists of routes. */
  serves?: RouteType
  /** Its body is a form with a file. */
  isForm?: true
  /** Its answer goes on as it came, whatever it is. */
  isForwarded?: true
}

const EMBEDDINGS = { serves: 'llm/v1/embeddings' } as const
const RERANK = { serves: 'llm/v1/rerank' } as const
const IMAGES = { serves: 'llm/v1/images', isForwarded: true } as const
const AUDIO = { serves: 'llm/v1/audio', isForwarded: true } as const
const MODERATIONS = { serves: 'llm/v1/moderations', isForwarded: true } as const

/** Every API but MLflow's own of 2023 on. Bodies are free here: their fields are the provider's to describe. */
export const CLIENT_APIS: readonly ClientApi[] = [
  {
    title: 'OpenAI',
    description: "OpenAI's own API: `model` names the route.",
    spec: 'https://platform.openai.com/docs/api-reference',
    errors: 'OpenAi',
    operations: [
      chat('/v1/chat/completions', 'createChatCompletion', 'Chat with a route'),
      { ...post('/v1/completions', 'createCompletion', 'Complete a text'), serves: 'llm/v1/completions' },
      { ...post('/v1/embeddings', 'createEmbedding', 'Embed texts'), ...EMBEDDINGS },
      chat('/v1/responses', 'createResponse', 'Chat with a route, by the Responses API; nothing is stored'),
      chat('/v1/responses/input_tokens', 'countResponseTokens', 'Count the tokens of a prompt'),
      { ...chat('/v1/responses/compact', 'compactResponse', 'Shorten a conversation'), isForwarded: true },
      { ...post('/v1/images/generations', 'createImage', 'Make pictures'), ...IMAGES },
      { ...post('/v1/images/edits', 'editImage', 'Change a picture'), ...IMAGES, isForm: true },
      { ...post('/v1/images/variations', 'varyImage', 'Vary a picture'), ...IMAGES, isForm: true },
      { ...post('/v1/audio/speech', 'createSpeech', 'Speak a text'), ...AUDIO },
      {
        ...post('/v1/audio/transcriptions', 'transcribe', 'Write down what is said'),
        ...AUDIO,
        isForm: true,
      },
      { ...post('/v1/audio/translations', 'translateAudio', 'The same in English'), ...AUDIO, isForm: true },
      { ...post('/v1/moderations', 'moderate', 'Judge a text or a picture'), ...MODERATIONS },
      lookup(
        '/v1/models',
        'listModels',
        "All routes, as models; as Anthropic's when the request has an `anthropic-version`",
      ),
      lookup('/v1/models/{name}', 'retrieveModel', 'One route, as a model; likewise'),
    ],
  },
  {
    title: 'Anthropic',
    description: "Anthropic's Messages API: `model` names the route. Also below `/anthropic`.",
    spec: 'https://docs.anthropic.com/en/api/messages',
    errors: 'Anthropic',
    operations: [
      chat('/v1/messages', 'createMessage', 'Chat with a route'),
      chat('/v1/messages/count_tokens', 'countMessageTokens', 'Count the tokens of a prompt'),
      lookup('/anthropic/v1/models', 'listAnthropicModels', 'All routes, as models'),
      lookup('/anthropic/v1/models/{name}', 'retrieveAnthropicModel', 'One route, as a model'),
    ],
  },
  {
    title: 'Gemini',
    description: "Gemini's API: the path names the route. Also below `/v1`.",
    spec: 'https://ai.google.dev/api',
    errors: 'Gemini',
    operations: [
      chat('/v1beta/models/{name}:generateContent', 'generateContent', 'Chat with a route'),
      chat(
        '/v1beta/models/{name}:streamGenerateContent',
        'streamGenerateContent',
        'The same as a stream: events with `?alt=sse`, else one JSON list',
      ),
      chat('/v1beta/models/{name}:countTokens', 'countTokens', 'Count the tokens of a prompt'),
      { ...post('/v1beta/models/{name}:embedContent', 'embedContent', 'Embed one text'), ...EMBEDDINGS },
      {
        ...post('/v1beta/models/{name}:batchEmbedContents', 'batchEmbedContents', 'Embed several texts'),
        ...EMBEDDINGS,
      },
      lookup('/v1beta/models', 'listGeminiModels', 'All routes, as models'),
      lookup('/v1beta/models/{name}', 'retrieveGeminiModel', 'One route, as a model'),
    ],
  },
  {
    title: 'Cohere',
    description: "The second version of Cohere's API: `model` names the route.",
    spec: 'https://docs.cohere.com/reference/about',
    errors: 'Cohere',
    operations: [
      chat('/v2/chat', 'cohereChat', 'Chat with a route'),
      { ...post('/v2/embed', 'cohereEmbed', 'Embed texts'), ...EMBEDDINGS },
      { ...post('/v2/rerank', 'cohereRerank', 'Sort texts by their relevance'), ...RERANK },
      { ...post('/v1/rerank', 'rerank', 'The same, as Jina and others have it'), ...RERANK },
    ],
  },
  {
    title: 'MLflow 3',
    description: "MLflow 3's paths, with OpenAI's bodies. The providers' own APIs are below `/gateway` too.",
    spec: 'https://mlflow.org/docs/latest/genai/governance/ai-gateway/',
    errors: 'OpenAi',
    operations: [
      chat(
        '/gateway/{name}/mlflow/invocations',
        'invoke',
        'Chat (`messages`), or embed texts (`input`) with a route of that type',
      ),
      chat('/gateway/mlflow/v1/chat/completions', 'invokeChat', 'Chat with the route that `model` names'),
    ],
  },
]

function post(path: string, id: string, summary: string): ClientOperation {
  return { method: 'POST', path, id, summary }
}

function chat(path: string, id: string, summary: string): ClientOperation {
  return { ...post(path, id, summary), serves: 'llm/v1/chat' }
}

function lookup(path: string, id: string, summary: string): ClientOperation {
  return { method: 'GET', path, id, summary }
}
