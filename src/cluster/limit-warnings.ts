import type { LimitAlert } from '../core/limits.ts'
import type { Logger } from './log.ts'

/** Tells the operator that much of a limit is used, or that requests are refused for it. */
export function warnOfLimit(log: Logger, { bucket, rule, what, share, standing }: LimitAlert): void {
  const { most, used } = standing
  const fields = { limit: bucket, meter: rule.meter, share, used, most }
  log.warn(
    fields,
    what === 'refused' ? 'requests are refused for a limit' : 'a limit is nearly or fully used',
  )
}
