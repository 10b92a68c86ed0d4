import { option } from '../core/options.ts'
import type { PlanPolicy } from '../core/policy.ts'

const WAYS = ['session', 'prompt_cache_key', 'user', 'messages'] as const

/** How a conversation finds the target that has its prompt in its cache. Sessions named in headers do so without it. */
export const affinity: PlanPolicy = {
  name: 'affinity',
  around: 'plan',
  options: option.object({
    by: option.oneOf(WAYS, {
      description:
        'What makes requests one conversation: the session that a header names (else the prompt_cache_key, the user, or the opening messages), or one of these alone.',
    }),
  }),
  read(options) {
    const by = WAYS.find((way) => way === options?.['by'])
    return by === undefined ? {} : { affinity: { by } }
  },
}
