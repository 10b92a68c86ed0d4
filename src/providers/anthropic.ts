import { option } from '../core/options.ts'
import type { ChatFormat, CountFormat } from '../core/dialect.ts'
import { asArray, asString } from '../core/json.ts'
import type { Provider, ProviderDefinition, ProviderSetup } from '../core/provider.ts'
import { Secret } from '../core/secret.ts'
import { isAnthropicBeta, selectBetas } from './anthropic-betas.ts'
import { checkUrl } from './check-url.ts'
import { createHttpProvider, type HttpHeaders } from './http-provider.ts'

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
  anthropic_beta: option.optional(
    option.list(
      option.string({
        pattern: '^[a-z0-9-]+$',
        hint: 'write the name of a beta, as in context-1m-2025-08-07',
      }),
      {
        description:
          'Betas that every request asks for, sent as `anthropic-beta` beside those that the client asks for.',
        examples: [['context-1m-2025-08-07']],
      },
    ),
  ),
})

interface AnthropicFormats {
  chat: ChatFormat
  countTokens?: CountFormat
}

/**
 * Anthropic's Claude models through the Messages API, for chat and completions; it has no embeddings.
 * Spec: https://docs.anthropic.com/en/api/overview
 */
export function anthropicProvider(formats: AnthropicFormats): ProviderDefinition {
  return {
    name: 'anthropic',
    routeTypes: ['llm/v1/chat', 'llm/v1/completions'],
    options,
    check: (config) => checkUrl(config, 'anthropic_api_base'),
    create: (setup) => create(setup, formats),
  }
}

function create({ model, config }: ProviderSetup, { chat, countTokens }: AnthropicFormats): Provider {
  const key = config['anthropic_api_key']
  if (!(key instanceof Secret)) throw new TypeError('anthropic_api_key was not resolved to a secret')
  const betas = asArray(config['anthropic_beta']).filter((beta) => typeof beta === 'string')
  return createHttpProvider({
    name: 'anthropic',
    model,
    baseUrl: withoutVersion(asString(config['anthropic_api_base']) ?? DEFAULT_BASE),
    headers: {
      'x-api-key': key,
      'anthropic-version': asString(config['anthropic_version']) ?? DEFAULT_VERSION,
      ...writeBetas(betas),
    },
    // A second line of the header, which is one list with the first.
    forwardHeaders: ({ 'anthropic-beta': asked }) =>
      writeBetas(selectBetas(asked, (beta) => isAnthropicBeta(beta) && !betas.includes(beta))),
    formats: [
      { format: chat, path: '/v1/messages' },
      ...(countTokens ? [{ format: countTokens, path: '/v1/messages/count_tokens' }] : []),
    ],
    secrets: [key],
  })
}

function writeBetas(betas: readonly string[]): HttpHeaders {
  return betas.length === 0 ? {} : { 'anthropic-beta': betas.join() }
}

/** People write the base as Anthropic's own SDKs want it, or with the `/v1` of OpenAI's. */
function withoutVersion(base: string): string {
  return base.replace(/\/+$/, '').replace(/\/v1$/, '')
}
