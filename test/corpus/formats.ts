import type { Said } from './expected/reply.ts'
import { readAnthropic } from './expected/anthropic.ts'
import { readConverse, readConverseStream, readInvoke } from './expected/bedrock.ts'
import { readCohere } from './expected/cohere.ts'
import { readGemini } from './expected/gemini.ts'
import { readOllama } from './expected/ollama.ts'
import { readOpenAiChat } from './expected/openai-chat.ts'
import { readInvocations, readJurassic } from './expected/single-prompt.ts'
import { readOpenAiResponses } from './expected/openai-responses.ts'
import type { Recording } from './recordings.ts'
import type { ProviderText } from './replay.ts'

/** How chats of a recorded API are served, and what they say. */
export interface ChatApi {
  /** `dialect.export` of the gateway's format, or a provider of its own in place of one. */
  readonly format: string | ProviderText
  /** The API is reached by clients of its own dialect only. */
  readonly isOwnOnly?: true
  /** Of the route; chat when absent. */
  readonly type?: 'llm/v1/completions'
  /** The format's own name. */
  readonly name: string
  read(recording: Recording): Said
}

const gemini: ChatApi = { format: 'gemini.geminiGenerate', name: 'gemini-generate', read: readGemini }
const anthropic: ChatApi = {
  format: 'anthropic.anthropicMessages',
  name: 'anthropic-messages',
  read: readAnthropic,
}

const CHATS: Readonly<Record<string, ChatApi>> = {
  openai_chat: { format: 'openai.openAiChat', name: 'openai-chat', read: readOpenAiChat },
  openai_responses: {
    format: 'openai-responses.openAiResponses',
    name: 'openai-responses',
    read: readOpenAiResponses,
  },
  anthropic_messages: anthropic,
  vertex_rawpredict: anthropic,
  vertex_streamrawpredict: anthropic,
  gemini_generate: gemini,
  gemini_stream: gemini,
  cohere_v2_chat: { format: 'cohere.cohereChat', name: 'cohere-chat', read: readCohere },
  ollama_chat: { format: 'ollama.ollamaChat', name: 'ollama-chat', read: readOllama },
  openai_completions: {
    format: 'openai.openAiCompletions',
    name: 'openai-completions',
    isOwnOnly: true,
    type: 'llm/v1/completions',
    read: readOpenAiChat,
  },
  tgi_generate: { format: 'tgi.tgiGenerate', name: 'tgi-generate', read: readRefusalsOnly },
  invocations: { format: 'mlflow-serving.mlflowServingChat', name: 'mlflow-serving', read: readInvocations },
  ai21_complete: { format: 'ai21.ai21Complete', name: 'ai21-complete', read: readJurassic },
  bedrock_converse: { format: 'bedrock.bedrockConverse', name: 'bedrock-converse', read: readConverse },
  bedrock_converse_stream: {
    format: 'bedrock.bedrockConverse',
    name: 'bedrock-converse',
    read: readConverseStream,
  },
}

/** Claude's own API on Bedrock, for clients that speak it; all others reach its models through Converse. */
const BEDROCK_CLAUDE: ChatApi = {
  format: {
    provider: 'bedrock',
    model: 'anthropic.claude',
    config: (base) => ({
      bedrock_api_base: base,
      aws_config: { aws_region: 'us-east-1' },
      aws_bearer_token: 'a-token-of-bedrock',
    }),
  },
  name: 'anthropic-messages',
  isOwnOnly: true,
  read: readInvoke,
}

/** Mistral speaks OpenAI's dialect with differences of its own. */
const MISTRAL: ChatApi = { format: 'mistral.mistralChat', name: 'mistral-chat', read: readOpenAiChat }

/** No answer of it was recorded, only refusals. */
function readRefusalsOnly(): never {
  throw new Error('no answer of this API was recorded')
}

/** The API of a recorded chat; undefined for other recordings. */
export function chatApiOf({ id, provider, endpoint, model }: Recording): ChatApi | undefined {
  if (id.includes('embeddings')) return undefined
  if (endpoint.startsWith('bedrock_invoke')) return model.includes('claude') ? BEDROCK_CLAUDE : undefined
  return provider === 'mistral' && endpoint === 'openai_chat' ? MISTRAL : CHATS[endpoint]
}
