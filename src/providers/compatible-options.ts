import type { JsonObject } from '../core/json.ts'
import { option, type OptionSchema } from '../core/options.ts'
import type { ConfigIssue, ProviderConfig } from '../core/provider.ts'
import type { Secret } from '../core/secret.ts'
import { checkUrl } from './check-url.ts'
import type { CompatibleRow } from './compatible-provider.ts'
import { secretOption, textOption } from './config-values.ts'

/** The keys that MLflow 3 has for every provider over OpenAI's API. */
const KEY = 'api_key'
const BASE = 'api_base'

/** The options of a row. Key and base may be written in two ways, so `checkOptions` says when they are missing. */
export function optionsOf(row: CompatibleRow): Record<string, OptionSchema> {
  const { baseUrl, exampleUrl, isSelfHosted = false, urlOptions = {}, headers = {} } = row
  const key = ownName(row, KEY)
  const base = ownName(row, BASE)
  const keyDocs = `Sent as a bearer token${isSelfHosted ? '; leave it out when the server wants none' : ''}.`
  const baseDocs = `The base URL${baseUrl === undefined ? '' : `; ${baseUrl} when left out`}.`
  const examples = exampleUrl === undefined ? {} : { examples: [exampleUrl] }
  const options: Record<string, OptionSchema> = {
    [key]: option.secret({ description: keyDocs, examples: [`$${key.toUpperCase()}`] }),
    [base]: option.string({ description: baseDocs, ...examples }),
    [KEY]: option.secret({ description: `The same as \`${key}\`, as MLflow 3 writes it.` }),
    [BASE]: option.string({ description: `The same as \`${base}\`, as MLflow 3 writes it.` }),
  }
  for (const [name, { description }] of Object.entries(headers)) {
    const hint = 'write printable ASCII: it is sent in an HTTP header'
    options[name] = option.string({ description, pattern: '^[ -~]+$', hint })
  }
  if (isSelfHosted) options['speaks'] = speaksOption(row)
  for (const [name, schema] of Object.entries(options)) options[name] = option.optional(schema)
  for (const [name, description] of Object.entries(urlOptions)) {
    const hint = 'write letters and digits'
    options[name] = option.string({ description, pattern: '^[A-Za-z0-9_-]+$', hint })
  }
  return options
}

/** What the schema cannot say of them. */
export function checkOptions(row: CompatibleRow, config: JsonObject): ConfigIssue[] {
  const key = oneOf(config, [ownName(row, KEY), KEY], !row.isSelfHosted)
  const base = oneOf(config, [ownName(row, BASE), BASE], row.baseUrl === undefined)
  return [...key, ...base, ...checkUrl(config, ownName(row, BASE)), ...checkUrl(config, BASE)]
}

export function keyOf(row: CompatibleRow, config: ProviderConfig): Secret | undefined {
  return secretOption(config, ownName(row, KEY)) ?? secretOption(config, KEY)
}

export function baseOf(row: CompatibleRow, config: ProviderConfig): string | undefined {
  return textOption(config, ownName(row, BASE)) ?? textOption(config, BASE)
}

function ownName({ name }: CompatibleRow, key: string): string {
  return `${name.replaceAll('-', '_')}_${key}`
}

function speaksOption({ speaks }: CompatibleRow): OptionSchema {
  const description = 'Which APIs the server has, for versions that lack some; all when left out.'
  return option.list(option.oneOf(speaks), { description, minItems: 1 })
}

function oneOf(
  config: JsonObject,
  [own, other]: readonly [string, string],
  isNeeded: boolean,
): ConfigIssue[] {
  const given = [own, other].filter((name) => config[name] !== undefined)
  if (given.length === 2) return [{ path: [other], message: `is the same as ${own}; remove one` }]
  return given.length === 0 && isNeeded ? [{ path: [], message: `missing key "${own}"; add it` }] : []
}
