import type { UpstreamFormat } from '../core/dialect.ts'
import { option } from '../core/options.ts'
import type { Provider, ProviderDefinition, ProviderSetup } from '../core/provider.ts'
import { checkUrl } from './check-url.ts'
import { bearer, secretOption, textOption } from './config-values.ts'
import { createHttpProvider, type ServedFormat } from './http-provider.ts'
import type { OpenAiFormats } from './openai.ts'
import { askForUsage } from './stream-usage.ts'

const DEFAULT_BASE = 'http://127.0.0.1:11434'

const options = option.object({
  ollama_api_base: option.optional(
    option.string({
      description: 'Where Ollama listens, with or without `/v1` or `/api` at the end.',
      default: DEFAULT_BASE,
    }),
  ),
  ollama_api_key: option.optional(
    option.secret({
      description: 'Sent as a bearer token, for Ollama in the cloud or behind a proxy.',
      examples: ['$OLLAMA_API_KEY'],
    }),
  ),
  api: option.optional(
    option.oneOf(['native', 'openai'], {
      description:
        "Which of Ollama's APIs is spoken: its own, which has thinking and the model's options such as `num_ctx`, or OpenAI's, through which the bytes of OpenAI's clients pass unchanged.",
      default: 'native',
    }),
  ),
})

/** The formats of Ollama's own API and of OpenAI's, from their dialects. */
export interface OllamaFormats {
  native: { chat: UpstreamFormat; embeddings: UpstreamFormat }
  openAi: OpenAiFormats
}

/**
 * Models served by Ollama, for chat, completions and embeddings.
 * Spec: https://docs.ollama.com/api
 */
export function ollamaProvider(formats: OllamaFormats): ProviderDefinition {
  return {
    name: 'ollama',
    routeTypes: ['llm/v1/chat', 'llm/v1/completions', 'llm/v1/embeddings'],
    options,
    check: (config) => checkUrl(config, 'ollama_api_base'),
    create: (setup) => create(setup, formats),
  }
}

function create({ model, config }: ProviderSetup, { native, openAi }: OllamaFormats): Provider {
  const key = secretOption(config, 'ollama_api_key')
  const isNative = config['api'] !== 'openai'
  const served: ServedFormat[] = isNative
    ? [
        { format: native.chat, path: '/api/chat' },
        { format: native.embeddings, path: '/api/embed' },
      ]
    : [
        { format: openAi.chat, path: '/v1/chat/completions' },
        { format: openAi.embeddings, path: '/v1/embeddings' },
      ]
  return createHttpProvider({
    name: 'ollama',
    model,
    baseUrl: withoutApi(textOption(config, 'ollama_api_base') ?? DEFAULT_BASE),
    headers: bearer(key),
    formats: served,
    secrets: key ? [key] : [],
    ...(isNative ? {} : { prepare: askForUsage }),
  })
}

/** People write the base as OpenAI's SDKs want it, or as Ollama's own documents do. */
function withoutApi(base: string): string {
  return base.replace(/\/+$/, '').replace(/\/(?:v1|api)$/, '')
}
