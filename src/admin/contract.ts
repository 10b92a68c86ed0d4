import type { Explanation } from '../gateway/explain/explanation.ts'
import type { TargetReport } from '../gateway/plan/report.ts'
import type { RouteIssue } from '../core/route-listing.ts'
import type { AdminErrorCode } from './errors.ts'

/** What the control plane's API takes and gives, for those who call it. Types only. */
export type { Explanation, TargetReport }

/** `POST /admin/explain`; the answer is an `Explanation`. */
export interface ExplainRequest {
  /** The name of a route. */
  readonly route: string
  /** The body that a client would send. */
  readonly request: Readonly<Record<string, unknown>>
  /** The API that it is of, such as `anthropic`; OpenAI's when absent. */
  readonly dialect?: string
  readonly headers?: Readonly<Record<string, string>>
  /** The caller's credential, as far as decisions depend on it. It is in no answer. */
  readonly key?: string
}

/** `GET /admin/targets`: what all workers together know. */
export interface TargetsAnswer {
  readonly targets: readonly TargetStatus[]
  readonly routes: readonly RouteStatus[]
}

export interface TargetStatus extends TargetReport {
  /** The share of input tokens that providers had in their caches, from 0 to 1; null while nothing was counted. */
  readonly cacheReadRatio: number | null
}

export interface RouteStatus {
  readonly route: string
  readonly requests: number
  readonly failures: number
  readonly inputTokens: number
  readonly cacheReadTokens: number
  /** As for targets. */
  readonly cacheReadRatio: number | null
}

/** One of `POST /admin/alerts/test`. */
export interface AlertTest {
  readonly host: string
  readonly ok: boolean
  readonly problem: string | null
}

/** `GET /admin/config`. */
export interface ConfigAnswer {
  readonly generation: number
  /** ISO 8601. */
  readonly loadedAt: string
  /** Why the file's last content is not in use; null when it is. */
  readonly error: string | null
}

/** `POST /admin/config/validate`. */
export interface ValidationAnswer {
  readonly valid: boolean
  /** In the order of the text; warnings are no mistakes, and yet keep something from being used. */
  readonly issues: readonly TextIssue[]
  readonly warnings: readonly TextIssue[]
}

/** Something at a place of a text; both count from 1, and are 0 for the text as a whole. */
export interface TextIssue {
  readonly line: number
  readonly column: number
  /** Such as `routes[2].model.name`; empty for the top level. */
  readonly path: string
  readonly message: string
}

/** Every refusal. */
export interface RefusalAnswer {
  readonly error: {
    readonly code: AdminErrorCode
    readonly message: string
    readonly issues?: readonly RouteIssue[]
  }
}
