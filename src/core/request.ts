import type { JsonObject } from './json.ts'
import type { ModelState } from './state.ts'

/**
 * The canonical chat request, between any two dialects: messages of typed parts. An absent member is one that the client
 * did not send. `extras` holds top-level fields that have no place here; they belong to `extrasDialect`, and a provider of
 * another dialect drops and names them. Without `extrasDialect` they go to any provider, as MLflow's do.
 */
export interface ChatRequest {
  /** In the client's order. Instructions are messages of the role `system` or `developer`, wherever they stand. */
  messages: Message[]
  stream: boolean
  /** 0 to 2, OpenAI's scale. */
  temperature?: number
  /** The temperature is the dialect's default, not the client's choice: left out for models that take none. */
  temperatureIsDefault?: boolean
  topP?: number
  topK?: number
  /** Upper bound on tokens of the answer, thinking included. */
  maxTokens?: number
  stop?: string[]
  /** How many answers to give (`n`). */
  candidates?: number
  seed?: number
  presencePenalty?: number
  frequencyPenalty?: number
  /** Token id to bias, -100 to 100. */
  logitBias?: Record<string, number>
  /** Log-probabilities of the answer's tokens, each with this many alternatives (0: none). */
  logprobs?: { alternatives: number }
  tools?: Tool[]
  toolChoice?: ToolChoice
  /** Whether the model may call several tools in one turn. */
  parallelToolCalls?: boolean
  responseFormat?: ResponseFormat
  reasoning?: Reasoning
  /** The caller's own id of its end user. */
  endUser?: string
  /** Caching of the whole prompt, where a dialect marks it on the request and not on a part. */
  cache?: CacheMark
  extras: JsonObject
  extrasDialect?: string
}

export interface Message {
  /** system, developer, user, assistant or tool; MLflow does not restrict it. A `tool` message holds tool results. */
  role: string
  parts: Part[]
  /** Further members of the message in the request's `extrasDialect`, such as OpenAI's `name`. */
  extras: JsonObject
}

export type Part =
  | TextPart
  | ImagePart
  | FilePart
  | AudioPart
  | ThinkingPart
  | RedactedThinkingPart
  | RefusalPart
  | ToolCallPart
  | ToolResultPart
  | OpaquePart

interface Markable {
  /** The prompt up to and including this part may be cached. */
  cache?: CacheMark
}

export interface TextPart extends Markable {
  type: 'text'
  text: string
  annotations?: Annotation[]
  /** A signature that the model put on a text (Gemini). */
  state?: ModelState
}

export interface ImagePart extends Markable {
  type: 'image'
  source: MediaSource
  /** How closely to look, in OpenAI's words: low, high or auto. */
  detail?: string
}

/** A document (PDF, text), or media that is neither image nor audio (video). */
export interface FilePart extends Markable {
  type: 'file'
  source: MediaSource
  /** File name or title. */
  name?: string
  /** What the document is about, beside its title (Anthropic). */
  context?: string
  /** Whether the answer should cite this document. */
  citations?: boolean
}

export interface AudioPart extends Markable {
  type: 'audio'
  source: MediaSource
}

export interface ThinkingPart {
  type: 'thinking'
  text: string
  /** The provider's signature over the text; without it most providers refuse or ignore the thinking. */
  state?: ModelState
}

export interface RedactedThinkingPart {
  type: 'redacted-thinking'
  state: ModelState
}

export interface RefusalPart {
  type: 'refusal'
  text: string
}

export interface ToolCallPart extends Markable {
  type: 'tool-call'
  /** Empty when the provider gave none (older Gemini). */
  id: string
  name: string
  /** JSON text, exactly as it came; empty for no arguments. */
  arguments: string
  /** A signature that must come back with the call (Gemini). */
  state?: ModelState
}

export interface ToolResultPart extends Markable {
  type: 'tool-result'
  callId: string
  /** The tool's name, where the dialect says it (Gemini); `nameOfCall` finds it elsewhere. */
  name?: string
  /** Texts, images and files. Structured output is its JSON text. */
  parts: Part[]
  isError?: boolean
}

/** Something only one dialect knows, such as a hosted tool's result. Without `dialect` it goes to any provider. */
export interface OpaquePart {
  type: 'opaque'
  dialect?: string
  value: JsonObject
}

/** `base64` data is not decoded; `text` is a document given as text; a `file-id` is known to one provider only. */
export type MediaSource =
  | { kind: 'base64'; mediaType: string; data: string }
  | { kind: 'url'; url: string; mediaType?: string }
  | { kind: 'text'; text: string; mediaType?: string }
  | { kind: 'file-id'; id: string; dialect: string }

/** How long the provider may keep the prompt; absent: its default, 5 minutes with Anthropic. */
export interface CacheMark {
  ttl?: '5m' | '1h'
}

/** Where a text comes from. `start` and `end` count characters of the text; `native` is the dialect's own object, whole. */
export interface Annotation {
  url?: string
  title?: string
  citedText?: string
  start?: number
  end?: number
  native?: { dialect: string; value: JsonObject }
}

export type Tool = FunctionTool | HostedTool

export interface FunctionTool extends Markable {
  type: 'function'
  name: string
  description?: string
  /** JSON Schema of the arguments, unchanged; `{}` when the client gave none. */
  parameters: JsonObject
  /** Whether the arguments must follow the schema exactly. */
  strict?: boolean
  /** Further members of the client's definition, in the request's `extrasDialect`. */
  extras?: JsonObject
}

/** A tool that the provider runs itself (web search, code execution): only its own dialect knows it. */
export interface HostedTool {
  type: 'hosted'
  dialect: string
  value: JsonObject
}

/** `names` narrows the choice to some of the tools. */
export type ToolChoice =
  | { type: 'auto'; names?: string[] }
  | { type: 'none' }
  | { type: 'required'; names?: string[] }
  | { type: 'tool'; name: string }

export type ResponseFormat =
  | { type: 'text' }
  | { type: 'json' }
  | { type: 'json-schema'; schema: JsonObject; name?: string; description?: string; strict?: boolean }

/** How much to think. `core/reasoning.ts` converts between effort and budget. */
export interface Reasoning {
  /** `none` turns thinking off. */
  effort?: Effort
  budgetTokens?: number
  /** The model decides how much (Anthropic's `adaptive`, Gemini's budget of -1). */
  isAdaptive?: boolean
  /** Whether and how the thinking is shown in the answer. */
  shows?: 'full' | 'summary' | 'nothing'
  /** The client's own word for that (`concise`, `detailed`, `summarized`), kept for its dialect. */
  summary?: string
}

export type Effort = 'none' | 'minimal' | 'low' | 'medium' | 'high' | 'xhigh' | 'max'

/** The canonical embeddings request. */
export interface EmbeddingsRequest {
  /** A single text stays a single text: some providers answer it differently from a list of one. */
  input: string | string[]
  dimensions?: number
  /** How the client wants vectors: `base64` is little-endian float32. */
  encoding?: 'float' | 'base64'
  /** What the vectors are for, in Cohere's words: search_query, search_document, classification, clustering. */
  purpose?: string
  extras: JsonObject
  extrasDialect?: string
}

/** The canonical rerank request. */
export interface RerankRequest {
  query: string
  documents: string[]
  topN?: number
  returnDocuments?: boolean
  extras: JsonObject
  extrasDialect?: string
}
