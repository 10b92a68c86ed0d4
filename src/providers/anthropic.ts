import { option } from '../core/options.ts'
import type { ChatFormat } from '../core/dialect.ts'
import { asString } from '../core/json.ts'
import type { Provider, ProviderDefinition, ProviderSetup } from '../core/provider.ts'
import { Secret } from '../core/secret.ts'
import { checkUrl } from './check-url.ts'
import { createHttpProvider } from './http-provider.ts'

const DEFAULT_BASE = 'https://api.anthropic.com'
const DEFAULT_VERSION = '2023-06-01'

const options = option.object({
  anthropic_api_key: option.secret({
    description: 'The API key, sent as `x-api-key`.',
    examples: ['$ANTHROPIC_API_KEY'],
  }),
  anthropic_api_base: option.optional(
    option.string({
      description: 'Where the API is, with or without `/v1` at the end.',
      default: DEFAULT_BASE,
    }),
  ),
  anthropic_version: option.optional(
    option.string({
      description: 'The version of the API, sent as `anthropic-version`.',
      default: DEFAULT_VERSION,
      pattern: '^[ -~]+$',
      hint: 'write printable ASCII: it is sent in an HTTP header',
    }),
  ),
})

/**
 * Anthropic's Claude models through the Messages API, for chat and completions; it has no embeddings.
 * Spec: https://docs.anthropic.com/en/api/overview
 */
export function anthropicProvider(formats: { chat: ChatFormat }): ProviderDefinition {
  return {
    name: 'anthropic',
    routeTypes: ['llm/v1/chat', 'llm/v1/completions'],
    options,
    check: (config) => checkUrl(config, 'anthropic_api_base'),
    create: (setup) => create(setup, formats.chat),
  }
}

function create({ model, config }: ProviderSetup, chat: ChatFormat): Provider {
  const key = config['anthropic_api_key']
  if (!(key instanceof Secret)) throw new TypeError('anthropic_api_key was not resolved to a secret')
  return createHttpProvider({
    name: 'anthropic',
    model,
    baseUrl: withoutVersion(asString(config['anthropic_api_base']) ?? DEFAULT_BASE),
    headers: {
      'x-api-key': key,
      'anthropic-version': asString(config['anthropic_version']) ?? DEFAULT_VERSION,
    },
    formats: [{ format: chat, path: '/v1/messages' }],
    secrets: [key],
  })
}

/** People write the base as Anthropic's own SDKs want it, or with the `/v1` of OpenAI's. */
function withoutVersion(base: string): string {
  return base.replace(/\/+$/, '').replace(/\/v1$/, '')
}
