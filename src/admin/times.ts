import { AdminError } from './errors.ts'

/** Milliseconds as ISO 8601. */
export function toTime(ms: number): string {
  return new Date(ms).toISOString()
}

/** The same of a time that may never come. */
export function toTimeOrNull(ms: number | null): string | null {
  return ms === null ? null : toTime(ms)
}

/** Milliseconds of an ISO 8601 time with its zone, or of a date in UTC. `where` is what a refusal calls it. */
export function readTime(text: string, where: string): number {
  const ms = ISO_TIME.test(text) ? Date.parse(text) : Number.NaN
  if (!Number.isNaN(ms)) return ms
  throw new AdminError('bad_request', `${where}: is no time; write it as in "2026-01-31T12:00:00Z".`)
}

const ISO_TIME = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2}))?$/
