/** A breaker opened for `untilMs` from now, or closed. `key` is the target's, with a digest of its credential. */
export interface BreakerNews {
  readonly key: string
  readonly state: 'open' | 'closed'
  readonly untilMs: number
}
