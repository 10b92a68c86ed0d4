import { limitSchema, readLimits } from '../config/read-limits.ts'
import { bareContext } from '../config/check.ts'
import type { LimitRule } from '../core/limits.ts'
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
