import type { OptionsSchema } from './options.ts'
import type { ByteSource } from './bytes.ts'
import type { CancelSignal } from './cancel.ts'
import type { UpstreamFormat, Upload } from './dialect.ts'
import type { JsonObject } from './json.ts'
import type { RouteType } from './route.ts'
import type { Secret } from './secret.ts'

/**
 * Who serves models. A definition is registered once in `providers/index.ts`; each target of a route makes one
 * `Provider` from it.
 */
export interface ProviderDefinition {
  /** As written in `model.provider`, in lower case with dashes. */
  readonly name: string
  /** Other names that a file may use for it. */
  readonly aliases?: readonly string[]
  readonly routeTypes: readonly RouteType[]
  /**
   * The keys of `model.config`. A string property with `secret: true` is resolved from `$ENV`, a file or the literal
   * and reaches `create` as a `Secret`. Every property has a `description`: it is the reference page.
   */
  readonly options: OptionsSchema
  /**
   * What the schema cannot say: one message per mistake, with the path below `config` ([] for the whole). `model` is
   * `model.name`.
   */
  check?(config: JsonObject, model: string | null): ConfigIssue[]
  create(setup: ProviderSetup): Provider
}

export interface ConfigIssue {
  path: (string | number)[]
  message: string
}

export interface ProviderSetup {
  /** `model.name`; null when the file gives none. */
  model: string | null
  /** What the route serves. */
  routeType?: RouteType
  /** Checked against `options`. */
  config: ProviderConfig
}

/** Plain values, but for secrets. */
export type ProviderConfig = Readonly<Record<string, unknown>>

/** One target, ready to be called. */
export interface Provider {
  readonly name: string
  /** The model's name, in requests and for what depends on it; null when the configuration gives none. */
  readonly model: string | null
  /** The model stands in the URL, not in the body (Azure's deployments). */
  readonly omitsModel?: boolean
  /** Everything that is served, an operation's preferred format first. A client's own format is chosen before others. */
  readonly formats: readonly UpstreamFormat[]
  /** Resolves when the reply's headers are there. Rejects with a `GatewayError` when there will be none. */
  send(attempt: Attempt): Promise<UpstreamReply>
  /** What `send` would send, for those who want to know; nothing is sent. Absent: it makes no HTTP request of its own. */
  describe?(attempt: Attempt): DescribedRequest
  /** Any request to the provider's own API, with the target's credential. Absent: there is no such API. */
  forward?(request: RawRequest): Promise<UpstreamReply>
  /** Every secret this target sends, to be scrubbed from what the provider says back. */
  readonly secrets: readonly Secret[]
  /** Called once, when no request uses the target any more. */
  close(): Promise<void>
}

export interface Attempt {
  /** One of the provider's own `formats`. */
  format: UpstreamFormat
  stream: boolean
  body: Buffer | string
  /** In place of `body`: one that is still arriving. */
  upload?: Upload
  /** The content type of the body; JSON when absent. */
  contentType?: string
  /** Headers of the client's dialect. The provider sends on those that it knows, and no other. */
  headers?: Readonly<Record<string, string>>
  /** Headers by which the request belongs to a trace; sent on as they are. */
  trace?: Readonly<Record<string, string>>
  /** Aborted when the client leaves or time is up; `reason` is a `GatewayError`. */
  signal: CancelSignal
  /** How long may pass until there is a connection, and between two pieces of the answer; in milliseconds. */
  connectMs?: number
  idleMs?: number
  /** Told when the request is sent once more, because a kept connection turned out to be dead. */
  onResend?(): void
}

/** A request as it would go out, fit to be shown. */
export interface DescribedRequest {
  readonly method: string
  readonly url: string
  /** Names and values in their order; credentials are `[redacted]`. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: Buffer | string
  /** In words: what is different when it is really sent, such as a signature. */
  readonly notes: readonly string[]
}

/** A request that the provider is to get as it is. */
export interface RawRequest {
  method: string
  /** Path and query below the base URL, with a slash in front. */
  path: string
  headers: Readonly<Record<string, string>>
  body?: Upload
  signal: CancelSignal
}

export interface UpstreamReply {
  status: number
  /** Names in lower case; absent where there is no HTTP. */
  headers?: Readonly<Record<string, string | string[] | undefined>>
  contentType: string
  retryAfter?: string
  requestId?: string
  body: ByteSource
}
