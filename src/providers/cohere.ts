import type { UpstreamFormat } from '../core/dialect.ts'
import { option } from '../core/options.ts'
import type { Provider, ProviderDefinition, ProviderSetup } from '../core/provider.ts'
import { checkUrl } from './check-url.ts'
import { bearer, secretOption, textOption } from './config-values.ts'
import { createHttpProvider } from './http-provider.ts'

const DEFAULT_BASE = 'https://api.cohere.com'

const options = option.object({
  cohere_api_key: option.secret({
    description: 'The API key, sent as a bearer token.',
    examples: ['$COHERE_API_KEY'],
  }),
  cohere_api_base: option.optional(
    option.string({
      description: 'Where the API is, with or without a version at the end; the second one is spoken.',
      default: DEFAULT_BASE,
    }),
  ),
})

/** The formats of Cohere's second API, from its dialect. */
export interface CohereFormats {
  chat: UpstreamFormat
  embeddings: UpstreamFormat
  rerank: UpstreamFormat
}

/**
 * Cohere's models for chat, embeddings and reranking. Completions are chats of one message.
 * Spec: https://docs.cohere.com/reference/about
 */
export function cohereProvider(formats: CohereFormats): ProviderDefinition {
  return {
    name: 'cohere',
    routeTypes: ['llm/v1/chat', 'llm/v1/completions', 'llm/v1/embeddings', 'llm/v1/rerank'],
    options,
    check: (config) => checkUrl(config, 'cohere_api_base'),
    create: (setup) => create(setup, formats),
  }
}

function create({ model, config }: ProviderSetup, formats: CohereFormats): Provider {
  const key = secretOption(config, 'cohere_api_key')
  return createHttpProvider({
    name: 'cohere',
    model,
    baseUrl: withoutVersion(textOption(config, 'cohere_api_base') ?? DEFAULT_BASE),
    headers: bearer(key),
    formats: [
      { format: formats.chat, path: '/v2/chat' },
      { format: formats.embeddings, path: '/v2/embed' },
      { format: formats.rerank, path: '/v2/rerank' },
    ],
    secrets: key ? [key] : [],
  })
}

/** MLflow's files name the first version. */
function withoutVersion(base: string): string {
  return base.replace(/\/+$/, '').replace(/\/v[12]$/, '')
}
