import type { JsonObject } from './json.ts'

/**
 * The canonical chat request, between any two dialects. A completions request is a chat of one user message.
 * `extras` holds fields the client sent and its dialect does not define; they go to the provider as they came.
 */
export interface ChatRequest {
  messages: Message[]
  stream: boolean
  /** 0 to 2, OpenAI's scale. */
  temperature?: number
  /** The temperature is the dialect's default, not the client's choice: left out for models that take none. */
  temperatureIsDefault?: boolean
  topP?: number
  /** Upper bound on tokens of the answer. */
  maxTokens?: number
  stop?: string[]
  /** How many answers to give (`n`). */
  candidates?: number
  tools?: Tool[]
  toolChoice?: ToolChoice
  extras: JsonObject
  /** The dialect that `extras` belong to; a provider of another one drops and names them. Absent: they go to any. */
  extrasDialect?: string
}

export interface Message {
  /** Usually system, user, assistant or tool; MLflow does not restrict it. */
  role: string
  parts: Part[]
  /** For a `tool` message: the call that it answers. */
  toolCallId?: string
  extras: JsonObject
}

export type Part =
  | { type: 'text'; text: string }
  /** `detail`: how closely to look, in OpenAI's words. */
  | { type: 'image'; url: string; detail?: string }
  | { type: 'tool-call'; id: string; name: string; arguments: string }
  | { type: 'opaque'; value: JsonObject }

export interface Tool {
  name: string
  description?: string
  /** JSON Schema of the arguments. */
  parameters: JsonObject
  /** Further members of the client's function definition, such as `strict`. */
  extras?: JsonObject
}

export type ToolChoice =
  | { type: 'auto' }
  | { type: 'none' }
  | { type: 'required' }
  | { type: 'tool'; name: string }

/** The canonical embeddings request. */
export interface EmbeddingsRequest {
  /** A single text stays a single text: some providers answer it differently from a list of one. */
  input: string | string[]
  extras: JsonObject
}
