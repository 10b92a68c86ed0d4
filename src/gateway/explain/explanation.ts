import type { Operation } from '../../core/dialect.ts'
import type { ErrorKind } from '../../core/error.ts'
import type { PlanSettings } from '../../core/plan-settings.ts'
import type { PolicyOptions } from '../../core/policy.ts'
import type { RouteType } from '../../core/route.ts'
import type { TargetReport } from '../plan/report.ts'

/** What would become of one request, and why. It is JSON: no credential is in it, and times are in milliseconds. */
export interface Explanation {
  readonly route: string
  readonly type: RouteType
  readonly operation: Operation
  readonly stream: boolean
  readonly strategy: string
  /** Every target of the route, those of routes that are its targets and every key included. */
  readonly targets: readonly ExplainedTarget[]
  /** Null: the request belongs to no conversation. */
  readonly affinity: ExplainedAffinity | null
  readonly order: ExplainedOrder
  readonly settings: PlanSettings
  /** The policies around the request that are configured, the outermost first. */
  readonly policies: readonly ExplainedPolicy[]
  readonly fallbacks: readonly ExplainedFallback[]
  /** Null: no target takes the request, or none is needed to answer it. */
  readonly upstream: UpstreamRequest | null
  /** What happens before or instead of a request to a provider, in words. */
  readonly notes: readonly string[]
}

export interface ExplainedTarget {
  /** The route whose target it is. */
  readonly route: string
  readonly target: string
  /** Its weight, behind those of the groups around it: the outermost first. */
  readonly weights: readonly number[]
  /** How many of the requests like this one begin here now, from 0 to 1; without affinity. */
  readonly share: number
  readonly state: TargetReport
  /** USD for a request of typical length; null when nobody knows. */
  readonly priceUsd: number | null
  readonly isEligible: boolean
  /** Why it is ruled out, in words; empty for one that is not. */
  readonly reasons: readonly string[]
  /** What it would answer to this request without asking its provider; null: it would ask. */
  readonly refusal: string | null
  /** Those that hold for it because it belongs to another route; null: those of the request's own. */
  readonly ownSettings: Pick<PlanSettings, 'timeout' | 'breaker'> | null
}

export interface ExplainedAffinity {
  /** As configured; `session`, from headers alone, without configuration. */
  readonly by: string
  /** The start of a digest of what names the conversation: callers may have put anything there. */
  readonly conversation: string
  /** Null: none of the conversation's targets is healthy. */
  readonly target: string | null
}

export interface ExplainedOrder {
  readonly tries: readonly ExplainedTry[]
  /** How many of them there are at most, repetitions included; each fallback is one more. */
  readonly maxAttempts: number
  /** How the order comes about, in words. */
  readonly rule: string
}

export interface ExplainedTry {
  readonly route: string
  readonly target: string
  readonly why: 'affinity' | 'strategy' | 'least bad' | 'fallback'
}

export interface ExplainedPolicy {
  readonly name: string
  readonly options: PolicyOptions
}

export interface ExplainedFallback {
  readonly route: string
  /** The classes of failures for which it is used. */
  readonly on: readonly ErrorKind[]
  readonly targets: readonly ExplainedTarget[]
  /** The one that would be asked; a fallback asks one only. */
  readonly first: string | null
}

/** What the provider of the first target would get. It was not sent. */
export interface UpstreamRequest {
  readonly route: string
  readonly target: string
  readonly provider: string
  readonly model: string | null
  /** The upstream format that is spoken. */
  readonly format: string
  /** Whether the client's bytes go through the canonical form. */
  readonly isTranslated: boolean
  /** What the provider has no place for, in the client's words. */
  readonly dropped: readonly string[]
  readonly body: string
  /** Null: the provider makes no HTTP request of its own. */
  readonly http: UpstreamHttp | null
  /** What is different when it is really sent. */
  readonly notes: readonly string[]
}

export interface UpstreamHttp {
  readonly method: string
  readonly url: string
  readonly headers: readonly (readonly [name: string, value: string])[]
  /** The same as a command for a POSIX shell, but for the credentials. */
  readonly curl: string
}
