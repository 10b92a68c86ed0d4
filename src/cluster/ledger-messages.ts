import { mostOf, type Claim, type LimitAlert, type Standing, type Verdict } from '../core/limits.ts'

/** What a worker asks of the ledger in one turn of its loop, in order. */
export interface LedgerBatch {
  readonly type: 'ledger'
  /** Buckets that are named by number from now on, each sent once. */
  readonly known?: readonly (readonly [number, BucketInfo])[]
  /** The numbers begin anew: forget those before. */
  readonly isFresh?: true
  readonly steps: readonly LedgerStep[]
}

export type BucketInfo = Pick<Claim, 'rule' | 'bucket' | 'of'>

/** Reserve for request `n`: pairs of a bucket's number and an amount. Or settle it. Or only look, as question `n`. */
export type LedgerStep =
  | readonly ['reserve', n: number, claims: readonly (readonly [bucket: number, amount: number])[]]
  | readonly ['settle', n: number, amounts: readonly number[]]
  | readonly ['look', n: number, buckets: readonly number[]]
  | LeaseStep

/**
 * Of what was leased of a bucket `used` was used, `held` is held by requests under way, and by `change` the lease is to
 * grow or shrink.
 */
export type LeaseStep = readonly [
  'lease',
  lease: number,
  bucket: number,
  used: number,
  held: number,
  change: number,
]

/** The primary's answers, each by the number of its request or question. */
export interface LedgerAnswers {
  readonly type: 'ledger-answers'
  readonly answers: readonly LedgerAnswer[]
  readonly leases?: readonly LeaseAnswer[]
  /** Numbers of leases of which somebody else needs what is not held. */
  readonly recalled?: readonly number[]
}

/** How large a lease is now, and how its bucket stands without it; no standing where nothing can be leased. */
export type LeaseAnswer = readonly [lease: number, amount: number, standing?: BareStanding]

/** `refused` is the index of the claim that did not fit, -1 when all did. */
export type LedgerAnswer = readonly [n: number, refused: number, standings: readonly BareStanding[]]
/** Used, reserved, and milliseconds until it is reset. */
export type BareStanding = readonly [used: number, reserved: number, resetMs: number]

/** A worker that counts in a store of its own passes on what somebody is to be told. */
export interface LimitAlertMessage {
  readonly type: 'limit-alert'
  readonly alert: LimitAlert
}

export function bare({ used, reserved, resetMs }: Standing): BareStanding {
  return [used, reserved, resetMs]
}

export function toStandings(claims: readonly Claim[], bares: readonly BareStanding[]): Standing[] {
  return claims.map(({ rule, bucket }, index) => {
    const [used = 0, reserved = 0, resetMs = 0] = bares[index] ?? []
    return { bucket, most: mostOf(rule), used, reserved, resetMs }
  })
}

/** The refused claim's standing may say another time than the list: it is the one that waits for that request's room. */
export function toAnswer(
  n: number,
  verdict: Verdict,
  written: (standing: Standing) => BareStanding,
): LedgerAnswer {
  const standings = verdict.standings.map(written)
  if (verdict.ok) return [n, -1, standings]
  const index = verdict.standings.findIndex(({ bucket }) => bucket === verdict.refused.bucket)
  return [n, index, standings.with(Math.max(index, 0), written(verdict.refused))]
}
