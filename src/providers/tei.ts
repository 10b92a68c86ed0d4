import type { EmbeddingsFormat, RerankFormat } from '../core/dialect.ts'
import { option } from '../core/options.ts'
import type { ProviderDefinition } from '../core/provider.ts'
import { checkUrl } from './check-url.ts'
import { bearer, secretOption, textOption } from './config-values.ts'
import { createHttpProvider } from './http-provider.ts'

const options = option.object({
  tei_server_url: option.string({
    description: 'Where the server is, up to what stands before `/embed`.',
    examples: ['http://127.0.0.1:8080'],
  }),
  tei_api_key: option.optional(
    option.secret({ description: 'Sent as a bearer token; leave it out for servers without keys.' }),
  ),
})

export interface TeiFormats {
  embed: EmbeddingsFormat
  rerank: RerankFormat
  /** Spoken too, for the clients whose own it is. */
  openAi: EmbeddingsFormat
}

/**
 * Hugging Face's Text Embeddings Inference.
 * Spec: https://huggingface.github.io/text-embeddings-inference/
 */
export function teiProvider(formats: TeiFormats): ProviderDefinition {
  return {
    name: 'tei',
    aliases: ['huggingface-text-embeddings-inference'],
    routeTypes: ['llm/v1/embeddings', 'llm/v1/rerank'],
    options,
    check: (config) => checkUrl(config, 'tei_server_url'),
    create: ({ model, config }) => {
      const key = secretOption(config, 'tei_api_key')
      return createHttpProvider({
        name: 'tei',
        model,
        baseUrl: textOption(config, 'tei_server_url') ?? '',
        headers: bearer(key),
        formats: [
          { format: formats.embed, path: '/embed' },
          { format: formats.openAi, path: '/v1/embeddings' },
          { format: formats.rerank, path: '/rerank' },
        ],
        secrets: key ? [key] : [],
      })
    },
  }
}
