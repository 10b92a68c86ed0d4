import { asNumber, asString } from '../core/json.ts'
import { option } from '../core/options.ts'
import type { PlanPolicy } from '../core/policy.ts'

const SHARE = 0.05

/** A second target is asked too when the first one's first content is late; the slower one is canceled. */
export const hedge: PlanPolicy = {
  name: 'hedge',
  around: 'plan',
  options: option.object({
    after: option.duration({ description: 'How late the first content is when a second target is asked.' }),
    budget: option.optional(
      option.string({
        description: 'The share of requests that may be raced.',
        default: '5%',
        pattern: '^(?:100|\\d{1,2}(?:\\.\\d+)?)%$',
        hint: 'write a percentage such as "5%"',
      }),
    ),
  }),
  read(options) {
    const afterMs = asNumber(options?.['after'])
    if (afterMs === undefined) return {}
    const percent = Number.parseFloat(asString(options?.['budget']) ?? '')
    return { hedge: { afterMs, budget: Number.isNaN(percent) ? SHARE : percent / 100 } }
  },
}
