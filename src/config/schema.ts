import type { Webhook } from '../alerts/webhook.ts'
import type { AuthConfig } from '../auth/gate.ts'
import { type OptionSchema, type OptionsSchema, option } from '../core/options.ts'
import type { ProviderConfig } from '../core/provider.ts'
import { priceOptions, type Price } from '../core/prices.ts'
import { ROUTE_TYPES, type RouteType } from '../core/route.ts'
import type { Secret } from '../core/secret.ts'
import type { ErrorKind } from '../core/error.ts'
import { type BodySettings, storeBodiesSchema } from '../gateway/bodies/body-settings.ts'
import { DEFAULT_FALLBACK_KINDS, FALLBACK_KINDS } from '../gateway/plan/next-step.ts'
import { STRATEGIES, type StrategyName } from '../gateway/plan/strategies/index.ts'
import { recordSchema } from '../gateway/recording/record-traffic.ts'
import type { LimitSettings } from '../gateway/limits/settings.ts'
import type { RequestParams } from '../gateway/target.ts'
import type { LimitRule } from '../core/limits.ts'
import { limitSettingKeys } from './limit-settings.ts'
import { alertsSchema } from './read-alerts.ts'
import { authSchema } from './read-auth.ts'
import { limitsSchema } from './read-limits.ts'
import { metricsSchema, type MetricsConfig } from './read-metrics.ts'
import { usageSchema, type UsageConfig } from './read-usage.ts'
import type { Registry } from './registry.ts'

/** A configuration file, checked and complete. */
export interface GatewayConfig {
  /** Absent: nobody is asked who they are. */
  auth?: AuthConfig
  /** Of the whole gateway. */
  limits?: readonly LimitRule[]
  routes: RouteConfig[]
  server: ServerConfig
  /** Absent: `DEFAULT_USAGE`. */
  usage?: UsageConfig
  metrics?: MetricsConfig
  /** Who is told of limits. */
  alerts?: readonly Webhook[]
}

export interface RouteConfig {
  name: string
  /** It is one of the store: when it cannot be built, the others are. */
  isStored?: true
  limits?: readonly LimitRule[]
  type: RouteType
  strategy: StrategyName
  /** In the order of the file; at least one. */
  targets: TargetConfig[]
  fallbacks: FallbackConfig[]
  params?: RequestParams
  /** Where the exchanges with its own targets are written to. */
  record?: { path: string; maxBytes: number }
  /** What is kept of what is said; absent: nothing. */
  bodies?: BodySettings
  /** Whether a request is refused when the provider cannot take all of it. */
  isStrict?: boolean
  /** Whether clients may bring a key of their own for the provider. */
  takesClientKeys?: boolean
  /** Options by policy name: `defaults` with the route's own on top. Policies named in neither are absent. */
  policies: Record<string, Record<string, unknown>>
}

export interface ModelConfig {
  /** The provider's canonical name, whatever its spelling in the file. */
  provider: string
  /** The URL of the module that a user's own provider is, at the version that was checked. */
  module?: string
  /** Null when the file gives none. */
  name: string | null
  config: ProviderConfig
  /** Why it cannot be called: a secret of the store is not to be had. The rest of it is right. */
  unavailable?: string
}

/** One thing that a route's requests may go to: a model, or another route. */
export interface TargetConfig {
  /** In headers, logs and explanations; unique in its route. */
  name: string
  weight: number
  /** Values by condition, such as `header.x-tier`. */
  when?: Record<string, string[]>
  /** In place of the price table's. */
  price?: Price
  /** The same model once for each of its keys, or the name of another route. */
  goesTo: { models: KeyedModel[] } | { route: string }
}

export interface KeyedModel {
  weight: number
  model: ModelConfig
}

export interface FallbackConfig {
  route: string
  on: ErrorKind[]
}

export interface ServerConfig {
  /** What the file says of the admin API, if anything. */
  admin?: AdminConfig
  redisUrl?: Secret
  /** Whether a reload to this file may take away what keeps callers out. */
  allowDestructiveReload: boolean
  /** `none` keeps nothing on disk. */
  dataDir?: string
  /** Postgres; SQLite when absent. */
  databaseUrl?: Secret
  limits?: LimitSettings
  /** What `/gateway/{name}/invocations` answers in: MLflow 2.5's shape or OpenAI's. */
  invocationsShape: 'mlflow' | 'openai'
  /** How long open requests may take to end after SIGTERM. */
  drainTimeoutMs: number
  /** The largest request body in bytes. */
  bodyLimit: number
}

export interface AdminConfig {
  /** In place of that of the environment or the data directory. */
  token?: Secret
  host: string
  /** One above that of clients when absent. */
  port?: number
}

/** Every model that routes have as a target of their own. */
export function modelsOf(routes: readonly RouteConfig[]): ModelConfig[] {
  return routes.flatMap(({ targets }) =>
    targets.flatMap(({ goesTo }) => ('models' in goesTo ? goesTo.models.map(({ model }) => model) : [])),
  )
}

/** Names of routes stand in URLs as they are. */
export const ROUTE_NAME_PATTERN = '^(?!\\.{1,2}$)[A-Za-z0-9_.-]+$'

