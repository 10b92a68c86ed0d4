import { option, type OptionsSchema } from '../core/options.ts'
import { asMapping, checkKeys, fillIn } from './check-mapping.ts'
import type { CheckContext, Spot } from './check.ts'

/** What the `usage` section says about the records of requests. */
export interface UsageConfig {
  isKept: boolean
  /** Absent: they are kept for ever. */
  retentionMs?: number
  /** How many bytes of records may wait for the database. */
  spoolMaxBytes: number
  whenFull: 'refuse' | 'drop'
}

/** The `usage` mapping. */
export const usageSchema: OptionsSchema = option.object(
  {
    keep: option.optional(
      option.boolean({
        description:
          'Whether records of requests are kept at all. Without them usage stays empty, and after a restart budgets do not know what was spent.',
        default: true,
      }),
    ),
    retention: option.optional(
      option.duration({
        description: 'How long records of requests are kept, such as 90d; for ever when left out.',
        maximum: 3650 * 86_400_000,
      }),
    ),
    spool_max: option.optional(
      option.integer({
        description: 'How many bytes of records may wait on the disk for the database.',
        default: 1_073_741_824,
        minimum: 1_048_576,
      }),
    ),
    when_full: option.optional(
      option.oneOf(['refuse', 'drop'], {
        description:
          'When no record can be kept, because the disk or the spool is full: refuse new requests with 503, or drop their records.',
        default: 'refuse',
      }),
    ),
  },
  { description: 'How the records of requests are kept.' },
)

/** What holds without a `usage` section. */
export const DEFAULT_USAGE: UsageConfig = { isKept: true, spoolMaxBytes: 1_073_741_824, whenFull: 'refuse' }

/** The values of `usage`, with defaults for what is not given; undefined when there is no such section. */
export function readUsage(spot: Spot, context: CheckContext): UsageConfig | undefined {
  if (spot.value === null || spot.value === undefined) return undefined
  const given = asMapping(spot, context)
  const keys = checkKeys(usageSchema, { value: given, path: spot.path }, context)
  const values = fillIn(usageSchema, { value: keys, path: spot.path }, context)
  return {
    isKept: values['keep'] !== false,
    ...(typeof values['retention'] === 'number' && { retentionMs: values['retention'] }),
    spoolMaxBytes: Number(values['spool_max']),
    whenFull: values['when_full'] === 'drop' ? 'drop' : 'refuse',
  }
}
