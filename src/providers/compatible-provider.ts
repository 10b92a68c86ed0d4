import type { ChatFormat, EmbeddingsFormat, UpstreamFormat } from '../core/dialect.ts'
import { option, type OptionSchema } from '../core/options.ts'
import type {
  Attempt,
  Provider,
  ProviderConfig,
  ProviderDefinition,
  ProviderSetup,
} from '../core/provider.ts'
import type { RouteType } from '../core/route.ts'
import { checkUrl } from './check-url.ts'
import { adaptChat, adaptEmbeddings, type ChatQuirks, type PurposeWords } from './adapt-format.ts'
import { bearer, secretOption, textOption } from './config-values.ts'
import { createHttpProvider, type ServedFormat } from './http-provider.ts'
import { askForUsage } from './stream-usage.ts'

/** A provider over OpenAI's API, as data. */
export interface CompatibleRow extends ChatQuirks {
  readonly name: string
  readonly aliases?: readonly string[]
  /** Up to what stands before `/chat/completions`; `{option}` is filled in from `urlOptions`. Absent: the file gives it. */
  readonly baseUrl?: string
  /** What a base looks like, for providers without a `baseUrl`. */
  readonly exampleUrl?: string
  /** Options that the URL holds, each with its description. */
  readonly urlOptions?: Readonly<Record<string, string>>
  /** For servers that may run without keys. The option is always `<name>_api_key`. */
  readonly keyIsOptional?: true
  /** Options that are sent as headers. */
  readonly headers?: Readonly<Record<string, { header: string; description: string }>>
  /** What is spoken there, the preferred first. */
  readonly speaks: readonly Spoken[]
  /** Where, if not at `PATHS`: below the base URL, or with a slash in front below the host. */
  readonly paths?: Readonly<Partial<Record<Spoken, string>>>
  readonly purposes?: PurposeWords
  /** Its streams tell their usage unasked. */
  readonly sendsUsage?: true
}

/** The formats that a row may name. */
export type Spoken = keyof CompatibleFormats

export interface CompatibleFormats {
  readonly chat: ChatFormat
  readonly completions: ChatFormat
  readonly embeddings: EmbeddingsFormat
  readonly responses: UpstreamFormat
  readonly messages: UpstreamFormat
  readonly rerank: UpstreamFormat
  readonly voyageEmbeddings: UpstreamFormat
  readonly voyageRerank: UpstreamFormat
}

const PATHS: Readonly<Record<Spoken, string>> = {
  chat: 'chat/completions',
  completions: 'completions',
  embeddings: 'embeddings',
  responses: 'responses',
  messages: 'messages',
  rerank: 'rerank',
  voyageEmbeddings: 'embeddings',
  voyageRerank: 'rerank',
}

/** A row as a provider. */
export function compatibleProvider(row: CompatibleRow, formats: CompatibleFormats): ProviderDefinition {
  return {
    name: row.name,
    ...(row.aliases ? { aliases: row.aliases } : {}),
    routeTypes: routeTypesOf(row.speaks.map((spoken) => formats[spoken])),
    options: option.object(optionsOf(row)),
    check: (config) => checkUrl(config, baseName(row)),
    create: (setup) => create(row, formats, setup),
  }
}

function routeTypesOf(formats: readonly UpstreamFormat[]): RouteType[] {
  const operations = new Set(formats.map(({ operation }) => operation))
  return [
    ...(operations.has('chat') ? (['llm/v1/chat', 'llm/v1/completions'] as const) : []),
    ...(operations.has('embeddings') ? (['llm/v1/embeddings'] as const) : []),
    ...(operations.has('rerank') ? (['llm/v1/rerank'] as const) : []),
  ]
}

function keyName({ name }: CompatibleRow): string {
  return `${name.replaceAll('-', '_')}_api_key`
}

function baseName({ name }: CompatibleRow): string {
  return `${name.replaceAll('-', '_')}_api_base`
}

function optionsOf(row: CompatibleRow): Record<string, OptionSchema> {
  const { baseUrl, exampleUrl, keyIsOptional = false, urlOptions = {}, headers = {} } = row
  const key = keyName(row)
  const options: Record<string, OptionSchema> = {
    [key]: option.secret({
      description: `Sent as a bearer token${keyIsOptional ? '; leave it out when the server wants none' : ''}.`,
      examples: [`$${key.toUpperCase()}`],
    }),
    [baseName(row)]: option.string({
      description: `The base URL${baseUrl === undefined ? '' : `; ${baseUrl} when left out`}.`,
      ...(exampleUrl === undefined ? {} : { examples: [exampleUrl] }),
    }),
  }
  if (keyIsOptional) makeOptional(options, key)
  if (baseUrl !== undefined) makeOptional(options, baseName(row))
  for (const [name, description] of Object.entries(urlOptions)) {
    options[name] = option.string({
      description,
      pattern: '^[A-Za-z0-9_-]+$',
      hint: 'write letters and digits',
    })
  }
  for (const [name, { description }] of Object.entries(headers)) {
    const hint = 'write printable ASCII: it is sent in an HTTP header'
    options[name] = option.optional(option.string({ description, pattern: '^[ -~]+$', hint }))
  }
  return options
}

function makeOptional(options: Record<string, OptionSchema>, name: string): void {
  const schema = options[name]
  if (schema) options[name] = option.optional(schema)
}

function create(row: CompatibleRow, formats: CompatibleFormats, { model, config }: ProviderSetup): Provider {
  const key = secretOption(config, keyName(row))
  const ownUrl = fillIn(row.baseUrl ?? '', config)
  const baseUrl = textOption(config, baseName(row)) ?? ownUrl
  const served = row.speaks.map((spoken) => serve(row, spoken, formats))
  return createHttpProvider({
    name: row.name,
    model,
    baseUrl,
    headers: { ...bearer(key), ...headersOf(row, config) },
    // What stands beside the base URL is known of the provider's own host only.
    formats: served.filter(({ isFromHost }) => !isFromHost || isSameHost(baseUrl, ownUrl)),
    secrets: key ? [key] : [],
    ...(row.sendsUsage ? {} : { prepare }),
  })
}

function isSameHost(url: string, other: string): boolean {
  return URL.canParse(other) && new URL(url).origin === new URL(other).origin
}

/** Only OpenAI's older formats tell their usage when asked; the newer ones always do. */
function prepare(attempt: Attempt): Buffer | string {
  return ASKED.has(attempt.format.name) ? askForUsage(attempt) : attempt.body
}

const ASKED: ReadonlySet<string> = new Set(['openai-chat', 'openai-completions'])

function serve(row: CompatibleRow, spoken: Spoken, formats: CompatibleFormats): ServedFormat {
  const path = row.paths?.[spoken] ?? PATHS[spoken]
  const format = adapt(row, spoken, formats)
  return path.startsWith('/') ? { format, path, isFromHost: true } : { format, path: `/${path}` }
}

function adapt(row: CompatibleRow, spoken: Spoken, formats: CompatibleFormats): UpstreamFormat {
  if (spoken === 'chat') return adaptChat(formats.chat, row)
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
