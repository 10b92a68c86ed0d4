import type { ChatFormat, UpstreamFormat } from '../../src/core/dialect.ts'
import type { ProviderDefinition } from '../../src/core/provider.ts'
import { Secret } from '../../src/core/secret.ts'
import { conformanceOf, FEATURES, type Cell, type Feature } from '../../test/scenarios/conformance.ts'
import { SCENARIOS } from '../../test/scenarios/index.ts'
import type { DialectScenarios } from '../../test/scenarios/support.ts'

/** What a client of a dialect may expect of a provider. */
export interface ConformanceRow {
  client: string
  provider: string
  features: Record<Feature, Omit<Cell, 'result'> & { result: Cell['result'] | 'bytes' }>
}

/** The dialects that applications speak, and the formats whose bytes pass through. */
export const CLIENTS = [
  { name: 'openai', title: 'OpenAI chat completions', speaks: ['openai-chat', 'openai-embeddings'] },
  { name: 'openai-responses', title: 'OpenAI responses', speaks: ['openai-responses'] },
  { name: 'anthropic', title: 'Anthropic messages', speaks: ['anthropic-messages'] },
  { name: 'gemini', title: 'Gemini', speaks: ['gemini-generate', 'gemini-embeddings'] },
  { name: 'cohere', title: 'Cohere', speaks: ['cohere-chat', 'cohere-embeddings'] },
] as const

/** Models on which the API depends, where a provider serves several. */
const MODELS: Readonly<Record<string, readonly string[]>> = {
  bedrock: ['amazon.nova', 'anthropic.claude'],
  'vertex-ai': ['gemini', 'claude'],
}

/** Every client dialect by every provider that chats through an API of the scenario table. */
export function conformance(providers: readonly ProviderDefinition[]): ConformanceRow[] {
  const served = providers.filter(({ name }) => name !== RECORDED).flatMap(servedBy)
  return CLIENTS.flatMap(({ name, speaks }) => {
    const client = SCENARIOS.find((scenarios) => scenarios.name === name)
    return client ? served.flatMap((target) => rowOf({ client, speaks }, target) ?? []) : []
  })
}

/** Serves what was recorded, whoever's it was: it has no API of its own. */
const RECORDED = 'replay'

interface Served {
  provider: string
  /** For chats, the preferred first. */
  formats: readonly ChatFormat[]
  /** The names of those for embeddings; undefined when it has none. */
  embeddings: readonly string[] | undefined
}

/** The formats by which a provider answers chats; an entry for each kind of model on which they depend. */
function servedBy(definition: ProviderDefinition): Served[] {
  const models = MODELS[definition.name]
  return (models ?? ['a-model']).flatMap((model) => {
    const all = formatsOf(definition, model)
    const formats = all.filter((format): format is ChatFormat => format.operation === 'chat')
    if (formats.length === 0) return []
    const provider = models ? `${definition.name} (${model})` : definition.name
    const embeds = definition.routeTypes.includes('llm/v1/embeddings') && !model.includes('claude')
    const names = all.filter(({ operation }) => operation === 'embeddings').map(({ name }) => name)
    return [{ provider, formats, embeddings: embeds ? names : undefined }]
  })
}

function formatsOf(definition: ProviderDefinition, model: string): readonly UpstreamFormat[] {
  const { properties, required } = definition.options
  const config: Record<string, unknown> = { aws_config: { aws_region: 'us-east-1' } }
  for (const [name, schema] of Object.entries(properties)) {
    if (/(?:base|url|host)$/.test(name)) config[name] = 'http://127.0.0.1:1'
    else if (required.includes(name)) config[name] = schema.secret ? new Secret('a-key') : 'a-word'
  }
  const provider = definition.create({ model, config })
  void provider.close()
  return provider.formats
}

/** Formats whose answers are another dialect's. */
const ANSWERS_AS: Readonly<Record<string, string>> = { 'mistral-chat': 'openai-chat' }

/** Undefined for a provider whose API the scenario table does not have. */
function rowOf(
  { client, speaks }: { client: DialectScenarios; speaks: readonly string[] },
  { provider, formats, embeddings }: Served,
): ConformanceRow | undefined {
  const format = formats.find(({ name }) => speaks.includes(name)) ?? formats[0]
  const answers = format && (ANSWERS_AS[format.name] ?? format.name)
  const target = SCENARIOS.find((scenarios) => scenarios.provider?.chat.name === answers)
  if (!format || !target?.provider) return undefined
  // With the provider's own format, which may leave out what it lacks.
  const served = { ...target, provider: { ...target.provider, chat: format } }
  const features: ConformanceRow['features'] = conformanceOf(client, served)
  if (!embeddings) features.embeddings = { result: 'unsupported', what: [] }
  for (const feature of FEATURES) {
    const names = feature === 'embeddings' ? (embeddings ?? []) : [format.name]
    const passes = names.some((name) => speaks.includes(name)) && feature !== 'errors'
    if (passes && features[feature].result !== 'unsupported')
      features[feature] = { result: 'bytes', what: [] }
  }
  return { client: client.name, provider, features }
}
