import type { Readable } from 'node:stream'
import type { GatewayError } from './error.ts'
import type { EmbeddingsReply, ReplyEvent, RerankReply } from './events.ts'
import type { ChatRequest, EmbeddingsRequest, RerankRequest } from './request.ts'
import type { RouteInfo, ServerSettings } from './route.ts'
import type { Usage } from './usage.ts'

/** What is translated between any two dialects. A completions route is served by `chat`. */
export type TranslatedOperation = 'chat' | 'embeddings' | 'rerank' | 'count-tokens'

/** What is only handed on, to providers that speak the client's own API. */
export const FORWARDED_OPERATIONS = [
  'image-generation',
  'image-edit',
  'image-variation',
  'speech',
  'transcription',
  'translation',
  'moderation',
  'compaction',
] as const
export type ForwardedOperation = (typeof FORWARDED_OPERATIONS)[number]

/** What a provider is asked to do. */
export type Operation = TranslatedOperation | ForwardedOperation | 'raw'

/**
 * A dialect is what the bytes mean. Towards clients it has endpoints; towards providers it has formats. Everything in
 * it is pure and synchronous: bytes in, values out, no I/O.
 */
export interface Dialect {
  readonly name: string
  /** Whether its clients may send their credential as `?key=`. */
  readonly hasKeyInQuery?: boolean
  /** What applications may call. */
  readonly endpoints: readonly Endpoint[]
  readonly uploads?: readonly UploadEndpoint[]
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
  /** The query string; empty when there is none. */
  readonly search: URLSearchParams
}

/**
 * One path that proxies to a provider. `:route` in `path` is the route's name; else `address` finds it in the body. A
 * literal colon is written `::`.
 */
export interface Endpoint {
  readonly method: 'POST'
  readonly path: string
  readonly address?: BodyAddress
  /** What a caller is told whose path names no route; absent: that there is no such path. */
  readonly unknownRoute?: (name: string) => GatewayError
  /** Read and check a request. Throws a `GatewayError` that says what is wrong and where. */
  read(body: Buffer, context: EndpointContext): ClientRequest
}

/**
 * One path that takes a form with a file, which is sent on while it arrives. The form's field `model` names the route.
 * Spec: https://www.rfc-editor.org/rfc/rfc7578
 */
export interface UploadEndpoint {
  readonly method: 'POST'
  readonly path: string
  unknownRoute(name: string): GatewayError
  read(form: UploadForm, context: EndpointContext): ClientRequest
}

/** A form of which the model is known. */
export interface UploadForm {
  /** With the boundary. */
  readonly contentType: string
  /** The form with another model. */
  withModel(target: TargetModel): Upload
}

/** A body that is still arriving; it can be sent only once. */
export interface Upload {
  readonly stream: Readable
  /** In bytes, when it is known. */
  readonly length?: number
}

export interface EndpointContext {
  readonly route: RouteInfo
  readonly head: RequestHead
  readonly settings: ServerSettings
}

/** How a body names its route (OpenAI's `model`). */
export interface BodyAddress {
  /** Throws a `GatewayError` when the body names none. */
  routeOf(body: Buffer, head: RequestHead): string
  unknownRoute(name: string): GatewayError
}

