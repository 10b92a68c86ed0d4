import type { Tags } from './identity.ts'
import type { LimitRule } from './limits.ts'
import type { UsageOutcome, UsageRecord } from './usage-record.ts'

/**
 * Everything that outlives the gateway, in SQLite or Postgres. Times are milliseconds since 1970. Every method rejects
 * with a `DatabaseError` when the database cannot be reached or cannot do it.
 */
export interface Database {
  readonly engine: 'sqlite' | 'postgres'
  readonly keys: KeyTable
  readonly users: ObjectTable<UserRow>
  readonly teams: ObjectTable<TeamRow>
  readonly routes: ObjectTable<RouteRow>
  readonly secrets: ObjectTable<SecretRow>
  readonly usage: UsageTable
  readonly bodies: BodyTable
  readonly audit: AuditTable
  readonly settings: SettingTable
  readonly changes: ChangeTable
  readonly buckets: BucketTable
  /** As what was asked of it last found it. */
  readonly state: DatabaseState
  /** `listener` is called when it has gone away and when it is back, and at once when it is away. */
  whenStateChanges(listener: (state: DatabaseState) => void): void
  /** Resolves when it can be read. */
  ping(): Promise<void>
  close(): Promise<void>
}

export class DatabaseError extends Error {
  override readonly name = 'DatabaseError'
  /**
   * `taken`: there is one of that name already. `stale`: somebody else has changed it meanwhile. `invalid`: it will never
   * be kept as it is. `unavailable`: try again later.
   */
  readonly kind: 'taken' | 'stale' | 'invalid' | 'unavailable'

  constructor(kind: DatabaseError['kind'], message: string, options?: ErrorOptions) {
    super(message, options)
    this.kind = kind
  }
}

export interface DatabaseState {
  readonly isUp: boolean
  readonly since: number
  /** Why it is not. */
  readonly problem?: string
}

/** What every object has. */
export interface StoredObject {
  /** Unique in its table; for users and teams, routes and secrets their name. */
  readonly id: string
  /** Counts the changes, from 1: an update names the one that it is based on. */
  readonly version: number
  readonly createdAt: number
  readonly updatedAt: number
}

/** Who changes something, and what the audit log calls it: `key.create`, say. */
export interface Audit {
  /** The admin's name: `admin`, or the subject of a token. */
  readonly actor: string
  readonly action: string
}

/** Nothing but what belongs to this team is found. */
export interface Scope {
  readonly team?: string | undefined
}

/** Which object is to be changed, and at which of its versions. A row is one too. */
export interface At {
  readonly id: string
  readonly version: number
  readonly scope?: Scope
}

/**
 * Texts in it have no NUL character and no half of a surrogate pair: those are refused as `invalid`. What changes an
 * object stands in the audit log with it, in one transaction, when it is told who did it.
 */
export interface ObjectTable<Row extends StoredObject> {
  get(id: string, scope?: Scope): Promise<Row | undefined>
  /** By id, in the order of its bytes as UTF-8. */
  list(query: PageQuery & Scope): Promise<Page<Row>>
  /** Rejects with `taken` when there is one of this id. */
  create(row: Fresh<Row>, audit?: Audit): Promise<Row>
  /** Rejects with `stale` when `version` is not the present one. Undefined: there is none. */
  update(at: At, changes: Partial<Fresh<Row>>, audit?: Audit): Promise<Row | undefined>
  /** Whatever its version is, when none is given. */
  delete(at: Omit<At, 'version'> & Partial<At>, audit?: Audit): Promise<boolean>
}

export const OBJECT_KINDS = ['key', 'user', 'team', 'route', 'secret'] as const
export type ObjectKind = (typeof OBJECT_KINDS)[number]

/** How often objects were changed, so that whoever keeps copies asks for no more than a number. */
export interface ChangeTable {
  /** Grows in the transaction of each change of an object of these kinds; of all, when none is named. */
  current(kinds?: readonly ObjectKind[]): Promise<number>
}

/** A row before the database has given it version and times. */
export type Fresh<Row extends StoredObject> = Omit<Row, 'version' | 'createdAt' | 'updatedAt'>

export interface PageQuery {
  /** At most this many. */
  readonly limit: number
  /** As the page before gave it. */
  readonly after?: string
}

export interface Page<Row> {
  readonly rows: readonly Row[]
  /** For the next page; absent on the last. */
  readonly next?: string
}