/** The spellings of a route's type, newest documentation first. */
export const TYPE_KEYS = ['type', 'route_type', 'endpoint_type', 'task_type'] as const

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
    allow_destructive_reload: option.optional(
      option.boolean({
        description:
          'Whether a change of this file while the gateway runs may take away "auth", or all of its keys.',
        default: false,
      }),
    ),
    redis_url: option.optional(
      option.secret({
        description:
          'The Redis server that workers and gateways share, such as redis://127.0.0.1:6379: sums of limits, open breakers, and caches with "store: redis". $REDIS_URL when left out.',
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
    ...limitSettingKeys,
    data_dir: option.optional(
      option.string({
        description:
          'The directory of keys, usage and settings; "none" keeps nothing on disk. ~/.mlflow-gateway when left out. Read at the start.',
        minLength: 1,
      }),
    ),
    database_url: option.optional(
      option.secret({
        description:
          'The Postgres that several gateways share, in place of SQLite: postgres://user:password@host/database. $DATABASE_URL when left out. Read at the start.',
      }),
    ),
    admin_token: option.optional(
      option.secret({
        description:
          'The secret of the admin API, at least 24 characters: made for it alone, as with `openssl rand -hex 24`. When left out $MLFLOW_GATEWAY_ADMIN_KEY, else one that is made at the first start and kept in the data directory.',
        examples: ['$MLFLOW_GATEWAY_ADMIN_KEY'],
      }),
    ),
    admin_host: option.optional(
      option.string({
        description: 'The address that the admin API listens on.',
        default: '127.0.0.1',
        minLength: 1,
      }),
    ),
    admin_port: option.optional(
      option.integer({
        description: 'The port of the admin API; one above that of clients when left out.',
        minimum: 1,
        maximum: 65_535,
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

const weight = option.number({
  description: 'Its share, beside those of the others: any positive number. 0 takes no new requests.',
  default: 1,
  minimum: 0,
})

/** One of `targets`. */
export const targetSchema: OptionsSchema = option.object({
  name: option.optional(
    option.string({
      description: 'What it is called in headers and logs; the provider and the model when absent.',
      pattern: '^[\\w./:@-]+$',
      hint: 'use letters, digits and "_./:@-"',
    }),
  ),
  model: option.optional(modelSchema),
  route: option.optional(option.string({ description: 'Another route, whose own targets are used.' })),
  weight: option.optional(weight),
  when: option.optional(
    option.object(
      { stream: option.optional(option.boolean({ description: 'Whether the request asks for a stream.' })) },
      {
        patternProperties: {
          '^header\\.[A-Za-z0-9-]+$': {
            anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' }, minItems: 1 }],
            description: 'A value of this header, or a list of values.',
          },
        },
        description: 'What a request must have to go here, such as header.x-tier: free. All of it.',
      },
    ),
  ),
  price: option.optional({
    ...priceOptions,
    description: 'What the model costs, in place of the price table: for strategy "cost".',
  }),
  keys: option.optional(
    option.list(
      option.object(
        { weight: option.optional(weight) },
        { additionalProperties: true, description: 'Keys of config that are others with this one.' },
      ),
      {
        description:
          'Several credentials for the model: each item gives the keys of config that differ, and a weight.',
        minItems: 1,
      },
    ),
  ),
})

/** One of `fallbacks`. */
export const fallbackSchema: OptionsSchema = option.object({
  route: option.string({ description: 'The route to go to; it must be of the same type.' }),
  on: option.optional(
    option.list(option.oneOf(FALLBACK_KINDS), {
      description: `The classes of failures for which it is used; without it ${DEFAULT_FALLBACK_KINDS.join(', ')}.`,
      minItems: 1,
    }),
  ),
})

/** One of MLflow's `destinations`. */
export const destinationSchema: OptionsSchema = option.object({
  name: option.string({ description: 'The route to go to.' }),
  traffic_percentage: option.number({
    description: 'Its share in percent; the shares of a route make 100.',
    minimum: 0,
    maximum: 100,
  }),
})

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
    task_type: option.optional(typeSchema('The same as "type", as MLflow 3 writes it for traffic routes.')),
    model: option.optional(modelSchema),
    strategy: option.optional(
      option.oneOf(STRATEGIES, {
        description:
          'How a target is chosen: by weight, in order (priority), the one that answers sooner (latency), with the fewest requests under way (least_busy), or the cheapest (cost).',
        default: 'weighted',
      }),
    ),
    targets: option.optional(
      option.list(targetSchema, {
        description: 'The models and routes that serve the route, in place of one model.',
        minItems: 1,
      }),
    ),
    destinations: option.optional(
      option.list(destinationSchema, {
        description: 'The targets of a traffic route, as MLflow 3 writes them.',
      }),
    ),
    routing_strategy: option.optional(
      option.oneOf(['TRAFFIC_SPLIT'], { description: 'As MLflow 3 writes it; the same as "weighted".' }),
    ),
    fallbacks: option.optional(
      option.list(fallbackSchema, {
        description: 'Routes to go to when the targets of this one fail, in order.',
      }),
    ),
    params: option.optional(paramsSchema),
    limits: limitsSchema('Limits and budgets of the route, beside those of the whole gateway.'),
    record: option.optional(recordSchema),
    strict: option.optional(
      option.boolean({
        description:
          'Answer 400 to a request that the provider cannot take whole, instead of leaving out fields and saying so.',
        default: false,
      }),
    ),
    store_bodies: option.optional(storeBodiesSchema),
    client_key: option.optional(
      option.oneOf(['allow', 'refuse'], {
        description:
          "Whether a client may bring its own key for the route's provider, in the header `x-gateway-provider-key`; it is used in place of the route's.",
        default: 'refuse',
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
    routes: routes('The routes that applications call, each served by a model or by several targets.'),
    endpoints: routes('The same as "routes", as MLflow 2.9 and later wrote it.'),
    server: option.optional(serverSchema),
    auth: option.optional(authSchema),
    usage: option.optional(usageSchema),
    metrics: option.optional(metricsSchema),
    alerts: option.optional(alertsSchema),
    limits: limitsSchema('Limits and budgets of the whole gateway: all that apply to a request are held.'),
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
