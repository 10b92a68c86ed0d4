import { option } from '../core/options.ts'
import type { Provider, ProviderDefinition, ProviderSetup } from '../core/provider.ts'
import { ROUTE_TYPES } from '../core/route.ts'
import { Secret } from '../core/secret.ts'
import { checkUrl } from './check-url.ts'
import { createHttpProvider } from './http-provider.ts'
import type { OpenAiOwnFormats } from './openai.ts'
import { askForUsage } from './stream-usage.ts'

const options = option.object({
  api_base: option.string({
    description: 'The base URL, up to what stands before `/chat/completions`.',
    examples: ['http://127.0.0.1:11434/v1'],
  }),
  api_key: option.optional(
    option.secret({ description: 'Sent as a bearer token; leave it out for servers without keys.' }),
  ),
  completions: option.optional(
    option.boolean({
      description:
        'The server has `/completions`, and clients of that API get it. Otherwise prompts are sent to `/chat/completions`.',
      default: false,
    }),
  ),
  responses: option.optional(
    option.boolean({
      description:
        'The server has `/responses`, and clients of that API get it. Otherwise they are translated to `/chat/completions`.',
      default: false,
    }),
  ),
  stream_usage: option.optional(
    option.boolean({
      description:
        'Ask for the usage of streams by `stream_options`. Set false for servers that refuse the field.',
      default: true,
    }),
  ),
})

/** Any server that speaks OpenAI's API: Ollama, vLLM, LM Studio, llama.cpp and most hosted ones. */
export function openAiCompatibleProvider(formats: OpenAiOwnFormats): ProviderDefinition {
  return {
    name: 'openai-compatible',
    routeTypes: ROUTE_TYPES.filter((type) => type !== 'llm/v1/rerank'),
    options,
    check: (config) => checkUrl(config, 'api_base'),
    create: (setup) => create(formats, setup),
  }
}

function create(formats: OpenAiOwnFormats, { model, config }: ProviderSetup): Provider {
  const { api_base: base, api_key: key, stream_usage: streamUsage = true } = config
  return createHttpProvider({
    name: 'openai-compatible',
    model,
    baseUrl: String(base),
    headers: key instanceof Secret ? { authorization: new Secret(`Bearer ${key.reveal()}`) } : {},
    formats: [
      { format: formats.chat, path: '/chat/completions' },
      ...(config['responses'] === true ? [{ format: formats.responses, path: '/responses' }] : []),
      ...(config['completions'] === true ? [{ format: formats.completions, path: '/completions' }] : []),
      { format: formats.embeddings, path: '/embeddings' },
      ...formats.forwarded,
    ],
    secrets: key instanceof Secret ? [key] : [],
    ...(streamUsage === false ? {} : { prepare: askForUsage }),
  })
}
