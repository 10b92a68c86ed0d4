/** One row each of the tables, as migrations make them. JSON is text in both engines, and so are booleans 0 and 1. */
export interface Tables {
  objects: ObjectColumns
  key_index: KeyIndexColumns
  key_changes: { at: number; digest: string }
  changes: { kind: string; count: number }
  settings: { name: string; value: string }
  audit: AuditColumns
  usage: UsageColumns
  usage_bodies: BodyColumns
  usage_tags: { usage_id: string; name: string; value: string; at: number }
  attempts: AttemptColumns
  usage_hours: SpanColumns
  usage_days: SpanColumns
  spools: { spool: string; offset: number }
  limit_buckets: { name: string; state: string; expires_at: number }
  limit_holders: { id: string; alive_until: number }
  migrations: { name: string; at: number }
}

export const TABLES: readonly (keyof Tables)[] = [
  'objects',
  'key_index',
  'key_changes',
  'changes',
  'settings',
  'audit',
  'usage',
  'usage_bodies',
  'usage_tags',
  'attempts',
  'usage_hours',
  'usage_days',
  'spools',
  'limit_buckets',
  'limit_holders',
  'migrations',
]

export interface ObjectColumns {
  kind: string
  id: string
  version: number
  created_at: number
  updated_at: number
  /** Whose it is, where it belongs to somebody. */
  team: string | null
  user_id: string | null
  /** JSON of everything else. */
  body: string
}

/** What keys are looked up by. */
export interface KeyIndexColumns {
  id: string
  digest: string
  previous_digest: string | null
  /** Name and hint, in small letters. */
  search: string
}

export interface AuditColumns {
  id: string
  at: number
  actor: string
  action: string
  object: string
  team: string | null
  team_before: string | null
  before: string | null
  after: string | null
}

/** What requests are filtered and summed by. */
export interface DimensionColumns {
  key_id: string | null
  user_id: string | null
  team: string | null
  /** JSON, by name. */
  tags: string
  route: string | null
  target: string | null
  provider: string | null
  model: string | null
  status: number
  outcome: string
  error: string | null
}

export const DIMENSIONS = [
  'key_id',
  'user_id',
  'team',
  'tags',
  'route',
  'target',
  'provider',
  'model',
  'status',
  'outcome',
  'error',
] as const

export interface TokenColumns {
  input: number | null
  cache_read: number | null
  cache_write_5m: number | null
  cache_write_1h: number | null
  input_audio: number | null
  input_image: number | null
  output: number | null
  reasoning: number | null
  output_audio: number | null
  output_image: number | null
}

export interface UsageColumns extends DimensionColumns, TokenColumns {
  id: string
  at: number
  key_name: string | null
  model_served: string | null
  dialect: string
  endpoint: string
  stream: number
  is_estimated: number
  web_searches: number
  search_units: number
  /** Whole billionths of a USD. */
  cost_nano: number | null
  price_version: string | null
  duration_ms: number
  first_byte_ms: number
  tokens_per_second: number | null
  cache: string | null
  request_bytes: number
  response_bytes: number
}

export interface BodyColumns {
  id: string
  at: number
  expires_at: number | null
  request: string | null
  response: string | null
  request_cut: number
  response_cut: number
}

export interface AttemptColumns {
  usage_id: string
  position: number
  route: string
  target: string
  provider: string
  model: string | null
  reason: string
  outcome: string
  started_ms: number
  took_ms: number
  waited_ms: number
  lost_nano: number | null
}

export interface SumColumns {
  requests: number
  errors: number
  input_tokens: number
  cache_read_tokens: number
  output_tokens: number
  cost_nano: number
  unpriced: number
  /** Microseconds, so that taking away what was added leaves nothing. */
  duration_us: number
  first_byte_us: number
}

/** Sums of the requests of one hour or day that have all dimensions in common, kept together with `usage`. */
export interface SpanColumns extends DimensionColumns, SumColumns {
  start: number
  /** A digest of it and the dimensions. */
  id: string
}
