import { type OptionSchema, type OptionsSchema, option } from '../core/options.ts'
import type { ProviderConfig } from '../core/provider.ts'
import { ROUTE_TYPES, type RouteType } from '../core/route.ts'
import type { RequestParams } from '../gateway/target.ts'
import type { Registry } from './registry.ts'

/** A configuration file, checked and complete. */
export interface GatewayConfig {
  routes: RouteConfig[]
  server: ServerConfig
}

export interface RouteConfig {
  name: string
  type: RouteType
  model: {
    /** The provider's canonical name, whatever its spelling in the file. */
    provider: string
    /** The URL of the module that a user's own provider is, at the version that was checked. */
    module?: string
    /** Null when the file gives none. */
    name: string | null
    config: ProviderConfig
  }
  params?: RequestParams
  /** Whether a request is refused when the provider cannot take all of it. */
  isStrict?: boolean
  /** Options by policy name: `defaults` with the route's own on top. Policies named in neither are absent. */
  policies: Record<string, Record<string, unknown>>
}

export interface ServerConfig {
  /** What `/gateway/{name}/invocations` answers in: MLflow 2.5's shape or OpenAI's. */
  invocationsShape: 'mlflow' | 'openai'
  /** How long open requests may take to end after SIGTERM. */
  drainTimeoutMs: number
  /** The largest request body in bytes. */
  bodyLimit: number
}

/** Names of routes stand in URLs as they are. */
export const ROUTE_NAME_PATTERN = '^(?!\\.{1,2}$)[A-Za-z0-9_.-]+$'

/** The spellings of a route's type, newest documentation first. */
export const TYPE_KEYS = ['type', 'route_type', 'endpoint_type'] as const

/** Keys of MLflow that this version knows and refuses. */
export const LATER_KEYS: Readonly<Record<string, string>> = {
  limit: 'rate limits ("limit") come in a later version; remove the key for now',
  destinations:
    'traffic routes ("destinations") come in a later version; write a route with name, type and model',
  traffic_percentage:
    'traffic routes ("traffic_percentage") come in a later version; write a route with name, type and model',
  task_type: 'traffic routes ("task_type") come in a later version; write a route with name, type and model',
  routing_strategy:
    'traffic routes ("routing_strategy") come in a later version; write a route with name, type and model',
}

const invocationsShape = option.oneOf(['mlflow', 'openai'], {
  description:
    'What /gateway/{name}/invocations answers in: the shape of MLflow 2.5 to 2.8, or that of OpenAI.',
  default: 'mlflow',
})

/** The `server` mapping. */
export const serverSchema: OptionsSchema = option.object(
  {
    invocations_shape: option.optional(invocationsShape),
    drain_timeout: option.optional(
      option.duration({
        description: 'How long open requests may take to end after the gateway is told to stop.',
        default: '30s',
      }),
    ),
    body_limit: option.optional(
      option.integer({
        description: 'The largest request body, in bytes.',
        default: 33_554_432,
        minimum: 1024,
        maximum: 1_073_741_824,
      }),
    ),
  },
  { description: 'How the gateway itself behaves.' },
)

/** `model.name`. */
export const modelNameSchema: OptionSchema = option.string({
  description: "The model's name at the provider, such as gpt-4o.",
  minLength: 1,
})

/** The `model` mapping; what `config` holds is the provider's own `options`. */
export const modelSchema: OptionsSchema = option.object(
  {
    provider: option.string({ description: 'Who serves the model, such as openai or anthropic.' }),
    name: option.optional(modelNameSchema),
    config: option.optional(
      option.object(
        {},
        {
          additionalProperties: true,
          description: "The provider's own keys: credentials, base URL and so on.",
        },
      ),
    ),
  },
  { description: 'The model that serves the route.' },
)

/** The `params` mapping of a route. */
export const paramsSchema: OptionsSchema = option.object(
  {
    default: option.optional(
      option.object(
        {},
        { additionalProperties: true, description: 'Fields for requests that have none of that name.' },
      ),
    ),
    override: option.optional(
      option.object({}, { additionalProperties: true, description: "Fields that replace the client's." }),
    ),
    drop: option.optional(
      option.list(option.string({ minLength: 1 }), { description: 'Names of fields that are left out.' }),
    ),
  },
  {
    description: "Changes to the request's top-level fields, in the provider's own names, after translation.",
  },
)

/** The keys of a route, with one per policy of the registry. */
export function routeSchema(registry: Registry): OptionsSchema {
  return option.object({
    name: {
      type: ['string', 'integer'],
      pattern: ROUTE_NAME_PATTERN,
      description: 'The name in URLs: letters, digits, "_", "." and "-".',
    },
    type: option.optional(typeSchema('What the route serves.')),
    route_type: option.optional(typeSchema('The same as "type", as MLflow 2.5 to 2.8 wrote it.')),
    endpoint_type: option.optional(typeSchema('The same as "type", as MLflow 2.9 and later wrote it.')),
    model: modelSchema,
    params: option.optional(paramsSchema),
    strict: option.optional(
      option.boolean({
        description:
          'Answer 400 to a request that the provider cannot take whole, instead of leaving out fields and saying so.',
        default: false,
      }),
    ),
    ...policySchemas(registry),
  })
}

/** The keys of the whole file. */
export function fileSchema(registry: Registry): OptionsSchema {
  const routes = (description: string): OptionSchema =>
    option.optional(option.list(routeSchema(registry), { description }))
  return option.object({
    routes: routes('The routes that applications call, each served by one model.'),
    endpoints: routes('The same as "routes", as MLflow 2.9 and later wrote it.'),
    server: option.optional(serverSchema),
    defaults: option.optional(
      option.object(policySchemas(registry), {
        description: 'Options of policies for every route; a route may give its own.',
      }),
    ),
  })
}

/** The options of each policy as they may be written in one place: none is required there. */
function policySchemas({ policies }: Registry): Record<string, OptionSchema> {
  return Object.fromEntries(
    policies.map((policy) => [policy.name, option.optional(option.partial(policy.options))]),
  )
}

function typeSchema(description: string): OptionSchema {
  return option.oneOf(ROUTE_TYPES, { description })
}
