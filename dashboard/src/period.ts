/** A length of time to look back over, and how finely. */
export interface Period {
  readonly name: string
  readonly ms: number
  readonly bucket: 'minute' | 'hour' | 'day'
  readonly bucketMs: number
}

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

export const PERIODS = {
  '1h': { name: 'Last hour', ms: HOUR, bucket: 'minute', bucketMs: MINUTE },
  '24h': { name: 'Last 24 hours', ms: DAY, bucket: 'hour', bucketMs: HOUR },
  '7d': { name: 'Last 7 days', ms: 7 * DAY, bucket: 'hour', bucketMs: HOUR },
  '30d': { name: 'Last 30 days', ms: 30 * DAY, bucket: 'day', bucketMs: DAY },
} as const satisfies Readonly<Record<string, Period>>

export type PeriodName = keyof typeof PERIODS

/** Whether it is the name of one. */
export function isPeriod(name: unknown): name is PeriodName {
  return typeof name === 'string' && Object.hasOwn(PERIODS, name)
}

/** From when to when, on whole buckets, so that what is asked for stays the same for a while. */
export function spanOf(
  { ms, bucketMs }: Pick<Period, 'ms' | 'bucketMs'>,
  now: number = Date.now(),
): { since: string; times: number[] } {
  const last = Math.floor(now / bucketMs) * bucketMs
  const count = Math.round(ms / bucketMs)
  const times = Array.from({ length: count }, (_, index) => last - (count - 1 - index) * bucketMs)
  return { since: new Date(times[0] ?? last).toISOString(), times }
}

/** A value for each time, from rows that are there only where something was. */
export function fillIn<Row extends { readonly at?: string }>(
  times: readonly number[],
  rows: readonly Row[],
  value: (row: Row | undefined) => number | null,
): (number | null)[] {
  const byTime = new Map(rows.map((row) => [Date.parse(row.at ?? ''), row]))
  return times.map((time) => value(byTime.get(time)))
}
