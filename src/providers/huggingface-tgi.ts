import type { ChatFormat } from '../core/dialect.ts'
import { option } from '../core/options.ts'
import type { Attempt, Provider, ProviderDefinition, ProviderSetup } from '../core/provider.ts'
import { checkUrl } from './check-url.ts'
import { bearer, secretOption, textOption } from './config-values.ts'
import { createHttpProvider, type ServedFormat } from './http-provider.ts'
import { askForUsage } from './stream-usage.ts'

const options = option.object({
  hf_server_url: option.string({
    description: 'Where the server is, up to what stands before `/generate` and `/v1`.',
    examples: ['http://127.0.0.1:8080'],
  }),
  hf_api_key: option.optional(
    option.secret({ description: 'Sent as a bearer token; leave it out for servers without keys.' }),
  ),
})

/**
 * Hugging Face's Text Generation Inference. Completions go to its own `/generate`, as in MLflow, and chats to its
 * OpenAI-like endpoint, which knows the model's chat template.
 * Spec: https://huggingface.github.io/text-generation-inference/
 */
export function huggingFaceTgiProvider(formats: TgiFormats): ProviderDefinition {
  return {
    name: 'huggingface-text-generation-inference',
    aliases: ['tgi'],
    routeTypes: ['llm/v1/chat', 'llm/v1/completions'],
    options,
    check: (config) => checkUrl(config, 'hf_server_url'),
    create: (setup) => create(setup, formats),
  }
}

export interface TgiFormats {
  generate: ChatFormat
  chat: ChatFormat
}

function create({ model, routeType, config }: ProviderSetup, formats: TgiFormats): Provider {
  const key = secretOption(config, 'hf_api_key')
  const generate: ServedFormat = {
    format: formats.generate,
    path: ({ stream }) => (stream ? '/generate_stream' : '/generate'),
  }
  const chat: ServedFormat = { format: formats.chat, path: '/v1/chat/completions' }
  return createHttpProvider({
    name: 'huggingface-text-generation-inference',
    model,
    baseUrl: textOption(config, 'hf_server_url') ?? '',
    headers: bearer(key),
    formats: routeType === 'llm/v1/completions' ? [generate] : [chat],
    secrets: key ? [key] : [],
    prepare: (attempt: Attempt) => (attempt.format === formats.chat ? askForUsage(attempt) : attempt.body),
  })
}
