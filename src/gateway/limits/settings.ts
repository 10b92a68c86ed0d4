import type { FailurePolicy } from '../../core/limits.ts'

/** How limits are kept, from the configuration's `server`. */
export interface LimitSettings {
  /** What becomes of a request that a limit on cost is for, when no price is known. */
  readonly unknownPrice: 'allow' | 'reject'
  /** The length of an answer for which the request sets no maximum. */
  readonly assumedOutputTokens: number
  /** While the store that gateways share cannot be asked. */
  readonly onFailure: FailurePolicy
}

/** Those of a configuration that says nothing. */
export const DEFAULT_LIMIT_SETTINGS: LimitSettings = {
  unknownPrice: 'allow',
  assumedOutputTokens: 1024,
  onFailure: 'local_share',
}
