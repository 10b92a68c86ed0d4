import { GatewayError } from '../../core/error.ts'
import { type Claim, type FailurePolicy, type Ledger, type LimitRule, mostOf } from '../../core/limits.ts'

export interface WithoutStoreSetup {
  readonly policy: FailurePolicy
  /** Sums of this gateway alone. */
  readonly local: Ledger
  /** How many gateways share the limits. */
  gateways(this: void): number
}

/** What decides while nobody can ask the store in which several gateways keep their sums. */
export function withoutStore({ policy, local, gateways }: WithoutStoreSetup): Ledger {
  switch (policy) {
    case 'open':
      return {
        reserve: (_id, claims) => ({ ok: true, standings: claims.map(unknown) }),
        settle: () => undefined,
        standings: (claims) => claims.map(unknown),
      }
    case 'closed':
      return {
        reserve: () => Promise.reject(unavailable()),
        settle: () => undefined,
        standings: (claims) => claims.map(unknown),
      }
    case 'local_share': {
      const shareOf = (claims: readonly Claim[]): readonly Claim[] =>
        claims.map((claim) => share(claim, gateways()))
      return {
        reserve: (id, claims) => local.reserve(id, shareOf(claims)),
        settle: (id, amounts) => local.settle(id, amounts),
        standings: (claims) => local.standings(shareOf(claims)),
      }
    }
  }
}

function share(claim: Claim, gateways: number): Claim {
  if (gateways <= 1) return claim
  return { ...claim, rule: shareOfRule(claim.rule, gateways) }
}

const SHARES = new WeakMap<LimitRule, { gateways: number; rule: LimitRule }>()

/** Of a limit that is counted in whole ones, everybody has one at least. */
function shareOfRule(rule: LimitRule, gateways: number): LimitRule {
  const known = SHARES.get(rule)
  if (known?.gateways === gateways) return known.rule
  const part = rule.most / gateways
  const most = rule.meter === 'cost' ? part : Math.max(Math.floor(part), 1)
  // Shares of a share are nobody's concern.
  const made = { ...rule, most, alertAt: [] }
  SHARES.set(rule, { gateways, rule: made })
  return made
}

/** Nobody knows what was used. */
function unknown({ rule, bucket }: Claim): {
  bucket: string
  most: number
  used: number
  reserved: number
  resetMs: number
} {
  return { bucket, most: mostOf(rule), used: 0, reserved: 0, resetMs: 0 }
}

function unavailable(): GatewayError {
  return new GatewayError('The limits cannot be checked at present. Try again.', {
    kind: 'busy',
    status: 503,
    code: 'limits_unavailable',
    retryAfter: '1',
  })
}
