import type { ChatFormat } from '../core/dialect.ts'
import { option } from '../core/options.ts'
import type { ConfigIssue, Provider, ProviderDefinition, ProviderSetup } from '../core/provider.ts'
import { checkUrl } from './check-url.ts'
import { bearer, secretOption, textOption } from './config-values.ts'
import { createHttpProvider } from './http-provider.ts'

const DEFAULT_BASE = 'https://api.ai21.com/studio/v1'

const options = option.object({
  ai21labs_api_key: option.secret({
    description: 'The API key, sent as a bearer token.',
    examples: ['$AI21LABS_API_KEY'],
  }),
  ai21labs_api_base: option.optional(
    option.string({ description: 'Where the API is.', default: DEFAULT_BASE }),
  ),
})

export interface Ai21Formats {
  chat: ChatFormat
  complete: ChatFormat
}

/**
 * AI21's models: Jamba through its OpenAI-like chat, and Jurassic-2 (`j2-...`), which MLflow had, through `/complete`.
 * Spec: https://docs.ai21.com/reference
 */
export function ai21LabsProvider(formats: Ai21Formats): ProviderDefinition {
  return {
    name: 'ai21labs',
    aliases: ['ai21'],
    routeTypes: ['llm/v1/chat', 'llm/v1/completions'],
    options,
    check: (config, model) => [...checkUrl(config, 'ai21labs_api_base'), ...checkModel(model)],
    create: (setup) => create(setup, formats),
  }
}

const JURASSIC = ['j2-ultra', 'j2-mid', 'j2-light']

function checkModel(model: string | null): ConfigIssue[] {
  if (model === null || JURASSIC.includes(model) || !model.startsWith('j2')) return []
  const message = `An Unsupported AI21Labs model has been specified: '${model}'; write ${JURASSIC.join(', ')} or the name of a Jamba model`
  return [{ path: [], message }]
}

function create({ model, config }: ProviderSetup, formats: Ai21Formats): Provider {
  const key = secretOption(config, 'ai21labs_api_key')
  const isJurassic = model !== null && JURASSIC.includes(model)
  return createHttpProvider({
    name: 'ai21labs',
    model,
    omitsModel: isJurassic,
    baseUrl: textOption(config, 'ai21labs_api_base') ?? DEFAULT_BASE,
    headers: bearer(key),
    formats: [
      isJurassic
        ? { format: formats.complete, path: `/${model}/complete` }
        : { format: formats.chat, path: '/chat/completions' },
    ],
    secrets: key ? [key] : [],
  })
}
