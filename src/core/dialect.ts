import type { GatewayError } from './error.ts'
import type { EmbeddingsReply, ReplyEvent } from './events.ts'
import type { ChatRequest, EmbeddingsRequest } from './request.ts'
import type { RouteInfo, ServerSettings } from './route.ts'
import type { Usage } from './usage.ts'

/** What a provider is asked to do. A completions route is served by `chat`. */
export type Operation = 'chat' | 'embeddings'

/**
 * A dialect is what the bytes mean. Towards clients it has endpoints; towards providers it has formats. Everything in
 * it is pure and synchronous: bytes in, values out, no I/O.
 */
export interface Dialect {
  readonly name: string
  /** What applications may call. */
  readonly endpoints: readonly Endpoint[]
  /** What applications may ask about the gateway itself (lists of routes and so on). */
  readonly lookups: readonly Lookup[]
  /** A failure in this dialect's own shape. */
  writeError(error: GatewayError): ErrorReply
}

export interface ErrorReply {
  status: number
  /** JSON-serialisable. */
  body: unknown
}

/** The head of a client's request: all that is known before the body. Header names are in lower case. */
export interface RequestHead {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
}

/** One path that proxies to a provider. `:route` in `path` is the route's name; else `address` finds it in the body. */
export interface Endpoint {
  readonly method: 'POST'
  readonly path: string
  readonly address?: BodyAddress
  /** How this route is spoken to on this endpoint. */
  format(route: RouteInfo, head: RequestHead, settings: ServerSettings): ClientFormat
}

/** How a body names its route (OpenAI's `model`). */
export interface BodyAddress {
  /** Throws a `GatewayError` when the body names none. */
  routeOf(body: Buffer): string
  unknownRoute(name: string): GatewayError
}

/** One path that answers from the configuration alone. */
export interface Lookup {
  readonly method: 'GET' | 'POST'
  readonly path: string
  answer(routes: RouteCatalog, query: LookupQuery): unknown
}

export interface LookupQuery {
  /** The `:route` part of the path; empty when it has none. */
  route: string
  search: URLSearchParams
}

export interface RouteCatalog {
  list(): readonly RouteInfo[]
  find(name: string): RouteInfo | undefined
}

/** How a client speaks for one operation. */
export interface ClientFormat {
  readonly operation: Operation
  /** Read and check a request. Throws a `GatewayError` that says what is wrong and where. */
  read(body: Buffer, contentType: string | undefined): ClientRequest
  /** A writer for one reply; it holds the state between frames. */
  writer(request: ClientRequest): ReplyWriter
  /** The last event of a stream that fails after its first content. */
  writeStreamError(error: GatewayError): string
  /** The client's word for a canonical request field, for errors that name it. */
  parameterName(parameter: string): string
  /** The upstream formats whose replies can go to the client as they came, byte for byte. */
  readonly repliesAs: { readonly whole?: string; readonly stream?: string }
  /** Whether a stream passed through keeps the provider's `[DONE]` event. */
  readonly showsDone: boolean
}

/** A request that has been read and checked. The canonical form is made only when a translation needs it. */
export interface ClientRequest {
  readonly stream: boolean
  /** Whether the client asked for the stream's usage event, which the gateway itself always asks the provider for. */
  readonly showsUsage: boolean
  chat(): ChatRequest
  embeddings(): EmbeddingsRequest
  /** The client's own bytes with the target's model name, when they fit that upstream format; else undefined. */
  passThrough(format: string, target: TargetModel): Buffer | string | undefined
}

/** Canonical reply to the client's bytes. */
export interface ReplyWriter {
  /** One stream's next bytes; empty when these events show nothing in this dialect. */
  stream(events: readonly ReplyEvent[]): string
  /** A whole answer as one JSON text. */
  whole(events: readonly ReplyEvent[]): string
  embeddings(reply: EmbeddingsReply): string
}

/** The model a request is for. */
export interface TargetModel {
  /** Null when the configuration gives none. */
  readonly model: string | null
  /** Whether the body leaves the name out, because the URL has it. */
  readonly omitsModel?: boolean
}

/** How we speak to a provider for one operation. */
export interface UpstreamFormat {
  /** Equal names mean equal bytes: what lets a request pass through untouched. */
  readonly name: string
  /** A word that every whole answer holds. A 200 without it does not pass through unread. */
  readonly answerMark: string
  writeChat?(request: ChatRequest, target: TargetModel): WrittenRequest
  writeEmbeddings?(request: EmbeddingsRequest, target: TargetModel): WrittenRequest
  /** A reader for one reply; it holds the state between frames. */
  reader(): ReplyReader
  /** The provider's refusal, classified. `body` is the whole body as text. */
  readError(status: number, contentType: string, body: string): GatewayError
}

export interface WrittenRequest {
  body: string
  /** Fields that this provider has no place for, in the client's canonical names. */
  dropped: string[]
}

/** One server-sent event: its `event:` name, when it has one, and its data lines joined by newlines. */
export interface Frame {
  event?: string
  data: string
}

/** A provider's reply to canonical events. Throws a `GatewayError` of kind `bad_response` for what it cannot read. */
export interface ReplyReader {
  whole(body: string): ReplyEvent[]
  frame(frame: Frame): ReplyEvent[]
  /** The provider closed its stream: the events that a format without a mandatory end marker still owes. */
  end?(): ReplyEvent[]
  embeddings(body: string): EmbeddingsReply
  /** Only the token counts of a whole body, for replies that pass through unread. */
  usage(body: Buffer): Usage | undefined
}
