import type { ChatFormat, EmbeddingsFormat, Frame, RerankFormat } from '../core/dialect.ts'
import { GatewayError } from '../core/error.ts'
import { asNumber, asObject, asString, isObject, type JsonObject } from '../core/json.ts'
import { option } from '../core/options.ts'
import type {
  Attempt,
  ConfigIssue,
  Provider,
  ProviderConfig,
  ProviderDefinition,
  ProviderSetup,
  RawRequest,
  UpstreamReply,
} from '../core/provider.ts'
import { Secret } from '../core/secret.ts'
import { awsEventStream } from '../wire/aws-event-stream.ts'
import { selectBetas } from './anthropic-betas.ts'
import { awsCredentials, type AwsCredentialSource } from './aws-credentials.ts'
import { eventsOfModel } from './aws-event-source.ts'
import { domainOf } from './aws-region.ts'
import { AwsSigner, type AwsCredentials, type SignableRequest } from './aws-signature.ts'
import { bodyForEachText, forInvoke, withDefault } from './bedrock-bodies.ts'
import { checkUrl } from './check-url.ts'
import { bearer, secretOption, textOption } from './config-values.ts'
import {
  createHttpProvider,
  type HttpHeaders,
  type HttpProviderSetup,
  type OutgoingRequest,
  type ServedFormat,
} from './http-provider.ts'
import { sendEach } from './send-each.ts'

const awsConfig = option.object({
  aws_region: option.optional(
    option.string({
      description: 'The region, such as `us-east-1`. Absent: `AWS_REGION` of the environment.',
      pattern: '^[a-z]{2}(?:-[a-z]+)+-\\d$',
      hint: 'write a region such as us-east-1',
    }),
  ),
  aws_access_key_id: option.optional(
    option.secret({
      description: 'An access key. With `aws_secret_access_key`.',
      examples: ['$AWS_ACCESS_KEY_ID'],
    }),
  ),
  aws_secret_access_key: option.optional(
    option.secret({ description: 'The secret of the access key.', examples: ['$AWS_SECRET_ACCESS_KEY'] }),
  ),
  aws_session_token: option.optional(
    option.secret({ description: 'With temporary keys: their session.', examples: ['$AWS_SESSION_TOKEN'] }),
  ),
  aws_role_arn: option.optional(
    option.string({
      description: 'A role to take on, with the keys above or with those that the machine has.',
      pattern: '^arn:aws[a-z-]*:iam::',
      hint: 'write the ARN of a role, arn:aws:iam::123456789012:role/name',
    }),
  ),
  session_length_seconds: option.optional(
    option.integer({
      description: 'How long the role is taken on for at a time.',
      minimum: 900,
      maximum: 43_200,
    }),
  ),
})

const guardrail = option.object({
  id: option.string({ description: 'The id or ARN of the guardrail.', minLength: 1 }),
  version: option.optional(option.string({ description: 'Its version.', default: 'DRAFT', minLength: 1 })),
})

const options = option.object({
  aws_config: option.optional({
    ...awsConfig,
    description:
      'Where and as whom to call. Without keys, a profile or a bearer token, the credentials of the machine are used (environment, profile, web identity, container, instance), which needs the package `@aws-sdk/credential-provider-node`.',
  }),
  aws_profile: option.optional(
    option.string({ description: "One of the machine's profiles, in place of keys.", minLength: 1 }),
  ),
  aws_bearer_token: option.optional(
    option.secret({
      description: 'An API key of Bedrock, in place of keys.',
      examples: ['$AWS_BEARER_TOKEN_BEDROCK'],
    }),
  ),
  bedrock_api_base: option.optional(
    option.string({ description: "Where the API is, in place of the region's own, as for a VPC endpoint." }),
  ),
  guardrail: option.optional({ ...guardrail, description: 'A guardrail that watches over every chat.' }),
})

export interface BedrockFormats {
  /** For every model that chats. */
  converse: ChatFormat
  /** For clients that speak the API of Claude, on its models. */
  messages: ChatFormat
  /** What a failed stream of those ends with. */
  readonly writeException: (frame: Frame) => string
  titanEmbeddings: EmbeddingsFormat
  cohereEmbeddings: EmbeddingsFormat
  rerank: RerankFormat
}

/**
 * Models on Amazon Bedrock: chats through Converse, embeddings and reranking through their models' own APIs.
 * Spec: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_Operations_Amazon_Bedrock_Runtime.html
 */
export function bedrockProvider(formats: BedrockFormats): ProviderDefinition {
  return {
    name: 'bedrock',
    aliases: ['amazon-bedrock'],
    routeTypes: ['llm/v1/chat', 'llm/v1/completions', 'llm/v1/embeddings', 'llm/v1/rerank'],
    options,
    check,
    create: (setup) => new BedrockProvider(setup, formats),
  }
}

