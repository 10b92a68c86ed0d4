import type { JsonObject } from '../core/json.ts'
import type { Provider } from '../core/provider.ts'

/** One model that a route's requests may go to. */
export interface Target {
  readonly provider: Provider
  readonly params?: RequestParams
  /** Whether a request is refused when the provider cannot take all of it. */
  readonly isStrict?: boolean
  readonly limits?: CallLimits
}

/** Time limits that only who calls the provider can hold, in milliseconds; undefined: the provider's own default. */
export interface CallLimits {
  readonly connectMs: number | undefined
  readonly idleMs: number | undefined
}

/** What a route does to the body that goes to the provider, in the provider's own names. */
export interface RequestParams {
  /** Members for requests that have none of that name. */
  readonly default?: JsonObject
  /** Members that replace the client's. */
  readonly override?: JsonObject
  /** Members that are left out. */
  readonly drop?: readonly string[]
}
