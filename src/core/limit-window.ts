import type { CalendarPeriod, LimitWindow } from './limits.ts'

/** A stretch of time, milliseconds since 1970; `end` is the first moment after it. */
export interface Span {
  readonly start: number
  readonly end: number
}

const DAY_MS = 86_400_000

const LENGTHS_MS: Readonly<Partial<Record<CalendarPeriod, number>>> = {
  second: 1000,
  minute: 60_000,
  hour: 3_600_000,
  day: DAY_MS,
}

/** 1970 began with a Thursday, and weeks begin with Monday. */
const FIRST_MONDAY = 4 * DAY_MS

/** The calendar's period (UTC) that `now` is in. A week begins with Monday. */
export function spanOf(per: CalendarPeriod, now: number): Span {
  const length = LENGTHS_MS[per]
  if (length !== undefined) return spanFrom(0, length, now)
  if (per === 'week') return spanFrom(FIRST_MONDAY, 7 * DAY_MS, now)
  const date = new Date(now)
  const year = date.getUTCFullYear()
  if (per === 'year') return { start: Date.UTC(year, 0), end: Date.UTC(year + 1, 0) }
  const month = date.getUTCMonth()
  return { start: Date.UTC(year, month), end: Date.UTC(year, month + 1) }
}

function spanFrom(origin: number, length: number, now: number): Span {
  const start = origin + Math.floor((now - origin) / length) * length
  return { start, end: start + length }
}

/** A rolling window moves on in this many steps, and counts the whole of the one that it is about to leave. */
export const ROLLING_STEPS = 20

/** How long a step of a rolling window is. */
export function stepMs(windowMs: number): number {
  return Math.max(Math.ceil(windowMs / ROLLING_STEPS), 1)
}

/** The stretch whose sum is counted at `now`: for `concurrent`, which has no window, all of time. */
export function countedSpan(window: LimitWindow | undefined, now: number): Span {
  if (!window) return { start: 0, end: Number.POSITIVE_INFINITY }
  if (window.kind === 'calendar') return spanOf(window.per, now)
  const step = stepMs(window.ms)
  const start = Math.floor((now - window.ms) / step) * step
  return { start, end: Math.floor(now / step) * step + step }
}

/** Where in a counted span something that begins at `now` is added: a calendar window is one piece, a rolling one has steps. */
export function pieceAt(window: LimitWindow | undefined, now: number): number {
  if (window?.kind !== 'rolling') return countedSpan(window, now).start
  const step = stepMs(window.ms)
  return Math.floor(now / step) * step
}
