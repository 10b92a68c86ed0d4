/** One picture of the dashboard: what it asks Prometheus, in which unit it shows it, and what each line is called. */
interface Panel {
  readonly title: string
  readonly unit: string
  readonly queries: readonly Query[]
  /** One number instead of lines over time. */
  readonly isNumber?: true
}

/** An expression and the name of its lines. */
type Query = readonly [expression: string, legend: string]

const WINDOW = '$__rate_interval'
const ROUTES = 'route=~"$route"'

/** Names in expressions stand without the prefix that all of them have. */
const SECTIONS: Readonly<Record<string, readonly Panel[]>> = {
  'At a glance': [
    number('Requests per second', 'reqps', `sum(rate(requests_total{${ROUTES}}[${WINDOW}]))`),
    number(
      'Failing',
      'percentunit',
      `(sum(rate(requests_total{${ROUTES},error!=""}[${WINDOW}])) or vector(0)) / sum(rate(requests_total{${ROUTES}}[${WINDOW}]))`,
    ),
    number('Under way', 'short', 'sum(requests_in_flight)'),
    number('Spent in 24 hours', 'currencyUSD', `sum(increase(cost_usd_total{${ROUTES}}[24h]))`),
    number('Open breakers', 'short', 'count(target_breaker_state == 2) or vector(0)'),
    number('Workers', 'short', 'sum(workers)'),
  ],
  Requests: [
    lines('Requests by route', 'reqps', [
      [`sum by (route) (rate(requests_total{${ROUTES}}[${WINDOW}]))`, '{{route}}'],
    ]),
    lines('Requests by status', 'reqps', [
      [`sum by (status) (rate(requests_total{${ROUTES}}[${WINDOW}]))`, '{{status}}'],
    ]),
    lines('Failures by class', 'reqps', [
      [`sum by (error) (rate(requests_total{${ROUTES},error!=""}[${WINDOW}]))`, '{{error}}'],
    ]),
    lines('Requests by API of the client', 'reqps', [
      [`sum by (dialect) (rate(requests_total{${ROUTES}}[${WINDOW}]))`, '{{dialect}}'],
    ]),
  ],
  Time: [
    lines('Whole answers', 's', quantiles('request_duration_seconds', ROUTES)),
    lines('First token of streams', 's', quantiles('time_to_first_token_seconds', ROUTES)),
    lines('Providers', 's', [
      [
        `histogram_quantile(0.95, sum by (le, target) (rate(attempt_duration_seconds_bucket{${ROUTES}}[${WINDOW}])))`,
        'p95 {{target}}',
      ],
    ]),
    lines('What the gateway adds', 's', quantiles('overhead_seconds', '')),
  ],
  'Tokens and cost': [
    lines('Tokens by class', 'short', [
      [`sum by (class) (rate(tokens_total{${ROUTES}}[${WINDOW}]))`, '{{class}}'],
    ]),
    lines('Tokens by model', 'short', [
      [`sum by (model) (rate(tokens_total{${ROUTES}}[${WINDOW}]))`, '{{model}}'],
    ]),
    lines('Cost per hour by model', 'currencyUSD', [
      [`sum by (model) (rate(cost_usd_total{${ROUTES}}[${WINDOW}])) * 3600`, '{{model}}'],
    ]),
    lines('Answers without a price, and with counts of our own', 'reqps', [
      [`sum by (model) (rate(unpriced_requests_total{${ROUTES}}[${WINDOW}]))`, 'no price: {{model}}'],
      [`sum by (model) (rate(estimated_usage_total{${ROUTES}}[${WINDOW}]))`, 'counted here: {{model}}'],
    ]),
  ],
  'Providers and targets': [
    lines('Breakers: 0 closed, 1 half-open, 2 open', 'short', [
      [`max by (route, target) (target_breaker_state{${ROUTES}})`, '{{route}} {{target}}'],
    ]),
    lines('Attempts that failed, by class', 'reqps', [
      [
        `sum by (target, outcome) (rate(attempts_total{${ROUTES},outcome!="ok"}[${WINDOW}]))`,
        '{{target}} {{outcome}}',
      ],
    ]),
    lines('Attempts that were not the first, by reason', 'reqps', [
      [`sum by (reason) (rate(attempts_total{${ROUTES},reason!="first"}[${WINDOW}]))`, '{{reason}}'],
      [`sum(rate(fallbacks_total{${ROUTES}}[${WINDOW}]))`, 'fallback routes entered'],
    ]),
    lines('Under way at targets', 'short', [
      [`sum by (target) (target_requests_in_flight{${ROUTES}})`, '{{target}}'],
    ]),
    lines('Spared because they said "too many"', 's', [
      [`max by (target) (target_cooling_seconds{${ROUTES}})`, '{{target}}'],
    ]),
    lines('Cache', 'reqps', [
      [`sum by (result) (rate(cache_requests_total{${ROUTES}}[${WINDOW}]))`, '{{result}}'],
    ]),
  ],
  'Limits and queues': [
    lines('Refused, by reason', 'reqps', [
      [`sum by (reason) (rate(requests_refused_total{${ROUTES}}[${WINDOW}]))`, '{{reason}}'],
    ]),
    lines('Waiting for their turn', 'short', [[`sum by (route) (requests_queued{${ROUTES}})`, '{{route}}']]),
    lines('Under way', 'short', [['sum(requests_in_flight)', 'all']]),
    lines('Alerts to webhooks', 'short', [[`increase(alerts_total[1h])`, 'within an hour: {{outcome}}']]),
  ],
  Processes: [
    lines('Memory', 'bytes', [
      ['process_resident_memory_bytes', '{{worker}}'],
      ['process_heap_used_bytes', '{{worker}}, objects'],
    ]),
    lines('CPU', 'percentunit', [[`rate(process_cpu_seconds_total[${WINDOW}])`, '{{process}}']]),
    lines('Event loop: longest delay', 's', [['event_loop_lag_seconds', '{{worker}}']]),
    lines('Event loop: busy', 'percentunit', [['event_loop_utilization', '{{worker}}']]),
    lines('Workers', 'short', [
      ['workers', 'there'],
      ['silent_workers', 'silent'],
      ['increase(worker_deaths_total[1h])', 'died within an hour'],
    ]),
    lines('Configuration', 'short', [
      [`increase(config_reloads_total[1h])`, 'reloads within an hour: {{result}}'],
      ['config_stale', 'the file is not in use'],
    ]),
    lines('Age of the configuration, and of the gateway', 's', [
      ['time() - config_last_reload_timestamp_seconds', 'configuration'],
      ['time() - start_time_seconds', 'gateway'],
    ]),
    lines('Records', 'bytes', [['usage_spool_bytes', 'wait for the database']]),
    lines('Given up', 'short', [
      [`rate(log_lines_dropped_total[${WINDOW}])`, 'log lines'],
      [`rate(usage_records_dropped_total[${WINDOW}])`, 'usage records'],
      [`sum by (signal) (rate(otlp_dropped_total[${WINDOW}]))`, 'OpenTelemetry: {{signal}}'],
      [`sum by (metric) (rate(metrics_folded_total[${WINDOW}]))`, 'labels of {{metric}}'],
    ]),
    lines('Messages to OpenTelemetry', 'short', [
      [`sum by (signal, result) (rate(otlp_exports_total[${WINDOW}]))`, '{{signal}} {{result}}'],
    ]),
    lines('Database, and which version runs', 'short', [
      ['database_up', 'the database answers'],
      ['build_info', '{{version}} on Node {{node}}'],
    ]),
  ],
}

