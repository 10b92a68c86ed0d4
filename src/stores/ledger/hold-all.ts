import { mostOf, type Claim, type LimitAlert, type LimitRule, type Verdict } from '../../core/limits.ts'
import type { Bucket, Held, Measure } from './bucket.ts'

/** What a request holds of one bucket, until it is settled. */
export interface Hold extends Held {
  readonly bucket: string
  readonly claim: Claim
}

export interface HoldSetup {
  readonly claims: readonly Claim[]
  readonly now: number
  readonly bucketOf: (claim: Claim) => Bucket
  readonly tell: (alert: LimitAlert) => void
}

/** All of the claims or none. `holds` is what `settleAll` needs; empty when it was refused. */
export function holdAll({ claims, now, bucketOf, tell }: HoldSetup): { verdict: Verdict; holds: Hold[] } {
  const buckets = claims.map((claim) => {
    const bucket = bucketOf(claim)
    bucket.moveTo(now, measureOf(claim.rule))
    return bucket
  })
  const refused = claims.flatMap(({ rule, bucket: name, amount, isDecided }, index) => {
    const bucket = buckets[index]
    if (!bucket || isDecided || rule.action === 'alert' || bucket.fits(amount, mostOf(rule))) return []
    return [{ index, standing: bucket.standing(name, { now, measure: measureOf(rule), wanted: amount }) }]
  })
  // To come back sooner than the last of them has room would be in vain.
  const [worst] = refused.toSorted((one, other) => other.standing.resetMs - one.standing.resetMs)
  const holds = worst
    ? []
    : claims.map((claim, index): Hold => {
        const piece = buckets[index]?.reserve(claim.amount) ?? 0
        return { bucket: claim.bucket, claim, reserved: claim.amount, piece }
      })
  const standings = claims.flatMap(({ rule, bucket: name }, index) => {
    return buckets[index]?.standing(name, { now, measure: measureOf(rule) }) ?? []
  })
  if (!worst) return { verdict: { ok: true, standings }, holds }
  const claim = claims[worst.index]
  if (claim && claim.rule.alertAt.length > 0 && buckets[worst.index]?.isFirstRefusal(now)) {
    const { bucket, rule, of } = claim
    tell({ bucket, rule, of, what: 'refused', share: 1, standing: worst.standing })
  }
  return { verdict: { ok: false, refused: worst.standing, standings }, holds }
}

export interface SettleSetup {
  readonly holds: readonly Hold[]
  readonly amounts: readonly number[]
  readonly now: number
  /** Undefined when it is gone with its window. */
  readonly bucketOf: (name: string) => Bucket | undefined
  readonly tell: (alert: LimitAlert) => void
}

/** In the place of what is held, these amounts were used. */
export function settleAll({ holds, amounts, now, bucketOf, tell }: SettleSetup): void {
  for (const [index, hold] of holds.entries()) {
    const { rule, of } = hold.claim
    const bucket = bucketOf(hold.bucket)
    const measure = measureOf(rule)
    bucket?.settle(hold, Math.max(amounts[index] ?? 0, 0), measure)
    if (!bucket || rule.alertAt.length === 0) continue
    const share = bucket.crossed(now, measure)
    if (share === undefined) continue
    const standing = bucket.standing(hold.bucket, { now, measure })
    tell({ bucket: hold.bucket, rule, of, what: 'threshold', share, standing })
  }
}

/** What a bucket needs to know of its rule; made once for each. */
export function measureOf(rule: LimitRule): Measure {
  const known = MEASURES.get(rule)
  if (known) return known
  const { window, alertAt } = rule
  const measure = { most: mostOf(rule), alertAt, ...(window && { window }) }
  MEASURES.set(rule, measure)
  return measure
}

const MEASURES = new WeakMap<LimitRule, Measure>()
