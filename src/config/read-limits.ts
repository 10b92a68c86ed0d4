import { parseDuration } from '../core/duration.ts'
import { asArray, isObject } from '../core/json.ts'
import { CALENDAR_PERIODS, METERS } from '../core/limits.ts'
import type { CalendarPeriod, LimitRule, LimitScope, LimitWindow } from '../core/limits.ts'
import { option, type OptionSchema, type OptionsSchema } from '../core/options.ts'
import { checkValue, type CheckContext } from './check.ts'
import type { Path } from './issue.ts'
import { listed, nearest } from './nearest.ts'
import { show } from './show.ts'

/** One item of `limits`. */
export const limitSchema: OptionsSchema = option.object({
  requests: option.optional(option.integer({ description: 'The most requests in each period.', minimum: 1 })),
  tokens: option.optional(
    option.integer({ description: 'The most tokens in each period, of prompts and answers.', minimum: 1 }),
  ),
  cost: option.optional(
    option.number({ description: 'The most that is spent in each period, in USD.', exclusiveMinimum: 0 }),
  ),
  concurrent: option.optional(
    option.integer({ description: 'The most requests at one time; without "per".', minimum: 1 }),
  ),
  per: option.optional({
    type: ['string', 'number'],
    description:
      'The period: second, minute, hour, day, week, month or year of the calendar (UTC), or a time such as 90s, which rolls.',
    examples: [...CALENDAR_PERIODS, '90s'],
  }),
  window: option.optional(
    option.oneOf(['calendar', 'rolling'], {
      description:
        "Whether the period begins with the calendar's, or is the time until now. A rolling month has 30 days.",
    }),
  ),
  by: option.optional(
    option.string({
      description:
        'Whose requests are counted together: key, user, team, route, a tag such as "tag:project", or all.',
      pattern: '^(?:key|user|team|route|all|tag:.+)$',
      hint: 'write key, user, team, route, all or "tag:" and the name of a tag',
      default: 'all',
    }),
  ),
  action: option.optional(
    option.oneOf(['reject', 'alert'], {
      description: 'Whether requests beyond it are refused, or only told of, in the log and to webhooks.',
      default: 'reject',
    }),
  ),
  alert_at: option.optional(
    option.list(option.number({ exclusiveMinimum: 0, maximum: 1 }), {
      description:
        'Shares of the limit at which a warning is logged and webhooks are told, once in each period; 1 for "action: alert".',
      examples: [[0.5, 0.8, 1]],
    }),
  ),
})

/** `limits`, wherever they are written. */
export function limitsSchema(description: string): OptionSchema {
  return option.optional(option.list(limitSchema, { description }))
}

/** The rules of a list; what is wrong is reported. Their ids begin with the path: `placed` gives them a better place. */
export function readLimits(value: unknown, path: Path, context: CheckContext): LimitRule[] {
  if (value === undefined || value === null) return []
  const items = asArray(checkValue(option.list(limitSchema), { value, path }, context))
  const rules = items.flatMap((item, index) =>
    isObject(item) ? (readRule(item, [...path, index], context) ?? []) : [],
  )
  return withIds(rules, path.join('.'))
}

type Given = Readonly<Record<string, unknown>>
type Nameless = Omit<LimitRule, 'id'>

function readRule(item: Given, path: Path, { problems }: CheckContext): Nameless | undefined {
  const refuse = (message: string, key?: string): undefined => {
    problems.push({ path: key === undefined ? path : [...path, key], at: 'value', message })
  }
  const meters = METERS.filter((meter) => Object.hasOwn(item, meter))
  const [meter, second] = meters
  if (!meter) return refuse(`says not what it limits; write one of ${listed(METERS)} and a number`)
  if (second) return refuse(`limits ${meter} and ${second}; make two of it, one for each`, second)
  const most = item[meter]
  const by = item['by']
  if (typeof most !== 'number' || typeof by !== 'string' || !isScope(by)) return undefined
  const action = item['action'] === 'alert' ? 'alert' : 'reject'
  const alertAt = readShares(item['alert_at'], action)
  const rule = { meter, most, by, action, alertAt } as const
  if (meter === 'concurrent') {
    const stray = ['per', 'window', 'alert_at'].find((key) => item[key] !== undefined)
    if (stray !== undefined) return refuse('has no meaning for "concurrent"; remove it', stray)
    if (action === 'alert') return refuse('is not for "concurrent"; write reject', 'action')
    return rule
  }
  if (!Object.hasOwn(item, 'per')) return refuse(`has no period; write "per: minute", say`)
  const window = readWindow(item)
  return typeof window === 'string' ? refuse(window, 'per') : { ...rule, window }
}

function isScope(text: string): text is LimitScope {
  return ['key', 'user', 'team', 'route', 'all'].includes(text) || text.startsWith('tag:')
}

function readShares(given: unknown, action: LimitRule['action']): number[] {
  const shares = asArray(given).filter((share) => typeof share === 'number')
  if (given === undefined && action === 'alert') return [1]
  return [...new Set(shares)].toSorted((one, other) => one - other)
}

/** How long a period is when it rolls. */
const ROLLING_MS: Readonly<Record<CalendarPeriod, number>> = {
  second: 1000,
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
  week: 7 * 86_400_000,
  month: 30 * 86_400_000,
  year: 365 * 86_400_000,
}

/** Longer than this a sum is not kept; the same for periods of the calendar. */
const MAX_ROLLING_MS = 366 * 86_400_000
const MIN_ROLLING_MS = 1000

/** A text says what is wrong. */
function readWindow({ per, window }: Given): LimitWindow | string {
  const period = CALENDAR_PERIODS.find((known) => known === per)
  if (period) {
    return window === 'rolling'
      ? { kind: 'rolling', ms: ROLLING_MS[period] }
      : { kind: 'calendar', per: period }
  }
  const ms = typeof per === 'string' || typeof per === 'number' ? parseDuration(per) : undefined
  if (ms === undefined) {
    const guess = typeof per === 'string' ? nearest(per, CALENDAR_PERIODS) : undefined
    const help = guess === undefined ? '' : `did you mean "${guess}"? `
    return `${show(per)} is not a period; ${help}Write ${listed(CALENDAR_PERIODS)}, or a time such as 90s`
  }
  if (window === 'calendar') return `${show(per)} is no period of the calendar; write "window: rolling"`
  if (ms < MIN_ROLLING_MS || ms > MAX_ROLLING_MS) return `${show(per)} is out of range; write from 1s to 366d`
  return { kind: 'rolling', ms }
}

/** The same for the same rule: neither its number nor its place in the list is part of it. */
function withIds(rules: readonly Nameless[], place: string): LimitRule[] {
  const seen = new Map<string, number>()
  return rules.map((rule) => {
    const name = nameOf(rule)
    const count = (seen.get(name) ?? 0) + 1
    seen.set(name, count)
    return { ...rule, id: `${place}|${name}${count > 1 ? `#${count}` : ''}` }
  })
}

function nameOf({ meter, window, by }: Nameless): string {
  const scope = encodeURIComponent(by)
  if (!window) return `${meter}/${scope}`
  return `${meter}/${window.kind === 'calendar' ? window.per : `${window.ms}ms`}/${scope}`
}
