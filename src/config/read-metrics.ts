import { option, type OptionsSchema } from '../core/options.ts'
import { asMapping, checkKeys, fillIn } from './check-mapping.ts'
import type { CheckContext, Spot } from './check.ts'

/** What the `metrics` section says. */
export interface MetricsConfig {
  /** Whether everybody who can reach the admin listener may read `/metrics`. */
  isPublic: boolean
}

/** The `metrics` mapping. */
export const metricsSchema: OptionsSchema = option.object(
  {
    public: option.optional(
      option.boolean({
        description:
          'Whether /metrics on the admin listener answers without a credential: to everybody who can reach it.',
        default: false,
      }),
    ),
  },
  { description: 'The metrics of the gateway.' },
)

/** The values of `metrics`; undefined when there is no such section. */
export function readMetrics(spot: Spot, context: CheckContext): MetricsConfig | undefined {
  if (spot.value === null || spot.value === undefined) return undefined
  const given = asMapping(spot, context)
  const keys = checkKeys(metricsSchema, { value: given, path: spot.path }, context)
  const values = fillIn(metricsSchema, { value: keys, path: spot.path }, context)
  return { isPublic: values['public'] === true }
}
