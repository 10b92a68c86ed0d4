import type { Identity } from '../../core/identity.ts'
import type { Claim, Counted, LimitRule } from '../../core/limits.ts'

/** Those who did not say who they are are one caller. */
const ANONYMOUS = 'anonymous'

/** Who asks for what. */
export interface Asking {
  readonly route: string
  readonly identity: Identity | undefined
}

/** A claim whose amount is not known yet. */
export type OpenClaim = Omit<Claim, 'amount'>

/** A claim for each rule that applies to a request: one by a user, a team or a tag only to callers that have it. */
export function claimsOf(rules: readonly LimitRule[], asking: Asking): OpenClaim[] {
  return rules.flatMap((rule) => {
    const whose = whoseOf(rule, asking)
    if (!whose) return []
    return [{ rule, bucket: `${rule.id}=${whose.name}`, of: { ...placeOf(rule), ...whose.of } }]
  })
}

/** Undefined: the rule is not for this caller. */
function whoseOf({ by }: LimitRule, { route, identity }: Asking): { name: string; of: Counted } | undefined {
  switch (by) {
    case 'all':
      return { name: '', of: {} }
    case 'route':
      return { name: route, of: { route } }
    case 'key':
      return identity ? { name: identity.id, of: { keyId: identity.id } } : { name: ANONYMOUS, of: {} }
    case 'user':
      return identity?.user ? { name: identity.user, of: { user: identity.user } } : undefined
    case 'team':
      return identity?.team ? { name: identity.team, of: { team: identity.team } } : undefined
    default: {
      const tag = by.slice('tag:'.length)
      const value = identity && Object.hasOwn(identity.tags, tag) ? identity.tags[tag] : undefined
      return value === undefined ? undefined : { name: value, of: { tag: [tag, value] } }
    }
  }
}

function placeOf({ place }: LimitRule): Counted {
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
