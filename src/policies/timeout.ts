import { asNumber } from '../core/json.ts'
import { option } from '../core/options.ts'
import type { TimeoutSettings } from '../core/plan-settings.ts'
import type { PlanPolicy } from '../core/policy.ts'

const TOTAL_MS = 300_000

/** How long the parts of a request may take. The default of five minutes for all of it is MLflow's. */
export const timeout: PlanPolicy = {
  name: 'timeout',
  around: 'plan',
  options: option.object({
    connect: option.optional(
      option.duration({
        description: 'How long may pass until a request has a connection to the provider. At most 30s.',
        default: '5s',
        maximum: 30_000,
      }),
    ),
    first_token: option.optional(
      option.duration({
        description: 'How long a provider may take to its first content, or to a whole answer.',
      }),
    ),
    idle: option.optional(
      option.duration({
        description: 'How long a provider that has begun to answer may send nothing.',
        default: '60s',
      }),
    ),
    total: option.optional(
      option.duration({
        description: 'How long one request may take: every attempt, wait and byte of the stream.',
        default: '5m',
      }),
    ),
  }),
  read(options = {}) {
    const timeout: Mutable<TimeoutSettings> = { totalMs: asNumber(options['total']) ?? TOTAL_MS }
    const connectMs = asNumber(options['connect'])
    const firstTokenMs = asNumber(options['first_token'])
    const idleMs = asNumber(options['idle'])
    if (connectMs !== undefined) timeout.connectMs = connectMs
    if (firstTokenMs !== undefined) timeout.firstTokenMs = firstTokenMs
    if (idleMs !== undefined) timeout.idleMs = idleMs
    return { timeout }
  },
}

type Mutable<Value> = { -readonly [Key in keyof Value]: Value[Key] }