/** A virtual key. The key itself is nowhere. */
export interface KeyRow extends StoredObject {
  /** HMAC-SHA-256 of the key, base64url. */
  readonly digest: string
  /** Of the key that it took the place of, which is taken until `previousUntil`. */
  readonly previousDigest: string | null
  readonly previousUntil: number | null
  /** For people: its prefix and last four characters. */
  readonly hint: string
  readonly name: string
  readonly user: string | null
  /** Null: it belongs to the team of its user. */
  readonly team: string | null
  readonly tags: Tags
  readonly routes: readonly string[]
  readonly limits: readonly LimitRule[]
  readonly expiresAt: number | null
  readonly isEnabled: boolean
  readonly metadata: Readonly<Record<string, unknown>>
  readonly lastUsedAt: number | null
}

export interface KeyTable extends ObjectTable<KeyRow> {
  /** By the digest of its present key, or of its previous one. */
  findByDigest(digest: string): Promise<KeyRow | undefined>
  search(query: KeyQuery): Promise<Page<KeyRow>>
  /** When keys were last used, by id. Changes no version, and stands in no audit log. */
  touch(uses: ReadonlyMap<string, number>): Promise<void>
  /** Keys whose row, user or team changed after `since`, deleted ones as an id only, for those who keep copies. */
  changes(since: number): Promise<KeyChanges>
}

export interface KeyQuery extends PageQuery, Scope {
  readonly user?: string
  /** A part of the name or of the hint. */
  readonly text?: string
}

export interface KeyChanges {
  /** Pass it to the next call. */
  readonly until: number
  /** Digests, present and previous, of which nothing that is known may be used any more. */
  readonly digests: readonly string[]
}

export interface UserRow extends StoredObject {
  readonly email: string | null
  readonly team: string | null
  readonly limits: readonly LimitRule[]
  /** Else nobody is let in as this user, whatever the key. */
  readonly isEnabled: boolean
}

export interface TeamRow extends StoredObject {
  readonly limits: readonly LimitRule[]
  readonly tags: Tags
  /** Else nobody is let in for this team. */
  readonly isEnabled: boolean
}

/** A route that is not in the file. */
export interface RouteRow extends StoredObject {
  /** As it would stand in the file, without credentials. */
  readonly definition: Readonly<Record<string, unknown>>
}

/** A provider's credential, encrypted. */
export interface SecretRow extends StoredObject {
  /** Names the key it is encrypted with. */
  readonly keyId: string
  /** AES-256-GCM: nonce, ciphertext and tag, base64. */
  readonly sealed: string
}

export interface SettingTable {
  get(name: string): Promise<string | undefined>
  /** What stands there afterwards: of several who set it first at one time, one wins, and all are told its value. */
  setOnce(name: string, value: string): Promise<string>
  set(name: string, value: string): Promise<void>
}

export interface UsageTable {
  /**
   * Keeps records that it does not have yet, and how far a spool was read, in one transaction. Gives the number of new
   * ones.
   */
  append(records: readonly UsageRecord[], progress?: SpoolProgress): Promise<number>
  progress(spool: string): Promise<number>
  get(id: string, scope?: Scope): Promise<UsageRecord | undefined>
  /** The newest first. */
  list(query: UsageQuery & PageQuery): Promise<Page<UsageSummary>>
  totals(query: UsageQuery, by: TotalsBy): Promise<readonly UsageTotals[]>
  /** By the buckets in which there were requests, the oldest first. */
  latencies(query: UsageQuery, bucketMs: number): Promise<readonly UsageLatencies[]>
  /** Puts right what requests cost. Gives the number of those it changed. */
  reprice(
    costs: ReadonlyMap<string, { costUsd: number | null; priceVersion: string | null }>,
  ): Promise<number>
  /** Deletes at most `atMost` records from before `before` with their bodies, the oldest first; gives how many. */
  prune(before: number, atMost: number): Promise<number>
}

/** What was said in a request. */
export interface StoredBody {
  /** The request's. */
  readonly id: string
  readonly at: number
  /** When it may be deleted; null: with the request's record. */
  readonly expiresAt: number | null
  /** Null: there was none, or it is not kept. */
  readonly request: string | null
  readonly response: string | null
  /** Whether it is no more than the beginning. */
  readonly isRequestCut: boolean
  readonly isResponseCut: boolean
}

