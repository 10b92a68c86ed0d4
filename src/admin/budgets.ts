import { claimsOf } from '../gateway/limits/claims.ts'
import type { Database, UsageDimension, UsageQuery } from '../core/database.ts'
import { countedSpan } from '../core/limit-window.ts'
import { type Claim, fromNanoUsd, type LimitRule, placed, type Standing } from '../core/limits.ts'
import type { Identity } from '../core/identity.ts'
import { option } from '../core/options.ts'
import { limitsField } from './limits.ts'
import { writeRule } from '../config/write-limit.ts'
import { pageParameters, pageSchema, readPage } from './paging.ts'
import type { Principal } from './access.ts'
import type { AdminRequest, ControlPlane, Resource } from './resource.ts'
import { mapOf, orNull } from './schemas.ts'
import { scopeOf } from './scope.ts'

/** Of one rule, at most so many of those that it is counted for: who used the most comes first. */
const MOST_SUBJECTS = 100
/** Rules without a window are about what is under way: those who asked in this time may have something. */
const RECENT_MS = 3_600_000

/** One rule, for one of those that it is counted for. */
interface Asked {
  readonly rule: LimitRule
  readonly subject: Subject
  readonly claim: Claim
}

/** Whose requests are counted, by dimension. */
type Subject = Readonly<Record<string, string>>

const ITEM = option.object({
  place: orNull(
    option.object(
      { kind: option.oneOf(['route', 'key', 'user', 'team']), name: option.string() },
      { description: 'Whose rule it is; null: of the whole gateway.' },
    ),
  ),
  rule: limitsField.items ?? mapOf(true),
  subject: orNull(
    mapOf(option.string(), {
      description: 'Whose requests are counted here, as in `{"user": "ada"}`; null: all.',
    }),
  ),
  most: option.number(),
  used: option.number({ description: 'In the present period; USD of a cost.' }),
  reserved: option.number({ description: 'For requests under way. It counts as used.' }),
  resetMs: option.number({ description: 'Until the period ends.' }),
})

/** Every limit and budget, and how it stands now. */
export const budgets: Resource = {
  method: 'GET',
  path: '/admin/budgets',
  access: 'team',
  summary: 'Limits and budgets, each with where it stands now',
  description:
    'A rule that is counted for each key, user, team, route or value of a tag stands here once for each of those that used something in its present period: the 100 that asked the most.',
  query: option.object({
    ...pageParameters,
    of: option.optional(
      option.oneOf(['gateway', 'team', 'user', 'key'], {
        description: 'Of the gateway with its routes, or of objects; pages are then of objects.',
        default: 'gateway',
      }),
    ),
  }),
  answer: pageSchema(ITEM),
  async handle(request, plane) {
    const { rules, next } = await rulesOf(request, plane)
    const asked = (
      await Promise.all(rules.map((rule) => subjectsOf(rule, request.principal, plane.database)))
    ).flat()
    const standings = await plane.standings(asked.map(({ claim }) => claim))
    const items = asked.map((one, index) => write(one, standings[index]))
    return { body: { items, next: next ?? null } }
  },
}

interface Rules {
  readonly rules: readonly LimitRule[]
  readonly next?: string | undefined
}

async function rulesOf({ query, principal }: AdminRequest, plane: ControlPlane): Promise<Rules> {
  const { database } = plane
  const page = { ...readPage(query), ...scopeOf(principal) }
  switch (query.text('of')) {
    case 'team':
      return ofObjects('team', await database.teams.list(page))
    case 'user':
      return ofObjects('user', await database.users.list(page))
    case 'key':
      return ofObjects('key', await database.keys.list(page))
    default:
      return { rules: plane.rules() }
  }
}

function ofObjects(
  kind: 'team' | 'user' | 'key',
  {
    rows,
    next,
  }: { readonly rows: readonly { id: string; limits: readonly LimitRule[] }[]; readonly next?: string },
): Rules {
  return { rules: rows.flatMap(({ id, limits }) => placed(limits, { kind, name: id })), next }
}

/** A rule once for each of those that it is counted for, as far as the caller may see them. */
async function subjectsOf(rule: LimitRule, principal: Principal, database: Database): Promise<Asked[]> {
  const { team } = scopeOf(principal)
  // Of the gateway's own rules, what all others use is no team admin's business.
  if (team !== undefined && (!rule.place || rule.place.kind === 'route') && rule.by !== 'team') return []
  if (rule.by === 'all') return claims(rule, {})
  if (team !== undefined && rule.by === 'team') return claims(rule, { team })
  const since = rule.window ? countedSpan(rule.window, Date.now()).start : Date.now() - RECENT_MS
  const query = { since, until: Date.now() + 1, ...placeQuery(rule), ...(team !== undefined && { team }) }
  const totals = await database.usage.totals(query, { dimensions: [dimensionOf(rule)] })
  const names = totals
    .toSorted((one, other) => other.requests - one.requests)
    .flatMap(({ group: [name = null] }) => (name === null ? [] : [name]))
    .slice(0, MOST_SUBJECTS)
  return names.flatMap((name) => claims(rule, { [dimensionOf(rule)]: name }))
}

function placeQuery({ place }: LimitRule): UsageQuery {
  switch (place?.kind) {
    case undefined:
      return {}
    case 'route':
      return { route: place.name }
    case 'key':
      return { keyId: place.name }
    case 'user':
      return { user: place.name }
    case 'team':
      return { team: place.name }
  }
}

function dimensionOf({ by }: LimitRule): UsageDimension {
  return by === 'all' ? 'route' : by
}

/** As requests of such a caller claim it. */
function claims(rule: LimitRule, subject: Subject): Asked[] {
  const tags = Object.fromEntries(
    Object.entries(subject).flatMap(([name, value]) =>
      name.startsWith('tag:') ? [[name.slice('tag:'.length), value] as const] : [],
    ),
  )
  const { key = '', user = null, team = null, route = '' } = subject
  const identity: Identity = { by: 'key', id: key, name: '', user, team, tags, routes: [], limits: [] }
  return claimsOf([rule], { route, identity }).map((claim) => ({
    rule,
    claim: { ...claim, amount: 0 },
    subject,
  }))
}

function write({ rule, subject }: Asked, standing: Standing | undefined): unknown {
  const toUnit = (amount: number): number => (rule.meter === 'cost' ? fromNanoUsd(amount) : amount)
  return {
    place: rule.place ?? null,
    rule: writeRule(rule),
    subject: Object.keys(subject).length > 0 ? subject : null,
    most: rule.most,
    used: toUnit(standing?.used ?? 0),
    reserved: toUnit(standing?.reserved ?? 0),
    resetMs: standing?.resetMs ?? 0,
  }
}
