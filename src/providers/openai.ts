import { option } from '../core/options.ts'
import type { UpstreamFormat } from '../core/dialect.ts'
import type { JsonObject } from '../core/json.ts'
import type { ConfigIssue, Provider, ProviderConfig, ProviderDefinition } from '../core/provider.ts'
import { ROUTE_TYPES } from '../core/route.ts'
import { Secret } from '../core/secret.ts'
import { checkUrl } from './check-url.ts'
import { createHttpProvider } from './http-provider.ts'
import { askForUsage } from './stream-usage.ts'

const API_TYPES = ['openai', 'azure', 'azuread'] as const

const options = option.object({
  openai_api_key: option.secret({
    description: 'The API key; for `azuread` an access token of Microsoft Entra ID.',
    examples: ['$OPENAI_API_KEY'],
  }),
  openai_api_type: option.optional(
    option.oneOf([...API_TYPES], {
      description:
        'Who serves the models: OpenAI, or Azure OpenAI by API key (`azure`) or by token (`azuread`).',
      default: 'openai',
      ignoreCase: true,
    }),
  ),
  openai_api_base: option.optional(
    option.string({
      // No schema default: Azure needs the base given, and must never fall back to OpenAI's.
      description:
        'The base URL; https://api.openai.com/v1 when left out. For Azure the resource: `https://my-resource.openai.azure.com`.',
    }),
  ),
  openai_api_version: option.optional(
    option.string({ description: 'Azure only: the `api-version`, such as `2024-10-21`.' }),
  ),
  openai_deployment_name: option.optional(
    option.string({ description: 'Azure only: the name of the deployment.' }),
  ),
  openai_organization: option.optional(
    option.string({
      description: 'OpenAI only: the organisation to bill, sent as `OpenAI-Organization`.',
      pattern: '^[ -~]+$',
      hint: 'write printable ASCII: it is sent in an HTTP header',
    }),
  ),
})

/** The formats of OpenAI's API, from its dialect. */
export interface OpenAiFormats {
  chat: UpstreamFormat
  embeddings: UpstreamFormat
}

/** The same with completions of prompts, which only old models and some servers still have. */
export interface OpenAiPromptFormats extends OpenAiFormats {
  completions: UpstreamFormat
}

/** All that OpenAI itself serves. */
export interface OpenAiOwnFormats extends OpenAiPromptFormats {
  responses: UpstreamFormat
  inputTokens: UpstreamFormat
  /** Pictures, sound and moderation. */
  forwarded: readonly { format: UpstreamFormat; path: string }[]
}

/** OpenAI and Azure OpenAI. Completions routes are served by chat completions, as in MLflow, but for models that have none. */
export function openAiProvider(formats: OpenAiOwnFormats): ProviderDefinition {
  return {
    name: 'openai',
    routeTypes: ROUTE_TYPES.filter((type) => type !== 'llm/v1/rerank'),
    options,
    check,
    create: ({ model, config }) =>
      apiType(config) === 'openai'
        ? createOpenAi(formats, model, config)
        : createAzure(formats, model, config),
  }
}

function check(config: JsonObject): ConfigIssue[] {
  const issues = checkUrl(config, 'openai_api_base')
  const type = apiType(config)
  if (type === 'openai') {
    if (config['openai_deployment_name'] === undefined) return issues
    const message = `is only for Azure; remove it, or set openai_api_type to "azure" or "azuread"`
    return [...issues, { path: ['openai_deployment_name'], message }]
  }
  for (const key of ['openai_api_base', 'openai_deployment_name', 'openai_api_version']) {
    if (config[key] === undefined)
      issues.push({ path: [], message: `openai_api_type "${type}" needs ${key}; add it` })
  }
  if (config['openai_organization'] !== undefined) {
    issues.push({ path: ['openai_organization'], message: 'is only for openai_api_type "openai"; remove it' })
  }
  return issues
}

function createOpenAi(formats: OpenAiOwnFormats, model: string | null, config: ProviderConfig): Provider {
  const key = secret(config)
  const organization = text(config, 'openai_organization')
  return createHttpProvider({
    name: 'openai',
    model,
    baseUrl: text(config, 'openai_api_base') ?? 'https://api.openai.com/v1',
    headers: {
      authorization: new Secret(`Bearer ${key.reveal()}`),
      ...(organization === undefined ? {} : { 'openai-organization': organization }),
    },
    formats: [
      ...(isCompletionsModel(model)
        ? [{ format: formats.completions, path: '/completions' }]
        : [
            { format: formats.chat, path: '/chat/completions' },
            { format: formats.responses, path: '/responses' },
          ]),
      { format: formats.embeddings, path: '/embeddings' },
      { format: formats.inputTokens, path: '/responses/input_tokens' },
      ...formats.forwarded,
    ],
    secrets: [key],
    prepare: askForUsage,
  })
}

/** Azure has the model in the URL, as a deployment, and refuses unknown fields in its older versions. */
function createAzure(formats: OpenAiOwnFormats, model: string | null, config: ProviderConfig): Provider {
  const key = secret(config)
  const version = text(config, 'openai_api_version') ?? ''
  const deployment = encodeURIComponent(text(config, 'openai_deployment_name') ?? '')
  const query = `?api-version=${encodeURIComponent(version)}`
  return createHttpProvider({
    name: 'openai',
    model,
    omitsModel: true,
    baseUrl: `${(text(config, 'openai_api_base') ?? '').replace(/\/+$/, '')}/openai/deployments/${deployment}`,
    headers:
      apiType(config) === 'azure'
        ? { 'api-key': key }
        : { authorization: new Secret(`Bearer ${key.reveal()}`) },
    formats: [
      { format: formats.chat, path: `/chat/completions${query}` },
      { format: formats.embeddings, path: `/embeddings${query}` },
      ...formats.forwarded.map(({ format, path }) => ({ format, path: path + query })),
    ],
    secrets: [key],
    ...(version >= FIRST_VERSION_WITH_STREAM_USAGE ? { prepare: askForUsage } : {}),
  })
}

/** Source: https://learn.microsoft.com/azure/ai-services/openai/api-version-deprecation */
const FIRST_VERSION_WITH_STREAM_USAGE = '2024-09-01'

/** Source: https://platform.openai.com/docs/models/gpt-3.5-turbo-instruct */
function isCompletionsModel(model: string | null): boolean {
  return model !== null && /^(?:gpt-3\.5-turbo-instruct|davinci-002|babbage-002)/.test(model)
}

function apiType(config: ProviderConfig): (typeof API_TYPES)[number] {
  const type = text(config, 'openai_api_type')?.toLowerCase()
  return API_TYPES.find((known) => known === type) ?? 'openai'
}

function text(config: ProviderConfig, key: string): string | undefined {
  const value = config[key]
  return typeof value === 'string' ? value : undefined
}

function secret(config: ProviderConfig): Secret {
  const value = config['openai_api_key']
  return value instanceof Secret ? value : new Secret('')
}
