import type {
  ChatFormat,
  EmbeddingsFormat,
  ForwardedOperation,
  Operation,
  UpstreamFormat,
} from '../core/dialect.ts'
import { asArray } from '../core/json.ts'
import { option } from '../core/options.ts'
import type { Provider, ProviderConfig, ProviderDefinition, ProviderSetup } from '../core/provider.ts'
import { ROUTE_TYPES, type RouteType } from '../core/route.ts'
import {
  adaptChat,
  adaptEmbeddings,
  type ChatExtensions,
  type ChatQuirks,
  type PurposeWords,
} from './adapt-format.ts'
import { baseOf, checkOptions, keyOf, optionsOf } from './compatible-options.ts'
import { bearer, textOption } from './config-values.ts'
import { createHttpProvider, type ServedFormat } from './http-provider.ts'
import { askForUsage } from './stream-usage.ts'

/** A provider over OpenAI's API, as data. */
export interface CompatibleRow extends ChatQuirks, ChatExtensions {
  readonly name: string
  readonly aliases?: readonly string[]
  /** Up to what stands before `/chat/completions`; `{option}` is filled in from `urlOptions`. Absent: the file gives it. */
  readonly baseUrl?: string
  /** What a base looks like, for providers without a `baseUrl`. */
  readonly exampleUrl?: string
  /** Options that the URL holds, each with its description. */
  readonly urlOptions?: Readonly<Record<string, string>>
  /** Servers that users run: perhaps without keys, or in older versions that lack some of `speaks`. */
  readonly isSelfHosted?: true
  /** Options that are sent as headers. */
  readonly headers?: Readonly<Record<string, { header: string; description: string }>>
  /** What is spoken there, the preferred first. */
  readonly speaks: readonly Spoken[]
  /** Which of OpenAI's untranslated APIs it has. */
  readonly forwards?: readonly ForwardedOperation[]
  /** Where, if not at `PATHS`: below the base URL, or with a slash in front below the host. */
  readonly paths?: Readonly<Partial<Record<Spoken, string>>>
  readonly purposes?: PurposeWords
  /** Its streams tell their usage unasked. */
  readonly sendsUsage?: true
}

/** The formats that a row may name. */
export type Spoken = keyof SpokenFormats

export interface SpokenFormats {
  readonly chat: ChatFormat
  readonly embeddings: EmbeddingsFormat
  readonly responses: UpstreamFormat
  readonly messages: UpstreamFormat
  readonly rerank: UpstreamFormat
  readonly perplexityEmbeddings: UpstreamFormat
  readonly voyageEmbeddings: UpstreamFormat
  readonly voyageRerank: UpstreamFormat
}

export interface CompatibleFormats extends SpokenFormats {
  createChat(extensions: ChatExtensions): ChatFormat
  /** OpenAI's untranslated APIs, by operation. */
  forwarded(...operations: readonly ForwardedOperation[]): readonly ServedFormat[]
}

const PATHS: Readonly<Record<Spoken, string>> = {
  chat: 'chat/completions',
  embeddings: 'embeddings',
  responses: 'responses',
  messages: 'messages',
  rerank: 'rerank',
  perplexityEmbeddings: 'embeddings',
  voyageEmbeddings: 'embeddings',
  voyageRerank: 'rerank',
}

/** A row as a provider. */
export function compatibleProvider(row: CompatibleRow, formats: CompatibleFormats): ProviderDefinition {
  return {
    name: row.name,
    ...(row.aliases ? { aliases: row.aliases } : {}),
    routeTypes: routeTypesOf(row, formats),
    options: option.object(optionsOf(row)),
    check: (config) => checkOptions(row, config),
    create: (setup) => create(row, formats, setup),
  }
}

function routeTypesOf({ speaks, forwards = [] }: CompatibleRow, formats: CompatibleFormats): RouteType[] {
  const operations = [...speaks.map((spoken) => formats[spoken].operation), ...forwards]
  const types = new Set(operations.flatMap((operation) => SERVED_BY.get(operation) ?? []))
  return ROUTE_TYPES.filter((type) => types.has(type))
}

const SERVED_BY: ReadonlyMap<Operation, readonly RouteType[]> = new Map<Operation, readonly RouteType[]>([
  ['chat', ['llm/v1/chat', 'llm/v1/completions']],
  ['embeddings', ['llm/v1/embeddings']],
  ['rerank', ['llm/v1/rerank']],
  ['image-generation', ['llm/v1/images']],
  ['speech', ['llm/v1/audio']],
  ['transcription', ['llm/v1/audio']],
])

function create(row: CompatibleRow, formats: CompatibleFormats, { model, config }: ProviderSetup): Provider {
  const key = keyOf(row, config)
  const ownUrl = fillIn(row.baseUrl ?? '', config)
  const baseUrl = baseOf(row, config) ?? ownUrl
  const spoken = asArray(config['speaks'])
  const served = row.speaks
    .filter((word) => spoken.length === 0 || spoken.includes(word))
    .map((word) => serve(row, word, formats))
    .concat(formats.forwarded(...(row.forwards ?? [])))
  return createHttpProvider({
    name: row.name,
    model,
    baseUrl,
    headers: { ...bearer(key), ...headersOf(row, config) },
    // What stands beside the base URL is known of the provider's own host only.
    formats: served.filter(({ isFromHost }) => !isFromHost || isSameHost(baseUrl, ownUrl)),
    secrets: key ? [key] : [],
    ...(row.sendsUsage ? {} : { prepare: askForUsage }),
  })
}

function isSameHost(url: string, other: string): boolean {
  return URL.canParse(other) && new URL(url).origin === new URL(other).origin
}

function serve(row: CompatibleRow, spoken: Spoken, formats: CompatibleFormats): ServedFormat {
  const path = row.paths?.[spoken] ?? PATHS[spoken]
  const format = adapt(row, spoken, formats)
  return path.startsWith('/') ? { format, path, isFromHost: true } : { format, path: `/${path}` }
}

function adapt(row: CompatibleRow, spoken: Spoken, formats: CompatibleFormats): UpstreamFormat {
  if (spoken === 'chat') return adaptChat(formats.createChat(row), row)
  if (spoken === 'embeddings' && row.purposes) return adaptEmbeddings(formats.embeddings, row.purposes)
  return formats[spoken]
}

/** `{option}` in a URL, from the file. */
function fillIn(url: string, config: ProviderConfig): string {
  return url.replaceAll(/\{(\w+)\}/g, (_match, name: string) => textOption(config, name) ?? '')
}

function headersOf({ headers = {} }: CompatibleRow, config: ProviderConfig): Record<string, string> {
  const sent: Record<string, string> = {}
  for (const [name, { header }] of Object.entries(headers)) {
    const value = textOption(config, name)
    if (value !== undefined) sent[header] = value
  }
  return sent
}
