import { parseDuration } from '../../core/duration.ts'

export interface PeriodOptions {
  readonly since: string
  readonly until?: string
}

export interface Period {
  readonly since: number
  readonly until: number
}

/** From when to when, in milliseconds since 1970. Throws with what is to be done, in a sentence. */
export function readPeriod({ since, until }: PeriodOptions, now: number): Period {
  const period = {
    since: readTime('--since', since, now),
    until: until === undefined ? now : readTime('--until', until, now),
  }
  if (period.since >= period.until) throw new Error('error: --since is not before --until')
  return period
}

const TIME = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2}))?$/

function readTime(option: string, text: string, now: number): number {
  const ago = parseDuration(text)
  const at = TIME.test(text) ? Date.parse(text) : now - (ago ?? Number.NaN)
  if (Number.isFinite(at)) return at
  throw new Error(`error: ${option} is no time: write a date as in 2026-01-31, or how long ago, as in 7d`)
}
