import { USAGE_DIMENSIONS, type UsageDimension, type UsageQuery } from '../core/database.ts'
import { option, type OptionSchema } from '../core/options.ts'
import type { UsageOutcome } from '../core/usage-record.ts'
import type { Principal } from './access.ts'
import { AdminError } from './errors.ts'
import type { Fields } from './fields.ts'
import { time } from './schemas.ts'
import { scopeOf } from './scope.ts'
import { readTime } from './times.ts'

const OUTCOMES: readonly UsageOutcome[] = ['ok', 'error', 'canceled', 'cut', 'aborted']

/** Which requests are meant. */
export const usageParameters: Readonly<Record<string, OptionSchema>> = {
  since: option.optional(time({ description: 'From this time or date on.' })),
  until: option.optional(time({ description: 'Before this time or date.' })),
  key: option.optional(option.string({ description: 'With the key of this id.' })),
  user: option.optional(option.string()),
  team: option.optional(option.string()),
  route: option.optional(option.string()),
  provider: option.optional(option.string()),
  model: option.optional(option.string({ description: "The target's model." })),
  outcome: option.optional(option.oneOf(OUTCOMES)),
  status: option.optional(option.integer({ description: 'Of the answer.', minimum: 100, maximum: 599 })),
  error: option.optional(option.string({ description: 'The class of the failure.' })),
  tag: option.optional(option.string({ description: 'A tag and its value, as in `project:search`.' })),
}

/** The requests that a query means, of those that the caller may see. Undefined: none. */
export function readUsageQuery(query: Fields, principal: Principal): UsageQuery | undefined {
  const { key: keyId, since, until, tag, ...texts } = query.texts('key', 'since', 'until', 'tag', ...TEXTS)
  const { team: own } = scopeOf(principal)
  if (own !== undefined && texts.team !== undefined && texts.team !== own) return undefined
  const status = query.number('status')
  const outcome = OUTCOMES.find((known) => known === query.text('outcome'))
  return {
    ...texts,
    ...(own !== undefined && { team: own }),
    ...(keyId !== undefined && { keyId }),
    ...(since !== undefined && { since: readTime(since, 'since') }),
    ...(until !== undefined && { until: readTime(until, 'until') }),
    ...(status !== undefined && { status }),
    ...(outcome !== undefined && { outcome }),
    ...(tag !== undefined && { tag: readTag(tag) }),
  }
}

const TEXTS = ['user', 'team', 'route', 'provider', 'model', 'error'] as const

function readTag(text: string): readonly [string, string] {
  const colon = text.indexOf(':')
  if (colon > 0) return [text.slice(0, colon), text.slice(colon + 1)]
  throw new AdminError('bad_request', 'tag: has no value; write it as in "project:search".')
}

/** A dimension by its name. */
export function readDimension(text: string): UsageDimension {
  const known = USAGE_DIMENSIONS.find((dimension) => dimension === text)
  if (known) return known
  if (isTag(text)) return text
  const names = USAGE_DIMENSIONS.join(', ')
  throw new AdminError('bad_request', `by: is no dimension; write ${names}, or "tag:" and the name of a tag.`)
}

function isTag(text: string): text is `tag:${string}` {
  return text.startsWith('tag:') && text.length > 4
}