/** One path that answers from the configuration alone. */
export interface Lookup {
  readonly method: 'GET' | 'POST'
  readonly path: string
  /** Throws a `GatewayError` for what does not exist. */
  answer(routes: RouteCatalog, query: LookupQuery): unknown
  /** Whether the answer is this dialect's: for a path that several share, told apart by their headers. */
  accepts?(head: RequestHead): boolean
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

/** A request that has been read and checked. The canonical form is made only when a translation needs it. */
export type ClientRequest =
  | ChatClientRequest
  | EmbeddingsClientRequest
  | RerankClientRequest
  | CountClientRequest
  | ForwardedClientRequest
  | RawClientRequest

interface AnyClientRequest {
  /** The upstream format whose requests and replies are the client's own, if there is one. */
  readonly speaks?: string
  /** The client's own bytes with the target's model name, when they fit that upstream format; else undefined. */
  passThrough(format: string, target: TargetModel): Buffer | string | undefined
  /** Headers that belong to the dialect (`anthropic-beta`); a provider takes from them what it knows. */
  readonly headers?: Readonly<Record<string, string>>
  /** The client's word for a canonical request field, for errors and dropped fields that name it. */
  parameterName(parameter: string): string
}

export interface ChatClientRequest extends AnyClientRequest {
  readonly operation: 'chat'
  readonly stream: boolean
  /** Whether a provider's whole answer to a request for a stream goes to the client whole, as MLflow's gateway did. */
  readonly takesWhole?: boolean
  /** The content type of a streamed answer; `text/event-stream` when absent. */
  readonly streamType?: string
  /** Which upstream formats' replies can go to the client as they came, byte for byte. */
  readonly repliesAs: { readonly whole?: string; readonly stream?: string }
  chat(): ChatRequest
  /** A writer for one reply; it holds the state between frames. */
  writer(): ReplyWriter
  /** A last change to a stream that passes through; absent when there is none to make. */
  filter?(): StreamFilter
  /** The last bytes of a stream that fails after its first content, and the whole of it. */
  writeStreamError(error: GatewayError): string
}

export interface EmbeddingsClientRequest extends AnyClientRequest {
  readonly operation: 'embeddings'
  embeddings(): EmbeddingsRequest
  write(reply: EmbeddingsReply): string
}

export interface RerankClientRequest extends AnyClientRequest {
  readonly operation: 'rerank'
  rerank(): RerankRequest
  write(reply: RerankReply): string
}

export interface CountClientRequest extends AnyClientRequest {
  readonly operation: 'count-tokens'
  /** The chat whose prompt is counted. */
  chat(): ChatRequest
  write(inputTokens: number): string
}

/** Only passes through; the answer may be of any content type. */
export interface ForwardedClientRequest extends AnyClientRequest {
  readonly operation: ForwardedOperation
  readonly stream: boolean
  /** The content type of the body, when it is not JSON. */
  readonly contentType?: string
  /** In place of `passThrough`. */
  upload?(target: TargetModel): Upload
}

/** Any request to the provider's own API, untouched but for credentials. */
export interface RawClientRequest extends AnyClientRequest {
  readonly operation: 'raw'
  readonly method: string
  /** Path and query below the provider's base URL, with a slash in front; never leads out of it. */
  readonly path: string
  /** What may be sent on: no credential, nothing that belongs to the connection. */
  readonly headers: Readonly<Record<string, string>>
  /** Absent when the request has none. */
  readonly body?: Upload
}

/** Changes the bytes of a stream that passes through. It is given complete events. */
export interface StreamFilter {
  events(bytes: Buffer): Buffer | string
  /** What is still owed once the provider's stream has ended well. */
  end?(): string
}

/** Canonical reply to the client's bytes. */
export interface ReplyWriter {
  /** One stream's next bytes; empty when these events show nothing in this dialect. */
  stream(events: readonly ReplyEvent[]): string
  /** A whole answer as one JSON text. */
  whole(events: readonly ReplyEvent[]): string
}

/** The model a request is for. */
export interface TargetModel {
  /** Null when the configuration gives none. */
  readonly model: string | null
  /** Whether the body leaves the name out, because the URL has it. */
  readonly omitsModel?: boolean
}

/** How we speak to a provider for one operation. */
export type UpstreamFormat = ChatFormat | EmbeddingsFormat | RerankFormat | CountFormat | ForwardedFormat

interface AnyFormat {
  /** Equal names mean equal bytes: what lets a request pass through untouched. */
  readonly name: string
  /** A word that every whole answer holds. A 200 without it does not pass through unread. */
  readonly answerMark: string
  /** The provider's refusal, classified. `body` is the whole body as text. Never throws. */
  readError(status: number, contentType: string, body: string): GatewayError
}

export interface ChatFormat extends AnyFormat {
  readonly operation: 'chat'
  /** How a streamed reply is cut into frames. */
  readonly framing: Framing
  write(request: ChatRequest, target: TargetModel): WrittenRequest
  /** A reader for one reply; it holds the state between frames. */
  reader(target: TargetModel): ReplyReader
}

export interface EmbeddingsFormat extends AnyFormat {
  readonly operation: 'embeddings'
  write(request: EmbeddingsRequest, target: TargetModel): WrittenRequest
  /** Throws a `GatewayError` of kind `bad_response` for what it cannot read. */
  read(body: string): EmbeddingsReply
  /** Only the token counts of a whole body, for replies that pass through unread. */
  usage(body: Buffer): Usage | undefined
}

export interface RerankFormat extends AnyFormat {
  readonly operation: 'rerank'
  write(request: RerankRequest, target: TargetModel): WrittenRequest
  read(body: string): RerankReply
  usage(body: Buffer): Usage | undefined
}

export interface CountFormat extends AnyFormat {
  readonly operation: 'count-tokens'
  write(request: ChatRequest, target: TargetModel): WrittenRequest
  /** The number of input tokens. */
  read(body: string): number
}

/** Bytes are handed on; only the usage is read, where the answer says it. */
export interface ForwardedFormat extends AnyFormat {
  readonly operation: ForwardedOperation
  usage(body: Buffer): Usage | undefined
}

export interface WrittenRequest {
  body: string
  /**
   * What this provider has no place for or gets by emulation, in canonical names (`topK`, `messages.name`) or, for
   * extras, in the client's own.
   */
  dropped: string[]
}

/** One piece of a streamed reply: a server-sent event, a line of JSON, a message of an AWS event stream. */
export interface Frame {
  /** Its name, when it has one (`event:`, `:event-type`). */
  event?: string
  data: string
}

/** How a provider's stream is cut into frames. `wire/` has one for each kind of stream. */
export interface Framing {
  /** Whether a reply with this content type is such a stream. */
  matches(contentType: string): boolean
  splitter(): FrameSplitter
  /** Bytes of complete frames, as a splitter gives them. Throws a `RangeError` for bytes that are none. */
  parse(bytes: Buffer): Frame[]
  /** What closes a last frame that was sent without its end; empty where that cannot be. */
  readonly terminator: string
}

export interface FrameSplitter {
  /**
   * The frames completed by `chunk`, as one run of bytes; undefined when none is complete yet. Throws a `RangeError` for
   * a frame that is too large.
   */
  push(chunk: Buffer): Buffer | undefined
  /** What is left when the stream ends: a frame without its end. */
  rest(): Buffer
}

/** A provider's reply to canonical events. Throws a `GatewayError` of kind `bad_response` for what it cannot read. */
export interface ReplyReader {
  whole(body: string): ReplyEvent[]
  frame(frame: Frame): ReplyEvent[]
  /** The provider closed its stream: the events that a format without a mandatory end marker still owes. */
  end?(): ReplyEvent[]
  /** Only the token counts of a whole body, for replies that pass through unread. */
  usage(body: Buffer): Usage | undefined
}
