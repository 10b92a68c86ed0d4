import type { ChatFormat, CountFormat, EmbeddingsFormat } from '../core/dialect.ts'
import { option } from '../core/options.ts'
import type { Attempt, ConfigIssue, Provider, ProviderDefinition, ProviderSetup } from '../core/provider.ts'
import { Secret } from '../core/secret.ts'
import { checkUrl } from './check-url.ts'
import { secretOption, textOption } from './config-values.ts'
import { createHttpProvider } from './http-provider.ts'

const DEFAULT_BASE = 'https://generativelanguage.googleapis.com'
const VERSION = '/v1beta'

const options = option.object({
  gemini_api_key: option.secret({
    description: 'The API key, sent as `x-goog-api-key`.',
    examples: ['$GEMINI_API_KEY'],
  }),
  gemini_api_base: option.optional(
    option.string({
      description: 'Where the API is, with or without `/v1beta` at the end.',
      default: DEFAULT_BASE,
    }),
  ),
})

export interface GeminiFormats {
  chat: ChatFormat
  embeddings: EmbeddingsFormat
  countTokens: CountFormat
  /** Whether a body to embed holds several requests, which have a method of their own. */
  isBatch(body: Buffer | string): boolean
}

/**
 * Google's Gemini models through the Gemini API, by API key.
 * Spec: https://ai.google.dev/api
 */
export function geminiProvider(formats: GeminiFormats): ProviderDefinition {
  return {
    name: 'gemini',
    routeTypes: ['llm/v1/chat', 'llm/v1/completions', 'llm/v1/embeddings'],
    options,
    check: (config, model) => [...checkUrl(config, 'gemini_api_base'), ...checkModel(model)],
    create: (setup) => create(setup, formats),
  }
}

/** An issue when there is no model: its name stands in the path. */
export function checkModel(model: string | null): ConfigIssue[] {
  return model === null ? [{ path: [], message: 'needs a model; write its name as model.name' }] : []
}

function create({ model: given, config }: ProviderSetup, formats: GeminiFormats): Provider {
  const key = secretOption(config, 'gemini_api_key') ?? new Secret('')
  const model = (given ?? '').replace(/^models\//, '')
  const path = VERSION + pathOf(model)
  return createHttpProvider({
    name: 'gemini',
    model,
    omitsModel: true,
    baseUrl: (textOption(config, 'gemini_api_base') ?? DEFAULT_BASE).replace(/\/v1(?:beta)?\/*$/, ''),
    headers: { 'x-goog-api-key': key },
    formats: [
      { format: formats.chat, path: ({ stream }) => path + chatMethod(stream) },
      {
        format: formats.embeddings,
        path: ({ body }: Attempt) => path + (formats.isBatch(body) ? ':batchEmbedContents' : ':embedContent'),
      },
      { format: formats.countTokens, path: `${path}:countTokens` },
    ],
    secrets: [key],
  })
}

/** The method of a chat. Without `alt` a stream would be one JSON array. */
export function chatMethod(stream: boolean): string {
  return stream ? ':streamGenerateContent?alt=sse' : ':generateContent'
}

/** Models that somebody tuned stand apart; whatever else is in a name cannot lead elsewhere. */
function pathOf(model: string): string {
  const [, tuned] = /^tunedModels\/(.+)$/.exec(model) ?? []
  return tuned === undefined
    ? `/models/${encodeURIComponent(model)}`
    : `/tunedModels/${encodeURIComponent(tuned)}`
}
