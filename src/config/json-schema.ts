import type { JsonObject, JsonValue } from '../core/json.ts'
import type { ProviderDefinition } from '../core/provider.ts'
import { inEachCase, plainSchema } from './plain-schema.ts'
import { builtIn, type Registry } from './registry.ts'
import { fileSchema, modelSchema, routeSchema, TYPE_KEYS } from './schema.ts'

/**
 * The JSON Schema (draft-07) of a configuration file, for editors: keys with their descriptions and defaults, and for
 * each provider its own `config`.
 */
export function configJsonSchema(registry: Registry = builtIn): JsonObject {
  const file = plainSchema(fileSchema(registry))
  const list = { type: 'array', items: { $ref: '#/definitions/route' } }
  const properties = membersOf(file, 'properties')
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'MLflow Gateway configuration',
    ...file,
    properties: {
      ...properties,
      routes: { ...list, description: membersOf(properties, 'routes').description ?? '' },
      endpoints: { ...list, description: membersOf(properties, 'endpoints').description ?? '' },
    },
    oneOf: [{ required: ['routes'] }, { required: ['endpoints'] }],
    definitions: { route: routeDefinition(registry), model: modelDefinition(registry) },
  }
}

function routeDefinition(registry: Registry): JsonObject {
  const route = plainSchema(routeSchema(registry))
  return {
    ...route,
    properties: { ...membersOf(route, 'properties'), model: { $ref: '#/definitions/model' } },
    oneOf: TYPE_KEYS.map((key) => ({ required: [key] })),
  }
}

function modelDefinition({ providers }: Registry): JsonObject {
  const model = plainSchema(modelSchema)
  const properties = membersOf(model, 'properties')
  const anySpelling = providers.map((provider) => ({ pattern: spellings(provider) }))
  const provider: JsonObject = {
    ...membersOf(properties, 'provider'),
    // The list is what an editor offers; the patterns let the other spellings pass.
    anyOf: [{ enum: providers.map((provider) => provider.name) }, ...anySpelling, { pattern: MODULE_PATH }],
  }
  return { ...model, properties: { ...properties, provider }, allOf: providers.map(configOf) }
}

/** The shape of `config` when this provider is named. */
function configOf(definition: ProviderDefinition): JsonValue {
  const config = plainSchema(definition.options)
  const needsConfig = Array.isArray(config.required) && config.required.length > 0
  return {
    if: {
      properties: { provider: { type: 'string', pattern: spellings(definition) } },
      required: ['provider'],
    },
    // oxlint-disable-next-line unicorn/no-thenable -- a keyword of JSON Schema
    then: { properties: { config }, ...(needsConfig ? { required: ['config'] } : {}) },
  }
}

/** A user's own provider. */
const MODULE_PATH = '^(\\.{1,2})?/'

/** A pattern for a provider's names in any case, with "-" or "_". */
function spellings({ name, aliases = [] }: ProviderDefinition): string {
  const patterns = [name, ...aliases].map((word) => inEachCase(word).replaceAll('-', '[-_]'))
  return patterns.length === 1 ? `^${patterns[0]}$` : `^(${patterns.join('|')})$`
}

function membersOf(schema: JsonObject, key: string): JsonObject {
  const members = schema[key]
  return typeof members === 'object' && members !== null && !Array.isArray(members) ? members : {}
}
