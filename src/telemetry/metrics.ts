import { GEN_AI_METRICS } from './gen-ai-metrics.ts'
import type { Metric } from './metric.ts'

/** Of answers of models, in seconds: those of OpenTelemetry's conventions for generative AI, and what takes longer. */
const ANSWER_SECONDS = [
  0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92, 163.84, 327.68,
]
/** Of first tokens, in seconds: as in the same conventions. */
const FIRST_TOKEN_SECONDS = [
  0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 30,
]
/** Of what the gateway itself adds, in seconds. */
const OVERHEAD_SECONDS = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5]

type MetricKey =
  | 'requests'
  | 'duration'
  | 'firstToken'
  | 'overhead'
  | 'inFlight'
  | 'queued'
  | 'refused'
  | 'tokens'
  | 'cost'
  | 'unpriced'
  | 'estimated'
  | 'cache'
  | 'attempts'
  | 'attemptDuration'
  | 'fallbacks'
  | 'breaker'
  | 'targetInFlight'
  | 'targetCooling'
  | 'reloads'
  | 'lastReload'
  | 'configStale'
  | 'workers'
  | 'workerDeaths'
  | 'silentWorkers'
  | 'loopLag'
  | 'loopUse'
  | 'memory'
  | 'heap'
  | 'cpu'
  | 'spool'
  | 'usageDropped'
  | 'database'
  | 'logDropped'
  | 'folded'
  | 'alerts'
  | 'otlpExports'
  | 'otlpDropped'
  | 'build'
  | 'started'

const REQUEST = ['route', 'dialect', 'status', 'error'] as const
const TARGET = ['route', 'target', 'provider', 'model'] as const

