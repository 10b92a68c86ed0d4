import type { ChatFormat, EmbeddingsFormat } from '../core/dialect.ts'
import { option } from '../core/options.ts'
import type { ProviderDefinition } from '../core/provider.ts'
import { checkUrl } from './check-url.ts'
import { bearer, secretOption, textOption } from './config-values.ts'
import { createHttpProvider } from './http-provider.ts'

const DEFAULT_BASE = 'https://api.mistral.ai/v1'

const options = option.object({
  mistral_api_key: option.secret({
    description: 'The API key, sent as a bearer token.',
    examples: ['$MISTRAL_API_KEY'],
  }),
  mistral_api_base: option.optional(
    option.string({ description: 'Where the API is.', default: DEFAULT_BASE }),
  ),
})

/**
 * Mistral's own models.
 * Spec: https://docs.mistral.ai/api
 */
export function mistralProvider(formats: {
  chat: ChatFormat
  embeddings: EmbeddingsFormat
}): ProviderDefinition {
  return {
    name: 'mistral',
    routeTypes: ['llm/v1/chat', 'llm/v1/completions', 'llm/v1/embeddings'],
    options,
    check: (config) => checkUrl(config, 'mistral_api_base'),
    create: ({ model, config }) => {
      const key = secretOption(config, 'mistral_api_key')
      return createHttpProvider({
        name: 'mistral',
        model,
        baseUrl: textOption(config, 'mistral_api_base') ?? DEFAULT_BASE,
        headers: bearer(key),
        formats: [
          { format: formats.chat, path: '/chat/completions' },
          { format: formats.embeddings, path: '/embeddings' },
        ],
        secrets: key ? [key] : [],
      })
    },
  }
}