/** Bodies, of routes that keep them: apart from the records, so that lists of those stay fast. */
export interface BodyTable {
  /** Keeps those that it does not have yet, and how far a spool was read. Gives the number of new ones. */
  append(bodies: readonly StoredBody[], progress?: SpoolProgress): Promise<number>
  /** With a team, only of requests whose record is there and is this team's. */
  get(id: string, scope?: Scope): Promise<StoredBody | undefined>
  /** Deletes at most `atMost` of those that may be by `now`; gives how many. */
  prune(now: number, atMost: number): Promise<number>
}

/** So many bytes of a spool file were read. */
export interface SpoolProgress {
  readonly spool: string
  readonly offset: number
}

/** What a list shows: a record without its attempts. */
export type UsageSummary = Omit<UsageRecord, 'attempts'>

export interface UsageQuery {
  /** From `since` to before `until`. */
  readonly since?: number
  readonly until?: number
  readonly keyId?: string
  readonly user?: string
  readonly team?: string
  readonly route?: string
  readonly provider?: string
  readonly model?: string
  readonly outcome?: UsageOutcome
  readonly status?: number
  readonly error?: string
  /** A tag and its value. */
  readonly tag?: readonly [string, string]
}

export const USAGE_DIMENSIONS = [
  'key',
  'user',
  'team',
  'route',
  'target',
  'provider',
  'model',
  'status',
  'error',
] as const
export type UsageDimension = (typeof USAGE_DIMENSIONS)[number] | `tag:${string}`

/** How long requests of a time took. */
export interface UsageLatencies {
  /** The bucket's beginning. */
  readonly at: number
  readonly requests: number
  /** Until the last byte. */
  readonly duration: Latency
  readonly firstByte: Latency
}

/** In milliseconds: half of the requests, 95 and 99 in a hundred were as fast. */
export interface Latency {
  readonly p50: number
  readonly p95: number
  readonly p99: number
}

export interface TotalsBy {
  /** Length of a time bucket in milliseconds; absent: all of the time in one. */
  readonly bucketMs?: number
  readonly dimensions: readonly UsageDimension[]
}

export interface UsageTotals {
  /** The bucket's beginning; absent without buckets. */
  readonly at?: number
  /** In the order of the dimensions. */
  readonly group: readonly (string | null)[]
  readonly requests: number
  readonly errors: number
  readonly inputTokens: number
  readonly cacheReadTokens: number
  readonly outputTokens: number
  /** Of those whose price is known; `unpriced` is the number of the others. */
  readonly costUsd: number
  readonly unpriced: number
  readonly durationMs: number
  readonly firstByteMs: number
}

/** Who changed what. Never changed itself, and holds no secret. */
export interface AuditRow extends Audit {
  readonly id: string
  readonly at: number
  /** Its kind and id, as `key/k1`. */
  readonly object: string
  /** Whose object it was before and after the change. */
  readonly teams: readonly string[]
  /** Fields before and after, those that changed; null when there was or is no object. */
  readonly before: Readonly<Record<string, unknown>> | null
  readonly after: Readonly<Record<string, unknown>> | null
}

export interface AuditTable {
  /** Of what is no object of this database; objects see to it themselves. */
  append(row: Omit<AuditRow, 'id' | 'at' | 'teams'>): Promise<AuditRow>
  /** The newest first. */
  list(query: AuditQuery): Promise<Page<AuditRow>>
}

export interface AuditQuery extends PageQuery, Scope {
  readonly object?: string
  readonly actor?: string
  readonly action?: string
}

/** Sums of limits that several gateways share. */
export interface BucketTable {
  /**
   * In one transaction, in which nobody else changes these; `work` may be called again when it gave way to another. The
   * holder lives.
   */
  change<Result>(
    holder: string,
    names: readonly string[],
    work: (held: HeldBuckets) => Result,
  ): Promise<Result>
  /** This holder lives: for half a minute it need not say so again. Gives how many do. */
  stayAlive(holder: string): Promise<number>
  /** It does not any more. */
  leave(holder: string): Promise<void>
}

export interface HeldBuckets {
  /** By the database's clock. */
  readonly now: number
  get(this: void, name: string): string | undefined
  set(this: void, name: string, state: string, expiresAt: number): void
  isAlive(this: void, holder: string): boolean
}