/** The dashboard as Grafana imports it, from version 10 on. */
export function dashboard(names: readonly string[]): string {
  const panels: object[] = []
  let top = 0
  for (const [section, inside] of Object.entries(SECTIONS)) {
    panels.push({
      id: panels.length + 1,
      type: 'row',
      title: section,
      collapsed: false,
      gridPos: { x: 0, y: top++, w: 24, h: 1 },
      panels: [],
    })
    const width = inside.every(({ isNumber }) => isNumber) ? 4 : 12
    const height = width === 4 ? 4 : 8
    for (const [index, panel] of inside.entries()) {
      const x = (index * width) % 24
      if (index > 0 && x === 0) top += height
      panels.push(
        picture(panel, { id: panels.length + 1, gridPos: { x, y: top, w: width, h: height } }, names),
      )
    }
    top += height
  }
  return `${JSON.stringify({ ...FRAME, panels }, null, 2)}\n`
}

function picture({ title, unit, queries, isNumber }: Panel, place: object, names: readonly string[]): object {
  return {
    ...place,
    type: isNumber ? 'stat' : 'timeseries',
    title,
    datasource: SOURCE,
    fieldConfig: {
      defaults: { unit, min: 0, custom: isNumber ? {} : { fillOpacity: 8, showPoints: 'never' } },
      overrides: [],
    },
    options: isNumber
      ? { reduceOptions: { calcs: ['lastNotNull'] }, colorMode: 'value', graphMode: 'area' }
      : { legend: { displayMode: 'list', placement: 'bottom' }, tooltip: { mode: 'multi', sort: 'desc' } },
    targets: queries.map(([expression, legend], index) => ({
      refId: String.fromCodePoint(65 + index),
      datasource: SOURCE,
      expr: inFull(expression, names),
      legendFormat: legend,
    })),
  }
}

/** The expression with the whole names of metrics. */
function inFull(expression: string, names: readonly string[]): string {
  const prefix = 'mlflow_gateway_'
  const known = new Set(names.map((name) => name.slice(prefix.length)))
  return expression.replaceAll(/(?<![\w"$])[a-z][a-z_]+(?=[{[\s)]|$)/g, (word) =>
    known.has(word.replace(/_(?:bucket|sum|count)$/, '')) || known.has(word) ? prefix + word : word,
  )
}

function number(title: string, unit: string, expression: string): Panel {
  return { title, unit, queries: [[expression, '']], isNumber: true }
}

function lines(title: string, unit: string, queries: readonly Query[]): Panel {
  return { title, unit, queries }
}

function quantiles(histogram: string, labels: string): Query[] {
  return [0.5, 0.95, 0.99].map((quantile) => [
    `histogram_quantile(${quantile}, sum by (le) (rate(${histogram}_bucket{${labels}}[${WINDOW}])))`,
    `p${quantile * 100}`,
  ])
}

const SOURCE = { type: 'prometheus', uid: '${source}' }

const FRAME = {
  uid: 'mlflow-gateway',
  title: 'MLflow Gateway',
  tags: ['llm', 'gateway'],
  schemaVersion: 39,
  version: 1,
  editable: true,
  graphTooltip: 1,
  refresh: '30s',
  time: { from: 'now-3h', to: 'now' },
  templating: {
    list: [
      { name: 'source', label: 'Prometheus', type: 'datasource', query: 'prometheus', current: {} },
      {
        name: 'route',
        label: 'Route',
        type: 'query',
        datasource: SOURCE,
        query: { query: 'label_values(mlflow_gateway_requests_total, route)', refId: 'routes' },
        definition: 'label_values(mlflow_gateway_requests_total, route)',
        refresh: 2,
        multi: true,
        includeAll: true,
        allValue: '.*',
        current: { text: 'All', value: '$__all' },
      },
    ],
  },
}