function check(config: JsonObject, model: string | null): ConfigIssue[] {
  const issues = checkUrl(config, 'bedrock_api_base')
  const aws = isObject(config['aws_config']) ? config['aws_config'] : {}
  const { aws_access_key_id: key, aws_secret_access_key: secret, aws_session_token: session } = aws
  const report = (path: string[], message: string): void => void issues.push({ path, message })
  if (model === null)
    report([], 'needs the name of a model; write its id, as in "name: amazon.nova-lite-v1:0"')
  if ((key === undefined) !== (secret === undefined)) {
    report(['aws_config'], 'has only one of aws_access_key_id and aws_secret_access_key; write both')
  }
  if (session !== undefined && key === undefined) {
    report(['aws_config'], 'has an aws_session_token without the keys that it belongs to')
  }
  if (aws['session_length_seconds'] !== undefined && aws['aws_role_arn'] === undefined) {
    report(['aws_config'], 'has session_length_seconds without aws_role_arn')
  }
  if (aws['aws_region'] === undefined && environmentRegion() === undefined) {
    report(['aws_config'], 'has no aws_region, and AWS_REGION is not set; write one of them')
  }
  const ways = [key, config['aws_profile'], config['aws_bearer_token']].filter((way) => way !== undefined)
  if (ways.length > 1) {
    report(
      [],
      'has more than one of aws_config.aws_access_key_id, aws_profile and aws_bearer_token; keep one',
    )
  }
  return issues
}

function environmentRegion(): string | undefined {
  return process.env['AWS_REGION'] ?? process.env['AWS_DEFAULT_REGION']
}

class BedrockProvider implements Provider {
  readonly name = 'bedrock'
  readonly model: string
  readonly omitsModel = true
  readonly formats: Provider['formats']
  readonly secrets: Provider['secrets']
  readonly #served: BedrockFormats
  readonly #http: Provider

  constructor({ model, config }: ProviderSetup, served: BedrockFormats) {
    const region = textOption(asConfig(config['aws_config']), 'aws_region') ?? environmentRegion() ?? ''
    const guardrail = readGuardrail(config)
    this.model = model ?? ''
    this.#served = served
    this.#http = createHttpProvider({
      name: this.name,
      model: this.model,
      omitsModel: this.omitsModel,
      baseUrl:
        textOption(config, 'bedrock_api_base') ?? `https://bedrock-runtime.${region}.${domainOf(region)}`,
      formats: servedFormats(this.model, served),
      prepare: (attempt) => prepare(attempt, served, guardrail),
      ...login(config, { region, guardrail }),
    })
    this.formats = this.#http.formats
    this.secrets = this.#http.secrets
  }

  send(attempt: Attempt): Promise<UpstreamReply> {
    const { format, stream, body } = attempt
    const { messages, titanEmbeddings } = this.#served
    if (format === messages && stream) return this.#sendForEvents(attempt)
    const bodies = format === titanEmbeddings ? bodyForEachText(body) : undefined
    if (!bodies) return this.#http.send(attempt)
    return sendEach(bodies, 'embeddings', (one) => this.#http.send({ ...attempt, body: one }))
  }

  forward(request: RawRequest): Promise<UpstreamReply> {
    return this.#http.forward?.(request) ?? Promise.reject(new TypeError('there is nothing to forward to'))
  }

  close(): Promise<void> {
    return this.#http.close()
  }

  /** Claude's events, taken out of Amazon's. */
  async #sendForEvents(attempt: Attempt): Promise<UpstreamReply> {
    const reply = await this.#http.send(attempt)
    if (!awsEventStream.matches(reply.contentType)) return reply
    const body = eventsOfModel(reply.body, this.#served.writeException)
    return { ...reply, contentType: 'text/event-stream', body }
  }
}

function servedFormats(model: string, formats: BedrockFormats): ServedFormat[] {
  const path = `/model/${encodeURIComponent(model)}`
  const invoke = `${path}/invoke`
  if (/rerank/.test(model)) return [{ format: formats.rerank, path: invoke }]
  if (/cohere\.embed/.test(model)) return [{ format: formats.cohereEmbeddings, path: invoke }]
  if (/embed/.test(model)) return [{ format: formats.titanEmbeddings, path: invoke }]
  const converse = {
    format: formats.converse,
    path: ({ stream }: Attempt) => path + (stream ? '/converse-stream' : '/converse'),
  }
  if (!/anthropic\.claude/.test(model)) return [converse]
  const messages = {
    format: formats.messages,
    path: ({ stream }: Attempt) => invoke + (stream ? '-with-response-stream' : ''),
  }
  return [converse, messages]
}

