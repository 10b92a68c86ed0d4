/**
 * What a gateway says and hears, in the wire's own names, so that it reads like the Python client's dictionaries.
 * Unmarked types are the shape of MLflow 2.5 to 2.8; `OpenAi...` is the shape of 2.9 and later.
 */

/** One route as the gateway tells it; no URL or credential of its provider. */
export interface Route {
  name: string
  /** `llm/v1/chat`, `llm/v1/completions` or `llm/v1/embeddings`; any string, for gateways that know more. */
  route_type: string
  model: { name: string | null; provider: string }
  /** Absolute: the client has joined it to its own URI. */
  route_url: string
}

/** Fields that chat and completions requests share; the gateway hands fields it does not know to the provider. */
export interface SamplingFields {
  /** 0 to 1, whatever the provider's own scale. */
  temperature?: number | undefined
  /** 1 to 5. */
  candidate_count?: number | undefined
  /** At least one text if given. */
  stop?: string[] | undefined
  /** At least 1. */
  max_tokens?: number | undefined
  [field: string]: unknown
}

/** One message of a conversation. */
export interface ChatMessage {
  /** Usually `system`, `user` or `assistant`. */
  role: string
  content: string
  [field: string]: unknown
}

/** What an `llm/v1/chat` route is asked. */
export interface ChatRequest extends SamplingFields {
  messages: ChatMessage[]
}

/** What an `llm/v1/completions` route is asked. */
export interface CompletionsRequest extends SamplingFields {
  prompt: string
}

/** What an `llm/v1/embeddings` route is asked. */
export interface EmbeddingsRequest {
  text: string | string[]
  [field: string]: unknown
}

/** Token counts and origin of an answer; a count is null when the provider gave none. */
export interface ReplyMetadata {
  input_tokens: number | null
  output_tokens: number | null
  total_tokens: number | null
  model: string
  route_type: string
}

/** Why a candidate ended: `stop`, `length`, a provider's own word, or nothing at all. */
export interface CandidateMetadata {
  finish_reason?: string | null
  [field: string]: unknown
}

/** The answer of an `llm/v1/chat` route. */
export interface ChatResponse {
  candidates: { message: { role: string; content: string }; metadata: CandidateMetadata }[]
  metadata: ReplyMetadata
}

/** The answer of an `llm/v1/completions` route. */
export interface CompletionsResponse {
  candidates: { text: string; metadata: CandidateMetadata | null }[]
  metadata: ReplyMetadata
}

/** The answer of an `llm/v1/embeddings` route: one vector per text, in order. */
export interface EmbeddingsResponse {
  embeddings: number[][]
  metadata: ReplyMetadata
}

/** Token counts in the OpenAI shape. */
export interface OpenAiUsage {
  prompt_tokens: number | null
  completion_tokens: number | null
  total_tokens: number | null
}

/** The answer of a chat route whose gateway is set to the OpenAI shape. */
export interface OpenAiChatResponse {
  id: string | null
  object: 'chat.completion'
  /** Seconds since 1970. */
  created: number
  model: string
  choices: {
    index: number
    message: { role: string; content: string | null; [field: string]: unknown }
    finish_reason: string | null
  }[]
  usage: OpenAiUsage
}

/** The answer of a completions route whose gateway is set to the OpenAI shape. */
export interface OpenAiCompletionsResponse {
  id: string | null
  object: 'text_completion'
  /** Seconds since 1970. */
  created: number
  model: string
  choices: { index: number; text: string; finish_reason: string | null }[]
  usage: OpenAiUsage
}

/** The answer of an embeddings route whose gateway is set to the OpenAI shape. */
export interface OpenAiEmbeddingsResponse {
  object: 'list'
  data: { object: 'embedding'; embedding: number[]; index: number }[]
  model: string
  usage: { prompt_tokens: number | null; total_tokens: number | null }
}

/** One event of a streamed chat; the same in both shapes. */
export interface ChatChunk {
  id: string | null
  object: 'chat.completion.chunk'
  /** Seconds since 1970. */
  created: number
  model: string
  choices: {
    index: number
    delta: { role?: string | null; content?: string | null; [field: string]: unknown }
    finish_reason: string | null
  }[]
}

/** One event of a streamed completion: MLflow puts its text in `delta.content`, not in `text`. */
export interface CompletionsChunk {
  id: string | null
  object: 'text_completion_chunk'
  /** Seconds since 1970. */
  created: number
  model: string
  choices: { index: number; delta: { content?: string | null }; finish_reason: string | null }[]
}
