import type { Claim, LimitAlert, Standing, Verdict } from '../core/limits.ts'

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

/** The primary's answers, each by the number of its request or question. */
export interface LedgerAnswers {
  readonly type: 'ledger-answers'
  readonly answers: readonly LedgerAnswer[]
}

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

/** The refused claim's standing may say another time than the list: it is the one that waits for that request's room. */
export function toAnswer(n: number, verdict: Verdict): LedgerAnswer {
  const standings = verdict.standings.map(bare)
  if (verdict.ok) return [n, -1, standings]
  const index = verdict.standings.findIndex(({ bucket }) => bucket === verdict.refused.bucket)
  return [n, index, standings.with(Math.max(index, 0), bare(verdict.refused))]
}
