import type { ChatFormat, CountFormat, EmbeddingsFormat } from '../core/dialect.ts'
import { option } from '../core/options.ts'
import type {
  Attempt,
  ConfigIssue,
  Provider,
  ProviderConfig,
  ProviderDefinition,
  ProviderSetup,
} from '../core/provider.ts'
import type { JsonObject } from '../core/json.ts'
import { scanMembers } from '../wire/json-scan.ts'
import { spliceMembers } from '../wire/json-splice.ts'
import { selectBetas } from './anthropic-betas.ts'
import { checkUrl } from './check-url.ts'
import { bearer, secretOption, textOption } from './config-values.ts'
import { chatMethod, checkModel } from './gemini.ts'
import { googleToken } from './google-credentials.ts'
import { createHttpProvider, type HttpProviderSetup, type ServedFormat } from './http-provider.ts'

const DEFAULT_LOCATION = 'global'

const options = option.object({
  vertex_project: option.string({ description: 'The id of the Google Cloud project.', minLength: 1 }),
  vertex_location: option.optional(
    option.string({
      description: 'Where the models run: a region such as `us-east5`, `us`, `eu`, or `global`.',
      default: DEFAULT_LOCATION,
      pattern: '^[a-z0-9-]+$',
      hint: 'write a location such as us-east5 or global',
    }),
  ),
  vertex_credentials: option.optional(
    option.secret({
      description:
        "The JSON of a service account's key. Without it and `vertex_access_token`, the default credentials of the machine are used, which need the package `google-auth-library`.",
      examples: ['/run/secrets/service-account.json', '$VERTEX_CREDENTIALS'],
    }),
  ),
  vertex_access_token: option.optional(
    option.secret({
      description: 'Instead of `vertex_credentials`: an access token, which nobody renews.',
      examples: ['$VERTEX_ACCESS_TOKEN'],
    }),
  ),
  vertex_api_base: option.optional(
    option.string({ description: "The base URL, in place of Google's own for the location." }),
  ),
})

export interface VertexFormats {
  chat: ChatFormat
  embeddings: EmbeddingsFormat
  countTokens: CountFormat
  /** For Claude models, which are served in Anthropic's own API. */
  messages: ChatFormat
  countMessages: CountFormat
}

/**
 * Google's and Anthropic's models on Vertex AI, told apart by the name: Claude's begin with `claude`.
 * Spec: https://cloud.google.com/vertex-ai/generative-ai/docs/reference/rest
 */
export function vertexProvider(formats: VertexFormats): ProviderDefinition {
  return {
    name: 'vertex-ai',
    routeTypes: ['llm/v1/chat', 'llm/v1/completions', 'llm/v1/embeddings'],
    options,
    check,
    create: (setup) => create(setup, formats),
  }
}

function check(config: JsonObject, model: string | null): ConfigIssue[] {
  const issues = [...checkUrl(config, 'vertex_api_base'), ...checkModel(model)]
  if (config['vertex_credentials'] !== undefined && config['vertex_access_token'] !== undefined) {
    issues.push({ path: [], message: 'has both vertex_credentials and vertex_access_token; remove one' })
  }
  return issues
}

function create({ model: given, config }: ProviderSetup, formats: VertexFormats): Provider {
  const model = given ?? ''
  const isClaude = model.startsWith('claude')
  const { location, root } = placeOf(config)
  return createHttpProvider({
    name: 'vertex-ai',
    model,
    omitsModel: true,
    baseUrl: textOption(config, 'vertex_api_base') ?? originOf(location),
    ...(isClaude ? claude(root, model, formats) : gemini(root, model, formats)),
    ...login(config),
  })
}

function placeOf(config: ProviderConfig): { location: string; root: string } {
  const project = encodeURIComponent(textOption(config, 'vertex_project') ?? '')
  const location = textOption(config, 'vertex_location') ?? DEFAULT_LOCATION
  return { location, root: `/projects/${project}/locations/${location}/publishers` }
}

/** Source: https://cloud.google.com/vertex-ai/generative-ai/docs/learn/locations */
function originOf(location: string): string {
  if (location === 'global') return 'https://aiplatform.googleapis.com'
  if (location === 'us' || location === 'eu') return `https://aiplatform.${location}.rep.googleapis.com`
  return `https://${location}-aiplatform.googleapis.com`
}

type Login = Pick<HttpProviderSetup, 'headers' | 'secrets' | 'authorize'>

function login(config: ProviderConfig): Login {
  const token = secretOption(config, 'vertex_access_token')
  if (token) return { headers: bearer(token), secrets: [token] }
  const credentials = secretOption(config, 'vertex_credentials')
  const source = googleToken(credentials)
  return {
    headers: {},
    secrets: credentials ? [credentials] : [],
    async authorize() {
      return bearer(await source.get())
    },
  }
}

type Served = Pick<HttpProviderSetup, 'formats' | 'prepare' | 'forwardHeaders'>

/** Google's own SDKs speak the beta version too: newer fields are known only there. */
function gemini(root: string, model: string, { chat, embeddings, countTokens }: VertexFormats): Served {
  const path = `/v1beta1${root}/google/models/${encodeModel(model)}`
  const formats: ServedFormat[] = [
    { format: chat, path: ({ stream }) => path + chatMethod(stream) },
    { format: embeddings, path: `${path}:predict` },
    { format: countTokens, path: `${path}:countTokens` },
  ]
  return { formats }
}

/** Source: https://docs.anthropic.com/en/api/claude-on-vertex-ai */
function claude(root: string, model: string, served: VertexFormats): Served {
  const { messages, countMessages } = served
  const path = `/v1${root}/anthropic/models`
  const formats: ServedFormat[] = [
    {
      format: messages,
      path: ({ stream }) => `${path}/${encodeModel(model)}${stream ? ':streamRawPredict' : ':rawPredict'}`,
    },
    { format: countMessages, path: `${path}/count-tokens:rawPredict` },
  ]
  return {
    formats,
    prepare: ({ format, body }: Attempt) =>
      // Tokens are counted by a model of its own, which must be told of the one that is meant.
      withMember(
        body,
        format === countMessages ? ['model', model] : ['anthropic_version', 'vertex-2023-10-16'],
      ),
    forwardHeaders({ 'anthropic-beta': asked }) {
      const betas = selectBetas(asked, (beta) => CLAUDE_BETAS.has(beta))
      return betas.length > 0 ? { 'anthropic-beta': betas.join(',') } : {}
    },
  }
}

/** The betas of Anthropic's API that Vertex AI has too; it refuses others. */
const CLAUDE_BETAS: ReadonlySet<string> = new Set([
  'compact-2026-01-12',
  'computer-use-2025-01-24',
  'computer-use-2025-11-24',
  'context-1m-2025-08-07',
  'context-management-2025-06-27',
  'interleaved-thinking-2025-05-14',
  'tool-search-tool-2025-10-19',
  'web-search-2025-03-05',
])

/** The body with a member, unless the client wrote it. */
function withMember(body: Buffer | string, [name, value]: [string, string]): Buffer | string {
  const isGiven = body.includes(`"${name}"`) && membersOf(body).includes(name)
  return isGiven ? body : spliceMembers(body, { [name]: value })
}

function membersOf(body: Buffer | string): string[] {
  return scanMembers(typeof body === 'string' ? Buffer.from(body) : body)?.map(({ name }) => name) ?? []
}

/** A name with its version as it is usually written, `claude-sonnet-4-5@20250929`. */
function encodeModel(model: string): string {
  return encodeURIComponent(model).replaceAll('%40', '@')
}
