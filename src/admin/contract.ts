import type { Explanation } from '../gateway/explain/explanation.ts'
import type { TargetReport } from '../gateway/plan/report.ts'
import type { UsageLatencies } from '../core/database.ts'
import type { RouteIssue, RouteListing } from '../core/route-listing.ts'
import type { AttemptUsage, UsageRecord } from '../core/usage-record.ts'
import type { Role } from './access.ts'
import type { AdminErrorCode } from './errors.ts'

/** What the control plane's API takes and gives, for those who call it. Types only. */
export type { AdminErrorCode, AttemptUsage, Explanation, Role, RouteIssue, TargetReport }

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

/** `GET`, `POST /admin/session`. */
export interface SessionAnswer {
  readonly name: string
  readonly role: Role
  readonly team: string | null
  /** ISO 8601; null where no cookie is in play. */
  readonly expiresAt: string | null
}

/** `GET /admin/about`. */
export interface AboutAnswer {
  readonly version: string
  readonly node: string
  /** ISO 8601. */
  readonly startedAt: string
  /** Where the data plane listens. */
  readonly host: string
  readonly port: number
  readonly workers: number
  readonly auth: 'none' | 'required'
  readonly database: 'sqlite' | 'postgres'
  /** Why the store can keep no secrets; null when it can. */
  readonly secretsProblem: string | null
}

/** `GET /admin/config`. */
export interface ConfigAnswer {
  readonly generation: number
  /** ISO 8601. */
  readonly loadedAt: string
  /** Why the file's last content is not in use; null when it is. */
  readonly error: string | null
}

/** `GET /admin/config/file`. Credentials that stand in it are `[kept 1]` and so on. */
export interface ConfigFile {
  readonly name: string
  /** Null: it cannot be read, or is no YAML, so that nobody can tell what in it is a credential. */
  readonly text: string | null
  /** Of this content; a change names it. */
  readonly tag: string | null
  readonly isWritable: boolean
  /** The content in use, and the one before the last reload. */
  readonly inUse: string | null
  readonly before: string | null
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

/** Of every list; `next` is for `after`, to get the next page. */
export interface ListAnswer<Item> {
  readonly items: readonly Item[]
  readonly next: string | null
}

/** One of `GET /admin/requests`. */
export interface RequestSummary extends Omit<UsageRecord, 'at' | 'attempts'> {
  /** ISO 8601. */
  readonly at: string
}

/** `GET /admin/requests/:id`. */
export interface RequestDetail extends RequestSummary {
  readonly attempts: readonly AttemptUsage[]
}

/** `GET /admin/requests/:id/body`. */
export interface RequestBody {
  readonly request: string | null
  readonly response: string | null
  readonly isRequestCut: boolean
  readonly isResponseCut: boolean
  readonly expiresAt: string | null
}

/** `GET /admin/usage` and `/admin/latency`: from `since` to before `until`. */
export interface SpanAnswer<Row> {
  readonly since: string
  readonly until: string
  readonly rows: readonly Row[]
}

/** Sums of requests. */
export interface UsageRow {
  /** The bucket's beginning, where one was asked for. */
  readonly at?: string
  /** By dimension. */
  readonly group: Readonly<Record<string, string | null>>
  readonly requests: number
  readonly errors: number
  readonly inputTokens: number
  readonly cacheReadTokens: number
  readonly outputTokens: number
  readonly costUsd: number
  readonly unpriced: number
  readonly meanMs: number | null
  readonly meanFirstByteMs: number | null
}

export interface LatencyRow extends Omit<UsageLatencies, 'at'> {
  readonly at: string
}

/** A limit or budget as it is written in a file: one of the meters with how much of it, and the rest. */
export interface WrittenLimit {
  readonly requests?: number
  readonly tokens?: number
  readonly cost?: number
  readonly concurrent?: number
  readonly per?: string
  readonly window?: 'rolling'
  readonly by?: string
  readonly action?: string
  readonly alert_at?: readonly number[]
}

/** What every object of the database has. */
interface ObjectAnswer {
  readonly id: string
  readonly version: number
  readonly createdAt: string
  readonly updatedAt: string
}

/** One of `GET /admin/keys`. */
export interface KeyAnswer extends ObjectAnswer {
  readonly name: string
  readonly hint: string
  readonly user: string | null
  readonly team: string | null
  readonly tags: Readonly<Record<string, string>>
  readonly routes: readonly string[]
  readonly limits: readonly WrittenLimit[]
  readonly expiresAt: string | null
  readonly enabled: boolean
  readonly metadata: Readonly<Record<string, unknown>>
  readonly previousUntil: string | null
  readonly lastUsedAt: string | null
}

/** `POST /admin/keys` and `/admin/keys/:id/rotate`: with the key, this once. */
export interface NewKeyAnswer extends KeyAnswer {
  readonly key: string
}

/** One of `GET /admin/teams`. */
export interface TeamAnswer extends ObjectAnswer {
  readonly limits: readonly WrittenLimit[]
  readonly tags: Readonly<Record<string, string>>
  readonly enabled: boolean
}

/** One of `GET /admin/users`. */
export interface UserAnswer extends ObjectAnswer {
  readonly email: string | null
  readonly team: string | null
  readonly limits: readonly WrittenLimit[]
  readonly enabled: boolean
}

/** One of `GET /admin/budgets`. */
export interface BudgetAnswer {
  readonly place: { readonly kind: 'route' | 'key' | 'user' | 'team'; readonly name: string } | null
  readonly rule: WrittenLimit
  readonly subject: Readonly<Record<string, string>> | null
  readonly most: number
  readonly used: number
  readonly reserved: number
  readonly resetMs: number
}

/** One of `GET /admin/routes`. */
export interface RouteSummary extends RouteListing {
  readonly health: 'ok' | 'degraded' | 'down' | null
  readonly targets: readonly Pick<
    TargetReport,
    'target' | 'breaker' | 'coolsForMs' | 'inFlight' | 'requests' | 'failures'
  >[]
}

/** `GET /admin/routes/:id`. */
export interface RouteDetail extends RouteSummary {
  readonly definition: Readonly<Record<string, unknown>> | null
  readonly createdAt: string | null
  readonly updatedAt: string | null
}

/** One of `GET /admin/secrets`. */
export interface SecretAnswer extends Omit<ObjectAnswer, 'id'> {
  readonly name: string
  readonly keyId: string
  readonly usedBy: readonly string[]
  readonly problem: string | null
}

/** One of `GET /admin/audit`. */
export interface AuditEntry {
  readonly id: string
  readonly at: string
  readonly actor: string
  readonly action: string
  readonly object: string
  readonly before: Readonly<Record<string, unknown>> | null
  readonly after: Readonly<Record<string, unknown>> | null
}
