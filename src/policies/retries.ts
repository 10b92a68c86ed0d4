import { asBoolean, asNumber, asObject } from '../core/json.ts'
import { option } from '../core/options.ts'
import type { PlanPolicy } from '../core/policy.ts'

const MAX = 2
const INITIAL_MS = 250
const MAX_MS = 4_000

/** How often a request is tried again on the route's own targets, and how long is waited before. */
export const retries: PlanPolicy = {
  name: 'retries',
  around: 'plan',
  options: option.object({
    max: option.optional(
      option.integer({
        description:
          "Attempts after the first one on the route's own targets, whatever their keys; 0 for none. Each fallback is one more.",
        default: MAX,
        minimum: 0,
        maximum: 10,
      }),
    ),
    backoff: option.optional(
      option.object(
        {
          initial: option.optional(
            option.duration({
              description: 'The longest wait before the first repetition; it doubles with each.',
              default: '250ms',
            }),
          ),
          max: option.optional(
            option.duration({ description: 'The longest wait before any repetition.', default: '4s' }),
          ),
        },
        {
          description:
            'The wait before a target is tried once more. Any time up to the longest is equally likely.',
        },
      ),
    ),
    respect_retry_after: option.optional(
      option.boolean({
        description:
          "Wait as long as the provider's Retry-After says, up to 10 seconds; when it says more, go to a fallback at once.",
        default: true,
      }),
    ),
    mid_stream: option.optional(
      option.oneOf(['off', 'resume'], {
        description:
          'What happens when a stream breaks off after its first content: it ends with an error, or the next target continues the text.',
        default: 'off',
      }),
    ),
  }),
  read(options = {}) {
    const backoff = asObject(options['backoff'])
    return {
      retries: {
        max: asNumber(options['max']) ?? MAX,
        initialMs: asNumber(backoff['initial']) ?? INITIAL_MS,
        maxMs: asNumber(backoff['max']) ?? MAX_MS,
        respectRetryAfter: asBoolean(options['respect_retry_after']) ?? true,
        resumesStreams: options['mid_stream'] === 'resume',
      },
    }
  },
}
