import type { ChatFormat, EmbeddingsFormat } from '../core/dialect.ts'
import type { JsonObject } from '../core/json.ts'
import { option } from '../core/options.ts'
import type { ConfigIssue, Provider, ProviderDefinition, ProviderSetup } from '../core/provider.ts'
import { checkUrl } from './check-url.ts'
import { bearer, secretOption, textOption } from './config-values.ts'
import { createHttpProvider, type ServedFormat } from './http-provider.ts'
import { databricksToken } from './databricks-login.ts'

const options = option.object({
  host: option.string({
    description: "The workspace's address.",
    examples: ['https://my-workspace.cloud.databricks.com'],
  }),
  token: option.optional(
    option.secret({ description: 'A personal access token.', examples: ['$DATABRICKS_TOKEN'] }),
  ),
  client_id: option.optional(
    option.string({
      description: 'Instead of `token`: the application id of a service principal.',
      minLength: 1,
    }),
  ),
  client_secret: option.optional(
    option.secret({ description: 'The OAuth secret of that service principal.' }),
  ),
})

export interface DatabricksFormats {
  chat: ChatFormat
  embeddings: EmbeddingsFormat
  /** For Claude models, which are served in Anthropic's own API too. */
  messages: ChatFormat
}

/**
 * Models served by Databricks; `model.name` is the serving endpoint's name.
 * Spec: https://docs.databricks.com/aws/en/machine-learning/model-serving/score-foundation-models
 */
export function databricksProvider(formats: DatabricksFormats): ProviderDefinition {
  return {
    name: 'databricks',
    aliases: ['databricks-model-serving'],
    routeTypes: ['llm/v1/chat', 'llm/v1/completions', 'llm/v1/embeddings'],
    options,
    check,
    create: (setup) => create(setup, formats),
  }
}

function check(config: JsonObject): ConfigIssue[] {
  const issues = checkUrl(config, 'host')
  const has = (key: string): boolean => config[key] !== undefined
  if (has('client_id') !== has('client_secret')) {
    const [given, missing] = has('client_id')
      ? ['client_id', 'client_secret']
      : ['client_secret', 'client_id']
    issues.push({ path: [], message: `${given} needs ${missing}; add it` })
  } else if (has('client_id') === has('token')) {
    const message = has('token')
      ? 'has both a token and a service principal; remove one'
      : 'needs token, or client_id and client_secret'
    issues.push({ path: [], message })
  }
  return issues
}

function create({ model, config }: ProviderSetup, formats: DatabricksFormats): Provider {
  const host = (textOption(config, 'host') ?? '').replace(/\/+$/, '').replace(PREFIX_AT_END, '')
  const token = secretOption(config, 'token')
  const secret = secretOption(config, 'client_secret')
  const id = textOption(config, 'client_id')
  const login = id !== undefined && secret ? databricksToken({ host, id, secret }) : undefined
  return createHttpProvider({
    name: 'databricks',
    model,
    baseUrl: host + PREFIX,
    headers: bearer(token),
    formats: formatsOf(model, formats),
    secrets: [token, secret].filter((one) => one !== undefined),
    ...(login ? { authorize: async () => bearer(await login.get()) } : {}),
  })
}

const PREFIX = '/serving-endpoints'
/** People copy the address of the API from its documentation. */
const PREFIX_AT_END = /\/serving-endpoints$/

function formatsOf(model: string | null, { chat, embeddings, messages }: DatabricksFormats): ServedFormat[] {
  const served: ServedFormat[] = [
    { format: chat, path: '/chat/completions' },
    { format: embeddings, path: '/embeddings' },
  ]
  if (model?.includes('claude')) served.push({ format: messages, path: '/anthropic/v1/messages' })
  return served
}
