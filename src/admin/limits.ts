import { limitSchema, readLimits } from '../config/read-limits.ts'
import { bareContext } from '../config/check.ts'
import type { LimitRule, LimitWindow } from '../core/limits.ts'
import { option, type OptionSchema } from '../core/options.ts'
import type { Fields } from './fields.ts'
import { refuse } from './read-input.ts'

/** Limits and budgets of an object, written as in the configuration. */
export const limitsField: OptionSchema = option.list(limitSchema, {
  description: 'Limits and budgets, as in the configuration: all that apply to a request are held.',
  maxItems: 50,
})

/** The rules that a body has; undefined when it says nothing of them. */
export function readRules(body: Fields): LimitRule[] | undefined {
  if (!body.has('limits')) return undefined
  const context = bareContext()
  const rules = readLimits(body.value('limits'), ['limits'], context)
  if (context.problems.length > 0) throw refuse(context.problems)
  return rules
}

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
