import { asNumber } from '../core/json.ts'
import { option } from '../core/options.ts'
import type { PlanPolicy } from '../core/policy.ts'

const FAILURES = 5
const WINDOW_MS = 30_000
const SHARE = 0.5
const COOLDOWN_MS = 30_000

/** When a target that fails is left alone for a while. On unless `failures` is 0. */
export const circuitBreaker: PlanPolicy = {
  name: 'circuit_breaker',
  around: 'plan',
  options: option.object({
    failures: option.optional(
      option.integer({
        description: 'As many failures of one target and key within the window open its breaker; 0: never.',
        default: FAILURES,
        minimum: 0,
        maximum: 10_000,
      }),
    ),
    window: option.optional(option.duration({ description: 'How long a failure counts.', default: '30s' })),
    share: option.optional(
      option.number({
        description:
          'The failures must also be at least this share of what was tried in the window, so that a busy target with rare failures stays in use.',
        default: SHARE,
        minimum: 0,
        maximum: 1,
      }),
    ),
    cooldown: option.optional(
      option.duration({
        description: 'How long an open breaker keeps requests away before it lets one try.',
        default: '30s',
      }),
    ),
  }),
  read(options = {}) {
    const failures = asNumber(options['failures']) ?? FAILURES
    if (failures === 0) return {}
    return {
      breaker: {
        failures,
        windowMs: asNumber(options['window']) ?? WINDOW_MS,
        share: asNumber(options['share']) ?? SHARE,
        cooldownMs: asNumber(options['cooldown']) ?? COOLDOWN_MS,
      },
    }
  },
}
