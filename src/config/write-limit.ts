import type { LimitRule, LimitWindow } from '../core/limits.ts'

/** A rule as it is written in a file; reading that gives the rule again. */
export function writeRule({ meter, most, window, by, action, alertAt }: LimitRule): Record<string, unknown> {
  return {
    [meter]: most,
    ...(window && writeWindow(window)),
    by,
    action,
    ...(alertAt.length > 0 && { alert_at: alertAt }),
  }
}

function writeWindow(window: LimitWindow): Record<string, string> {
  if (window.kind === 'calendar') return { per: window.per }
  const [unit, ms] = UNITS.find(([, one]) => window.ms % one === 0) ?? ['ms', 1]
  return { per: `${window.ms / ms}${unit}`, window: 'rolling' }
}

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
] as const
