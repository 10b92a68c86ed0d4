import type { OptionSchema } from '../../src/core/options.ts'
import type { ProviderDefinition } from '../../src/core/provider.ts'
import type { RouteType } from '../../src/core/route.ts'
import type { Registry } from '../../src/config/registry.ts'
import {
  destinationSchema,
  fallbackSchema,
  fileSchema,
  modelSchema,
  paramsSchema,
  ROUTE_NAME_PATTERN,
  routeSchema,
  serverSchema,
  targetSchema,
  TYPE_KEYS,
} from '../../src/config/schema.ts'
import { usageSchema } from '../../src/config/read-usage.ts'
import type { Examples } from './example-files.ts'
import { keyTable } from './key-table.ts'
import { code, table } from './markdown.ts'

export interface PageSetup {
  registry: Registry
  /** The command that writes the page. */
  command: string
  examples: Examples
}

/** The reference of every key of a configuration file, in Markdown. */
export function configurationPage({ registry, command, examples }: PageSetup): string {
  const policyNames = registry.policies.map((policy) => policy.name)
  const sections = [
    `<!-- Generated from the schemas by \`${command}\`. Do not edit. -->`,
    '# Configuration reference',
    'Generated from the schemas that the gateway checks files with. The [guide](../guide/configuration.md) shows them at work. [config.schema.json](config.schema.json) says the same to editors.',
    '## The file',
    'One YAML 1.2 document in UTF-8, at most 4 MB, with `<<` merges and anchors. Unknown keys are refused.',
    keyTable(withoutDetails(fileSchema(registry), policyNames)),
    'Exactly one of `routes` and `endpoints` is required, but traffic routes (`destinations`) may stand beside `endpoints`; an empty list is allowed.',
    '## A route',
    keyTable(withoutDetails(routeSchema(registry), policyNames), { name: 'chat' }),
    `Exactly one of \`type\`, \`route_type\`, \`endpoint_type\` and \`task_type\` is required. Names match \`${ROUTE_NAME_PATTERN}\`; a name may stand once.`,
    '### `params`',
    keyTable(paramsSchema),
    'A field that is dropped or overridden takes no default, and `override` wins over `drop`. [Translation](../guide/translation.md#params) has an example.',
    '### `model`',
    keyTable(modelSchema, { provider: 'openai', name: 'gpt-4o-mini' }),
    'A provider may be written in any case, with `-` or `_`. A provider that does not serve the type of the route is refused.',
    '### `targets`',
    keyTable(targetSchema),
    'A target is a `model` or a `route`. [Several targets](../guide/targets.md) shows them at work.',
    '### `fallbacks`',
    keyTable(fallbackSchema),
    '### `destinations`',
    'The traffic routes of MLflow 3, with `task_type` for the type. [Several targets](../guide/targets.md#mlflows-traffic-routes) has an example.',
    keyTable(destinationSchema),
    '## Providers',
    'What each serves, and which keys of `model.config` it cannot do without. [Providers](../guide/providers.md) shows them at work.',
    providerIndex(registry.providers),
    ...registry.providers.flatMap((provider) => providerSection(provider, examples)),
    '## Policies',
    'A policy stands in a route, or in `defaults` for all routes. The keys of a route win, one by one, over those of `defaults`.',
    ...registry.policies.flatMap(({ name, options }) => [`### \`${name}\``, keyTable(options)]),
    '## `server`',
    keyTable(serverSchema),
    '## `usage`',
    keyTable(usageSchema),
    SECRETS,
    DURATIONS,
  ]
  return `${sections.join('\n\n')}\n`
}

function providerIndex(providers: readonly ProviderDefinition[]): string {
  const rows = providers.map((provider) => [
    `[${code(provider.name)}](#provider-${provider.name})`,
    (provider.aliases ?? []).map(code).join(', '),
    provider.routeTypes.map(shortType).join(', '),
    neededKeys(provider).map(code).join(', '),
  ])
  return table(['Provider', 'Also named', 'Serves', 'Needs'], rows)
}

/** Those that the schema requires, and those that a file without any is told to add. */
function neededKeys(provider: ProviderDefinition): string[] {
  const told = (provider.check?.({}, null) ?? []).flatMap(
    ({ message }) => /^missing key "(\w+)"/.exec(message)?.[1] ?? [],
  )
  return [...new Set([...(provider.options.required ?? []), ...told])]
}

function shortType(type: RouteType): string {
  return type.replace('llm/v1/', '')
}

function providerSection({ name, routeTypes, options }: ProviderDefinition, examples: Examples): string[] {
  const links = examples.files(name).map((file) => `[${file}](../../examples/${file})`)
  return [
    `## Provider \`${name}\``,
    `Serves ${routeTypes.map(code).join(', ')}. These are the keys of \`model.config\`.`,
    keyTable(options, examples.values(name)),
    ...(links.length > 0 ? [`Examples: ${links.join(', ')}.`] : []),
  ]
}

/** The schema with the keys of its policies and `server` left to their own sections. */
function withoutDetails(schema: OptionSchema, policyNames: readonly string[]): OptionSchema {
  const properties = Object.entries(schema.properties ?? {}).map(([key, node]): [string, OptionSchema] => {
    if (policyNames.includes(key)) {
      return [key, { type: 'object', description: `The policy of this name: see [${key}](#${key}).` }]
    }
    // The older spellings of `type` need not repeat its list of words.
    if (key !== 'type' && TYPE_KEYS.some((name) => name === key)) {
      return [key, { type: 'string', description: node.description ?? '' }]
    }
    const { properties: inner, required, ...rest } = node
    return [key, inner ? rest : { ...rest, ...(required ? { required } : {}) }]
  })
  return { ...schema, properties: Object.fromEntries(properties) }
}

const SECRETS = `## Secrets

Credentials are written in one of three ways. They are looked up when the file is loaded, and printed nowhere.

${table(
  ['Written as', 'Means', 'Notes'],
  [
    [
      '`$NAME` or `${NAME}`',
      'an environment variable of the gateway',
      'an error when it is not set or empty',
    ],
    [
      '`/run/secrets/key`, `./key.txt`, `~/key.txt`',
      'the text of the file, when it exists',
      'line ends at the end are cut off; at most 64 KB; relative to the directory the gateway was started in',
    ],
    ['anything else', 'the credential itself', 'for trying things out'],
  ],
)}`

const DURATIONS = `## Durations

A number with a unit and no space: \`250ms\`, \`30s\`, \`1.5m\`, \`2h\`, \`1d\`. A bare number is seconds. The longest is \`24d\`.`
