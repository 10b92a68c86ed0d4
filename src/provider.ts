/**
 * What a user's own provider is made of: a module that a configuration names (`provider: ./my-provider.ts`) imports from
 * `mlflow-gateway/provider` and exports a `ProviderDefinition` as its default.
 */
export type { ByteSink, ByteSource } from './core/bytes.ts'
export type { CancelSignal } from './core/cancel.ts'
export type {
  ChatFormat,
  EmbeddingsFormat,
  Frame,
  FrameSplitter,
  Framing,
  ReplyReader,
  RerankFormat,
  TargetModel,
  UpstreamFormat,
  WrittenRequest,
} from './core/dialect.ts'
export { GatewayError, type ErrorKind, type GatewayErrorOptions } from './core/error.ts'
export type { EmbeddingsReply, ReplyEvent, RerankReply } from './core/events.ts'
export { option, type OptionSchema, type OptionsSchema } from './core/options.ts'
export type {
  Attempt,
  ConfigIssue,
  Provider,
  ProviderConfig,
  ProviderDefinition,
  ProviderSetup,
  UpstreamReply,
} from './core/provider.ts'
export type { ChatRequest, EmbeddingsRequest, Message, Part, RerankRequest } from './core/request.ts'
export type { RouteType } from './core/route.ts'
export { Secret } from './core/secret.ts'
export type { Usage } from './core/usage.ts'
export { anthropicMessages } from './dialects/anthropic/index.ts'
export { cohereChat, cohereEmbeddings, cohereRerank } from './dialects/cohere/index.ts'
export { openAiChat, openAiEmbeddings } from './dialects/openai/index.ts'
export { openAiResponses } from './dialects/openai-responses/index.ts'
export { createHttpProvider, type HttpProviderSetup, type ServedFormat } from './providers/http-provider.ts'
export { sse } from './wire/sse.ts'
