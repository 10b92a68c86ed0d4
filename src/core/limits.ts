/** What is counted. Requests and tokens are whole; cost is in USD; concurrent is what is under way at one time. */
export const METERS = ['requests', 'tokens', 'cost', 'concurrent'] as const
export type Meter = (typeof METERS)[number]

/** Over which time it is counted. Calendar periods begin with the clock's (UTC); a rolling one is the time until now. */
export type LimitWindow =
  | { readonly kind: 'calendar'; readonly per: CalendarPeriod }
  | { readonly kind: 'rolling'; readonly ms: number }

export const CALENDAR_PERIODS = ['second', 'minute', 'hour', 'day', 'week', 'month', 'year'] as const
export type CalendarPeriod = (typeof CALENDAR_PERIODS)[number]

/** Whose requests are counted together. */
export type LimitScope = 'all' | 'key' | 'user' | 'team' | 'route' | `tag:${string}`

/** One limit or budget: so much of something, for each of somebody, in a time. */
export interface LimitRule {
  /** The same for the same rule at the same place, so that a reload goes on counting. */
  readonly id: string
  readonly meter: Meter
  /** The most that is let through. USD when the meter is cost; budgets need not be whole. */
  readonly most: number
  /** Absent for `concurrent`. */
  readonly window?: LimitWindow
  readonly by: LimitScope
  /** `alert` lets everything through and tells. */
  readonly action: 'reject' | 'alert'
  /** Shares of `most`, above 0 and up to 1 in rising order, at which somebody is told, once in each window. */
  readonly alertAt: readonly number[]
  /** Whose rule it is; absent: the whole gateway's. */
  readonly place?: LimitPlace
}

/** Where a rule stands: in a route, or with a key, a user or a team. */
export interface LimitPlace {
  readonly kind: 'route' | 'key' | 'user' | 'team'
  readonly name: string
}

/** Whether two rules of one bucket are the same: they can differ in nothing else. */
export function isSameRule(one: LimitRule, other: LimitRule): boolean {
  if (one === other) return true
  return one.most === other.most && one.action === other.action && one.alertAt.join() === other.alertAt.join()
}

/** The rules as those of this place: each counts there for itself. */
export function placed(rules: readonly LimitRule[], place: LimitPlace): LimitRule[] {
  const prefix = `${place.kind} ${encodeURIComponent(place.name)}`
  return rules.map((rule) => ({ ...rule, place, id: `${prefix}|${rule.id.replace(/^.*\|/, '')}` }))
}

/** One rule as it applies to one request. */
export interface Claim {
  readonly rule: LimitRule
  /** Names the sum: the rule, and whose. */
  readonly bucket: string
  /** Reserved now: whole requests, tokens, or nano-USD. */
  readonly amount: number
  /** Whose requests are counted here: what they have in common in the usage table. */
  readonly of: Counted
  /** It was let through already, and counts even where there is no room. Only sums in memory know this. */
  readonly isDecided?: true
}

/** The same words as in a query of the usage table. */
export interface Counted {
  readonly route?: string
  readonly keyId?: string
  readonly user?: string
  readonly team?: string
  readonly tag?: readonly [string, string]
}

/** Something that somebody is to be told of, once in each window. */
export interface LimitAlert {
  readonly bucket: string
  readonly rule: LimitRule
  readonly of: Counted
  /** `threshold`: the share `share` of the limit is used. `refused`: a request was refused for it. */
  readonly what: 'threshold' | 'refused'
  readonly share: number
  readonly standing: Standing
}

/** How a bucket stands, in the units of its claims. */
export interface Standing {
  readonly bucket: string
  readonly most: number
  readonly used: number
  readonly reserved: number
  /** Until its window ends, or until a rolling one has room for something. */
  readonly resetMs: number
}

export type Verdict =
  | { readonly ok: true; readonly standings: readonly Standing[] }
  /** `refused` is the standing of the claim that did not fit; nothing was reserved for any of them. */
  | { readonly ok: false; readonly refused: Standing; readonly standings: readonly Standing[] }

/**
 * Sums that hold under concurrency, wherever they are kept. What is reserved counts as used until it is settled, so that
 * no two requests are let through for the same rest.
 */
export interface Ledger {
  /** All of the claims or none. `id` is the request's; a second reservation of one id replaces nothing and is refused. */
  reserve(id: string, claims: readonly Claim[]): Verdict | Promise<Verdict>
  /** What was really used, in the order of the claims; all zero gives everything back. Only the first one counts. */
  settle(id: string, amounts: readonly number[]): void
  /** How buckets stand now. */
  standings(buckets: readonly Claim[]): readonly Standing[] | Promise<readonly Standing[]>
}

/**
 * What becomes of requests while the store of the sums cannot be asked: each gateway lets through its share of the limits,
 * none is let through, or all are.
 */
export const FAILURE_POLICIES = ['local_share', 'closed', 'open'] as const
export type FailurePolicy = (typeof FAILURE_POLICIES)[number]

/** The most of a rule, in the units of claims. */
export function mostOf({ meter, most }: LimitRule): number {
  return meter === 'cost' ? toNanoUsd(most) : most
}

/** Sums of money are whole numbers of these, so that adding them is exact. */
export const NANO_USD = 1_000_000_000

export function toNanoUsd(usd: number): number {
  return Math.round(usd * NANO_USD)
}

export function fromNanoUsd(nano: number): number {
  return nano / NANO_USD
}
