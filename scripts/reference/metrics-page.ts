import type { Metric } from '../../src/telemetry/metric.ts'
import { code, table } from './markdown.ts'

/** The reference of the metrics, in Markdown. */
export function metricsPage(metrics: readonly Metric[], command: string): string {
  const sections = [
    `<!-- Generated from the gateway's metrics by \`${command}\`. Do not edit. -->`,
    '# Metrics',
    'What `/metrics` on the admin listener tells, of all processes of a gateway together; [the guide](../guide/monitoring.md) shows how it is read. Times are in seconds, money is in USD.',
    table(
      ['Metric', 'Type', 'Labels', 'What'],
      metrics.map(({ name, type, labels, help }) => [code(name), type, labels.map(code).join(', '), help]),
    ),
    '## Labels',
    'Labels hold what the configuration names and words of the gateway, never what a client chooses: a request for a route that does not exist has an empty `route`. `worker` is `primary` or the number of a worker, which its successor does not take over. A metric has at most 2000 sets of labels; what comes beyond is counted under `other`, and `mlflow_gateway_metrics_folded_total` tells how often.',
    '## Buckets',
    table(
      ['Metric', 'Upper bounds'],
      metrics.flatMap(({ name, buckets }) => (buckets ? [[code(name), buckets.join(', ')]] : [])),
    ),
  ]
  return `${sections.join('\n\n')}\n`
}
