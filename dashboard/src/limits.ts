import type { WrittenLimit } from '../../src/admin/contract.ts'
import { formatCost, formatCount } from './format.ts'

const METERS = ['requests', 'tokens', 'cost', 'concurrent'] as const
export type Meter = (typeof METERS)[number]

/** What a limit counts. */
export function meterOf(limit: WrittenLimit): Meter {
  return METERS.find((meter) => limit[meter] !== undefined) ?? 'requests'
}

/** A limit in words, such as "600 requests per minute, by key". */
export function limitText(limit: WrittenLimit): string {
  const meter = meterOf(limit)
  const most = limit[meter] ?? 0
  const what =
    meter === 'cost'
      ? formatCost(most)
      : `${formatCount(most)} ${meter === 'concurrent' ? 'at a time' : meter}`
  const window =
    limit.per === undefined ? '' : limit.window === 'rolling' ? ` in any ${limit.per}` : ` per ${limit.per}`
  const by = limit.by === undefined || limit.by === 'all' ? '' : `, by ${limit.by}`
  return `${what}${window}${by}`
}

export const PERIODS_OF_LIMITS = ['minute', 'hour', 'day', 'week', 'month', 'year'] as const