function prepare(
  attempt: Attempt,
  served: BedrockFormats,
  guardrail: Guardrail | undefined,
): Buffer | string {
  const { format, body, headers } = attempt
  if (format === served.messages) {
    return forInvoke(
      body,
      selectBetas(headers?.['anthropic-beta'], (beta) => CLAUDE_BETAS.has(beta)),
    )
  }
  if (format !== served.converse || !guardrail) return body
  const { id, version } = guardrail
  return withDefault(body, 'guardrailConfig', { guardrailIdentifier: id, guardrailVersion: version })
}

/**
 * The betas of Anthropic's API that Bedrock has too; it refuses others.
 * Source: https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-anthropic-claude-messages-request-response.html
 */
const CLAUDE_BETAS: ReadonlySet<string> = new Set([
  'compact-2026-01-12',
  'computer-use-2025-01-24',
  'computer-use-2025-11-24',
  'context-1m-2025-08-07',
  'context-management-2025-06-27',
  'dev-full-thinking-2025-05-14',
  'effort-2025-11-24',
  'fine-grained-tool-streaming-2025-05-14',
  'interleaved-thinking-2025-05-14',
  'output-128k-2025-02-19',
  'token-efficient-tools-2025-02-19',
  'tool-examples-2025-10-29',
  'tool-search-tool-2025-10-19',
])

interface Guardrail {
  id: string
  version: string
}

function readGuardrail(config: ProviderConfig): Guardrail | undefined {
  const { id, version } = asObject(config['guardrail'])
  const text = asString(id)
  return text === undefined ? undefined : { id: text, version: asString(version) ?? 'DRAFT' }
}

type Login = Pick<HttpProviderSetup, 'headers' | 'secrets' | 'authorize'>

/** A bearer token goes as it is; everybody else signs. */
function login(
  config: ProviderConfig,
  { region, guardrail }: { region: string; guardrail: Guardrail | undefined },
): Login {
  const aws = asConfig(config['aws_config'])
  const keys = readKeys(aws)
  const headers = guardrail ? guardrailHeaders(guardrail) : {}
  const token = secretOption(config, 'aws_bearer_token') ?? environmentToken(config)
  if (token) return { headers: { ...headers, ...bearer(token) }, secrets: [token] }
  const arn = textOption(aws, 'aws_role_arn')
  const source = awsCredentials({
    region,
    keys,
    profile: textOption(config, 'aws_profile'),
    role: arn === undefined ? undefined : { arn, durationSeconds: asNumber(aws['session_length_seconds']) },
  })
  return {
    headers,
    secrets: keys ? [keys.secretAccessKey, ...(keys.sessionToken ? [keys.sessionToken] : [])] : [],
    authorize: signing(new AwsSigner({ service: 'bedrock', region }), source),
  }
}

/** Converse has it in its body; `invoke` reads it here. */
function guardrailHeaders({ id, version }: Guardrail): HttpHeaders {
  return { 'x-amzn-bedrock-guardrailidentifier': id, 'x-amzn-bedrock-guardrailversion': version }
}

/** Amazon's own SDKs take this one before other credentials of the machine. */
function environmentToken(config: ProviderConfig): Secret | undefined {
  const token = process.env['AWS_BEARER_TOKEN_BEDROCK']
  const aws = asConfig(config['aws_config'])
  const isOther = config['aws_profile'] ?? aws['aws_access_key_id'] ?? aws['aws_role_arn']
  return token && isOther === undefined ? new Secret(token) : undefined
}

function readKeys(aws: ProviderConfig): AwsCredentials | undefined {
  const accessKeyId = secretOption(aws, 'aws_access_key_id')
  const secretAccessKey = secretOption(aws, 'aws_secret_access_key')
  const sessionToken = secretOption(aws, 'aws_session_token')
  if (!accessKeyId || !secretAccessKey) return undefined
  return { accessKeyId: accessKeyId.reveal(), secretAccessKey, ...(sessionToken ? { sessionToken } : {}) }
}

function signing(
  signer: AwsSigner,
  source: AwsCredentialSource,
): NonNullable<HttpProviderSetup['authorize']> {
  return (request) => {
    if (!isSignable(request)) throw unsignable()
    const credentials = source()
    return credentials instanceof Promise
      ? credentials.then((fresh) => signer.sign(request, fresh))
      : signer.sign(request, credentials)
  }
}

function isSignable(request: OutgoingRequest): request is SignableRequest {
  const { body } = request
  return body === null || typeof body === 'string' || Buffer.isBuffer(body)
}

function unsignable(): GatewayError {
  return new GatewayError(
    'A request to Amazon is signed, which takes the whole of its body; this one is sent on while it arrives. Use a route with aws_bearer_token for such requests.',
    { kind: 'bad_request', status: 422 },
  )
}

/** A mapping inside the configuration; its secrets are secrets. */
function asConfig(value: unknown): ProviderConfig {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}
