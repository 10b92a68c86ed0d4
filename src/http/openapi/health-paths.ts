import type { JsonObject } from '../../core/json.ts'
import { jsonAnswer, operation } from './operation.ts'

const OK = { status: 'OK' }

/** Whether the gateway runs, for people, load balancers and Kubernetes. None of them calls a provider. */
export function healthPaths(): JsonObject {
  return {
    '/health': {
      get: operation({
        id: 'health',
        tag: 'Health',
        summary: 'Whether the gateway runs',
        parameters: [VERBOSE],
        responses: { '200': jsonAnswer('Health', OK) },
      }),
    },
    '/livez': {
      get: operation({
        id: 'live',
        tag: 'Health',
        summary: 'Whether this process answers',
        responses: { '200': jsonAnswer('Health', OK) },
      }),
    },
    '/readyz': {
      get: operation({
        id: 'ready',
        tag: 'Health',
        summary: 'Whether to send requests here; 503 while it shuts down',
        responses: {
          '200': jsonAnswer('Readiness', OK),
          '503': jsonAnswer('Readiness', { status: 'draining' }),
        },
      }),
    },
  }
}

const VERBOSE: JsonObject = {
  name: 'verbose',
  in: 'query',
  required: false,
  allowEmptyValue: true,
  description: 'When it is there, the answer also says which configuration is in use.',
  schema: { type: 'string' },
}
