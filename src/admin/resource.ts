import type { IncomingMessage } from 'node:http'
import type { Database, RouteRow, SecretRow } from '../core/database.ts'
import type { OptionSchema, OptionsSchema } from '../core/options.ts'
import type { Claim, LimitRule, Standing } from '../core/limits.ts'
import type { RouteListing } from '../core/route-listing.ts'
import type { Secret } from '../core/secret.ts'
import type { HeaderList } from '../http/header-list.ts'
import type { Access, Principal } from './access.ts'
import type {
  AboutAnswer,
  AlertTest,
  ConfigAnswer,
  ConfigFile,
  ExplainRequest,
  Explanation,
  TargetReport,
  ValidationAnswer,
} from './contract.ts'
import type { Fields } from './fields.ts'
import type { Session, Sessions } from './sessions.ts'

/** What the control plane knows and can do for its API. */
export interface ControlPlane {
  explain(question: ExplainRequest): Promise<Explanation>
  /** Of all workers together. */
  targets(): Promise<readonly TargetReport[]>
  config(): ConfigAnswer
  about(): AboutAnswer
  /** The configuration in use. Credentials in it are `Secret`s. */
  content(): unknown
  /** Limits of the whole gateway and of its routes. */
  rules(): readonly LimitRule[]
  standings(claims: readonly Claim[]): readonly Standing[] | Promise<readonly Standing[]>
  /** Sends each webhook a test. Its answers name hosts, never URLs. */
  testAlerts(): Promise<readonly AlertTest[]>
  /** For monitoring systems, in a format that the reader accepts. */
  metrics(accept: string): Promise<{ contentType: string; text: string }>
  /** Whether they are for everybody. */
  areMetricsPublic(): boolean
  readonly database: Database
  /** Something may have changed in the database. Resolves when this gateway's workers were told; never rejects. */
  changed(): Promise<void>
  readonly routes: RouteDesk
  readonly secrets: SecretDesk
  readonly file: ConfigDesk
  /** Sends a request to the data plane. Gives the head of its answer, with the body to come. */
  ask(question: PlaygroundQuestion): Promise<IncomingMessage>
  /** Who is signed in to the dashboard. */
  readonly sessions: Sessions
}

/** The configuration file. */
export interface ConfigDesk {
  /** The JSON Schema of such files, draft-07. */
  schema(): unknown
  file(): Promise<ConfigFile>
  /** Check a text as if it were the file's. Nothing is kept of it, and no module is loaded. */
  validate(text: string): Promise<ValidationAnswer>
  /** Puts the text into the file, whose content has to be the one with that tag. */
  save(text: string, tag: string): Promise<void>
}

/** A request as a client would send it. */
export interface PlaygroundQuestion {
  readonly path: string
  /** JSON. */
  readonly body: string
}

/** The routes that there are, and what would become of them. */
export interface RouteDesk {
  /** Of the file, then of the store. */
  list(): readonly RouteListing[]
  /** As `list`, if a route of the store were defined so, or were not there. */
  preview(name: string, definition: RouteRow['definition'] | undefined): Promise<readonly RouteListing[]>
}

/** The secrets of the store. There is no way to their values. */
export interface SecretDesk {
  list(): Promise<{ row: SecretRow; problem: string | undefined }[]>
  set(name: string, value: Secret, actor: string): Promise<SecretRow>
  delete(name: string, actor: string): Promise<boolean>
  /** Seals all of them with the present key. */
  rotate(actor: string): Promise<{
    readonly sealedAnew: readonly string[]
    readonly unchanged: readonly string[]
    readonly closed: readonly { readonly name: string; readonly problem: string }[]
  }>
  /** What in the configuration names it. */
  usersOf(name: string): readonly string[]
}

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** One method of one path of the API: the check, the description and the reference all come from it. */
export interface Resource {
  readonly method: Method
  /** `:id` stands for one segment. */
  readonly path: string
  /** Who may use it. There is no default. */
  readonly access: Access
  /** A line for lists. */
  readonly summary: string
  readonly description?: string
  readonly query?: OptionsSchema
  readonly body?: OptionsSchema
  /** Whether it changes an object, so that `If-Match` has to name the version it is based on. */
  readonly needsVersion?: true
  /** Whether what is sent is tried, beyond its shape, and refused with `issues`. */
  readonly isChecked?: true
  /** Of the body, in bytes; a MiB when absent. */
  readonly bodyLimit?: number
  /** Of the answer; 200 when absent. */
  readonly status?: number
  /** What is answered when all goes well. */
  readonly answer: OptionSchema
  /** Its media types, where JSON is not the only one. */
  readonly answerTypes?: readonly string[]
  /** Throws an `AdminError`, or what `toRefusal` knows. */
  handle(request: AdminRequest, plane: ControlPlane): AdminAnswer | Promise<AdminAnswer>
}

/** A request that was let in, with what it sent checked. */
export interface AdminRequest {
  readonly principal: Principal
  /** What stands for `:id` in the path, decoded; empty where nothing does. */
  readonly id: string
  readonly query: Fields
  /** Empty where the resource takes no body. */
  readonly body: Fields
  /** What it takes, as its header says. */
  readonly accept: string
  /** The version in `If-Match`, where the resource needs one. */
  readonly version: number
  /** The session that its cookie names, if there is one. */
  readonly session: (Session & { readonly token: string }) | undefined
  /** Whether it came over TLS, which something in front of the gateway ended. */
  readonly isSecure: boolean
}

export type AdminAnswer = JsonAnswer | FileAnswer | TextAnswer | RelayAnswer

/** What another server answers, passed on as it comes. */
export interface RelayAnswer {
  readonly relay: IncomingMessage
}

export interface JsonAnswer {
  /** JSON. */
  readonly body: unknown
  /** Of the object; it becomes the `ETag`. */
  readonly version?: number
  readonly headers?: Readonly<HeaderList>
}

export interface TextAnswer {
  readonly text: string
  readonly type: string
}

export interface FileAnswer {
  readonly file: {
    /** What browsers save it as. */
    readonly name: string
    readonly type: string
    readonly parts: Iterable<string> | AsyncIterable<string>
  }
}
