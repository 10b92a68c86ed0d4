import { option } from '../core/options.ts'
import type { Resource } from './resource.ts'

/** What the gateway counts, for monitoring systems. */
export const metrics: Resource = {
  method: 'GET',
  path: '/metrics',
  access: 'read',
  summary: 'Metrics of the whole gateway for Prometheus',
  description:
    'The text format of Prometheus, or OpenMetrics for those who accept it. Needs no credential where the configuration has `metrics.public: true`.',
  answer: option.string(),
  answerTypes: ['text/plain', 'application/openmetrics-text'],
  async handle({ accept }, plane) {
    const { contentType, text } = await plane.metrics(accept)
    return { text, type: contentType }
  },
}
