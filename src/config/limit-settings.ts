import { FAILURE_POLICIES } from '../core/limits.ts'
import { option, type OptionSchema } from '../core/options.ts'
import type { LimitSettings } from '../gateway/limits/settings.ts'

/** The keys of `server` that say how limits are kept. */
export const limitSettingKeys: Readonly<Record<string, OptionSchema>> = {
  unknown_price: option.optional(
    option.oneOf(['allow', 'reject'], {
      description:
        'What a limit on cost does with models whose price nobody knows: they cost it nothing, or are refused.',
      default: 'allow',
    }),
  ),
  assumed_output_tokens: option.optional(
    option.integer({
      description: 'How long an answer is taken to be until it is there, when the request sets no maximum.',
      default: 1024,
      minimum: 1,
    }),
  ),
  on_store_failure: option.optional(
    option.oneOf(FAILURE_POLICIES, {
      description:
        'While the Redis (or Postgres) in which gateways share their limits does not answer: each lets through its share of them, no limited request is let through, or all are.',
      default: 'local_share',
    }),
  ),
}

/** The same, read from a checked `server`. */
export function readLimitSettings(values: Readonly<Record<string, unknown>>): LimitSettings {
  return {
    unknownPrice: values['unknown_price'] === 'reject' ? 'reject' : 'allow',
    assumedOutputTokens: Number(values['assumed_output_tokens']),
    onFailure: FAILURE_POLICIES.find((policy) => policy === values['on_store_failure']) ?? 'local_share',
  }
}