/** Every metric of the gateway. Labels hold what the configuration names, and the gateway's own words; nothing of clients. */
export const METRICS: Readonly<Record<MetricKey, Metric>> = {
  requests: {
    name: 'mlflow_gateway_requests_total',
    type: 'counter',
    help: 'Requests that were answered: by route, API of the client, class of the status, and class of the failure (empty: none).',
    labels: REQUEST,
  },
  duration: {
    name: 'mlflow_gateway_request_duration_seconds',
    type: 'histogram',
    help: "From a request's head to the last byte of its answer.",
    labels: ['route', 'stream'],
    buckets: ANSWER_SECONDS,
  },
  firstToken: {
    name: 'mlflow_gateway_time_to_first_token_seconds',
    type: 'histogram',
    help: "From a request's head to the first content of its stream.",
    labels: ['route'],
    buckets: FIRST_TOKEN_SECONDS,
  },
  overhead: {
    name: 'mlflow_gateway_overhead_seconds',
    type: 'histogram',
    help: "What of the time to the first byte was the gateway's own: no provider's, and no wait on purpose.",
    labels: [],
    buckets: OVERHEAD_SECONDS,
  },
  inFlight: {
    name: 'mlflow_gateway_requests_in_flight',
    type: 'gauge',
    help: 'Requests under way.',
    labels: [],
  },
  queued: {
    name: 'mlflow_gateway_requests_queued',
    type: 'gauge',
    help: 'Requests that wait for their turn (policy `concurrency`).',
    labels: ['route'],
  },
  refused: {
    name: 'mlflow_gateway_requests_refused_total',
    type: 'counter',
    help: 'Requests that the gateway itself had no room for: `requests`, `tokens`, `cost` and `concurrent` are limits; `limit` and `concurrency` policies; `limits_unavailable`, `price_unknown` and `usage_full` say why; else `busy`.',
    labels: ['route', 'reason'],
  },
  tokens: {
    name: 'mlflow_gateway_tokens_total',
    type: 'counter',
    help: 'Tokens by class; each token is in one class.',
    labels: ['route', 'provider', 'model', 'class'],
  },
  cost: {
    name: 'mlflow_gateway_cost_usd_total',
    type: 'counter',
    help: 'What answers cost, in USD, where a price is known.',
    labels: ['route', 'provider', 'model'],
  },
  unpriced: {
    name: 'mlflow_gateway_unpriced_requests_total',
    type: 'counter',
    help: 'Answers whose price is not known; `cost_usd_total` does not hold them.',
    labels: ['route', 'provider', 'model'],
  },
  estimated: {
    name: 'mlflow_gateway_estimated_usage_total',
    type: 'counter',
    help: 'Answers whose tokens the gateway counted, because the provider did not tell them to the end.',
    labels: ['route', 'provider', 'model'],
  },
  cache: {
    name: 'mlflow_gateway_cache_requests_total',
    type: 'counter',
    help: 'Requests to routes with a cache: `hit`, `miss` or `bypass`.',
    labels: ['route', 'result'],
  },
  attempts: {
    name: 'mlflow_gateway_attempts_total',
    type: 'counter',
    help: 'Requests to providers: why (`first`, `retry`, `failover`, `fallback`, `hedge`, `resend`, `resume`), and how they ended (`ok`, or the class of the failure).',
    labels: [...TARGET, 'reason', 'outcome'],
  },
  attemptDuration: {
    name: 'mlflow_gateway_attempt_duration_seconds',
    type: 'histogram',
    help: 'From a request to a provider to the first content, the whole answer, or the failure.',
    labels: TARGET,
    buckets: ANSWER_SECONDS,
  },
  fallbacks: {
    name: 'mlflow_gateway_fallbacks_total',
    type: 'counter',
    help: 'Fallback routes that were entered.',
    labels: ['route'],
  },
  breaker: {
    name: 'mlflow_gateway_target_breaker_state',
    type: 'gauge',
    help: 'The breaker of a target, the worst of all workers: 0 closed, 1 half-open, 2 open.',
    labels: ['route', 'target'],
  },
  targetInFlight: {
    name: 'mlflow_gateway_target_requests_in_flight',
    type: 'gauge',
    help: 'Requests under way at a target.',
    labels: ['route', 'target'],
  },
  targetCooling: {
    name: 'mlflow_gateway_target_cooling_seconds',
    type: 'gauge',
    help: 'For how long a target is still spared because it said "too many".',
    labels: ['route', 'target'],
  },
  reloads: {
    name: 'mlflow_gateway_config_reloads_total',
    type: 'counter',
    help: 'Configurations that took effect (`success`), or could not (`failure`).',
    labels: ['result'],
  },
  lastReload: {
    name: 'mlflow_gateway_config_last_reload_timestamp_seconds',
    type: 'gauge',
    help: 'Since when the configuration is in use, in seconds since 1970.',
    labels: [],
  },
  configStale: {
    name: 'mlflow_gateway_config_stale',
    type: 'gauge',
    help: '1 while the file as it is now is not in use, because of a mistake in it.',
    labels: [],
  },
  workers: {
    name: 'mlflow_gateway_workers',
    type: 'gauge',
    help: 'Worker processes that hear.',
    labels: [],
  },
  workerDeaths: {
    name: 'mlflow_gateway_worker_deaths_total',
    type: 'counter',
    help: 'Worker processes that ended without being told to.',
    labels: [],
  },
  silentWorkers: {
    name: 'mlflow_gateway_silent_workers',
    type: 'gauge',
    help: 'Workers that did not answer this scrape in time; of them it has what they told before.',
    labels: [],
  },
  loopLag: {
    name: 'mlflow_gateway_event_loop_lag_seconds',
    type: 'gauge',
    help: 'The longest that a process was late within the last 15 seconds.',
    labels: ['worker'],
  },
  loopUse: {
    name: 'mlflow_gateway_event_loop_utilization',
    type: 'gauge',
    help: 'The share of time in which a process was not idle, from 0 to 1, since it last told.',
    labels: ['worker'],
  },
  memory: {
    name: 'mlflow_gateway_process_resident_memory_bytes',
    type: 'gauge',
    help: 'Memory of a process.',
    labels: ['worker'],
  },
  heap: {
    name: 'mlflow_gateway_process_heap_used_bytes',
    type: 'gauge',
    help: 'Memory that objects of a process take.',
    labels: ['worker'],
  },
  cpu: {
    name: 'mlflow_gateway_process_cpu_seconds_total',
    type: 'counter',
    help: 'CPU time, user and system; `primary` or `worker`.',
    labels: ['process'],
  },
  spool: {
    name: 'mlflow_gateway_usage_spool_bytes',
    type: 'gauge',
    help: 'Usage records on the disk that are not in the database yet.',
    labels: [],
  },
  usageDropped: {
    name: 'mlflow_gateway_usage_records_dropped_total',
    type: 'counter',
    help: 'Usage records that found no room (`usage.when_full: drop`).',
    labels: [],
  },
  database: {
    name: 'mlflow_gateway_database_up',
    type: 'gauge',
    help: '1 while the database answers.',
    labels: [],
  },
  logDropped: {
    name: 'mlflow_gateway_log_lines_dropped_total',
    type: 'counter',
    help: 'Log lines that the output did not take.',
    labels: [],
  },
  folded: {
    name: 'mlflow_gateway_metrics_folded_total',
    type: 'counter',
    help: 'How often a metric was raised under `other`, because it has as many series as it may.',
    labels: ['metric'],
  },
  alerts: {
    name: 'mlflow_gateway_alerts_total',
    type: 'counter',
    help: 'Alerts to webhooks: `delivered`, `failed` after all tries, or `dropped` because too many are on their way.',
    labels: ['outcome'],
  },
  otlpExports: {
    name: 'mlflow_gateway_otlp_exports_total',
    type: 'counter',
    help: 'Messages to the receiver of OpenTelemetry: `traces` or `metrics`, `success` or `failure`.',
    labels: ['signal', 'result'],
  },
  otlpDropped: {
    name: 'mlflow_gateway_otlp_dropped_total',
    type: 'counter',
    help: 'Spans and metrics that the receiver of OpenTelemetry did not take in time.',
    labels: ['signal'],
  },
  build: {
    name: 'mlflow_gateway_build_info',
    type: 'gauge',
    help: 'Always 1.',
    labels: ['version', 'node'],
  },
  started: {
    name: 'mlflow_gateway_start_time_seconds',
    type: 'gauge',
    help: 'When the gateway was started, in seconds since 1970.',
    labels: [],
  },
}

/** By name, also what is only sent by OTLP. */
export const METRIC_BY_NAME: ReadonlyMap<string, Metric> = new Map(
  [...Object.values(METRICS), ...GEN_AI_METRICS].map((metric) => [metric.name, metric]),
)
