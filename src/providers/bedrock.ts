import type { ChatFormat, EmbeddingsFormat, Frame, RerankFormat } from '../core/dialect.ts'
import { asObject, asString } from '../core/json.ts'
import type {
  Attempt,
  DescribedRequest,
  Provider,
  ProviderConfig,
  ProviderDefinition,
  ProviderSetup,
  RawRequest,
  UpstreamReply,
} from '../core/provider.ts'
import { awsEventStream } from '../wire/aws-event-stream.ts'
import { selectBetas } from './anthropic-betas.ts'
import { eventsOfModel } from './aws-event-source.ts'
import { domainOf } from './aws-region.ts'
import { bodyForEachText, forInvoke, withDefault } from './bedrock-bodies.ts'
import { bedrockLogin } from './bedrock-login.ts'
import { bedrockOptions, checkBedrock, regionOf } from './bedrock-options.ts'
import { textOption } from './config-values.ts'
import {
  createHttpProvider,
  type DescribedProvider,
  type HttpHeaders,
  type ServedFormat,
} from './http-provider.ts'
import { sendEach } from './send-each.ts'

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
    options: bedrockOptions,
    check: checkBedrock,
    create: (setup) => new BedrockProvider(setup, formats),
  }
}

class BedrockProvider implements Provider {
  readonly name = 'bedrock'
  readonly model: string
  readonly omitsModel = true
  readonly formats: Provider['formats']
  readonly secrets: Provider['secrets']
  readonly #served: BedrockFormats
  readonly #http: DescribedProvider

  constructor({ model, config }: ProviderSetup, served: BedrockFormats) {
    const region = regionOf(config)
    const guardrail = readGuardrail(config)
    const login = bedrockLogin(config, region)
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
      ...login,
      headers: { ...login.headers, ...(guardrail ? guardrailHeaders(guardrail) : {}) },
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

  /** Of several texts to embed, the request for the first. */
  describe(attempt: Attempt): DescribedRequest {
    const { format, body } = attempt
    const bodies = format === this.#served.titanEmbeddings ? bodyForEachText(body) : undefined
    const described = this.#http.describe({ ...attempt, body: bodies?.[0] ?? body })
    if (!bodies) return described
    const note = `This API takes one text at a time: ${bodies.length} such requests are sent.`
    return { ...described, notes: [...described.notes, note] }
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

/** The guardrail of every chat. */
function readGuardrail(config: ProviderConfig): Guardrail | undefined {
  const { id, version } = asObject(config['guardrail'])
  const text = asString(id)
  return text === undefined ? undefined : { id: text, version: asString(version) ?? 'DRAFT' }
}

/** Converse has it in its body; `invoke` reads it here. */
function guardrailHeaders({ id, version }: Guardrail): HttpHeaders {
  return { 'x-amzn-bedrock-guardrailidentifier': id, 'x-amzn-bedrock-guardrailversion': version }
}
