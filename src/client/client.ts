import { asRecord } from './answer.ts'
import { readChunks } from './chunks.ts'
import { checkTimeout, connect, type ClientOptions, type Connection } from './options.ts'
import type { GatewayRequest, Limits } from './transport.ts'
import { resolveRouteUrl, routeSegment } from './uri.ts'
import type {
  ChatChunk,
  ChatRequest,
  ChatResponse,
  CompletionsChunk,
  CompletionsRequest,
  CompletionsResponse,
  EmbeddingsRequest,
  EmbeddingsResponse,
  Route,
} from './wire.ts'

/** What a single call may set for itself. */
export interface CallOptions {
  /** Aborting it ends the call, which then rejects with the signal's reason. */
  signal?: AbortSignal | undefined
  /** In the place of the client's own `timeoutMs`. */
  timeoutMs?: number | undefined
}

/** Which page of routes to get. */
export interface SearchRoutesOptions extends CallOptions {
  /** `nextPageToken` of the page before. */
  pageToken?: string | undefined
  /** Gateways cannot filter; anything here throws. */
  searchFilter?: string | undefined
}

/** Some of a gateway's routes, and how to get the next. */
export interface RoutePage {
  routes: Route[]
  /** Undefined on the last page. */
  nextPageToken: string | undefined
}

/** Any object once the reply's type is named, as in `query<OpenAiChatResponse>(...)`; else nothing fits. */
export type OtherRequest<Reply> = [Reply] extends [never] ? never : object

/**
 * A client of one gateway, with the methods of MLflow's `MlflowGatewayClient` of 2023. It speaks the HTTP API of
 * MLflow 2.5 to 2.8 and holds no connection of its own, so there is nothing to close.
 */
export class MlflowGatewayClient {
  /** The URI in use, without a user name and password that stood in it. */
  readonly gatewayUri: string
  readonly #connection: Connection

  /** Throws a `TypeError` for a URI without scheme or host, no URI at all, or an option that makes no sense. */
  constructor(options: string | ClientOptions = {}) {
    this.#connection = connect(typeof options === 'string' ? { gatewayUri: options } : options)
    this.gatewayUri = this.#connection.uri.text
  }

  /** One route by its name; a `GatewayRequestError` with status 404 when there is none. */
  async getRoute(name: string, options: CallOptions = {}): Promise<Route> {
    const path = `/api/2.0/gateway/routes/${routeSegment(name)}`
    return this.#readRoute(await this.#json(get(path), options))
  }

  /** One page of routes, in the order of the configuration. */
  async searchRoutes(options: SearchRoutesOptions | string = {}): Promise<RoutePage> {
    if (typeof options === 'string' || options.searchFilter !== undefined) {
      throw new TypeError('Routes cannot be searched by a filter yet; get them all and filter the list.')
    }
    const { pageToken } = options
    const query = pageToken === undefined ? '' : `?page_token=${encodeURIComponent(pageToken)}`
    const page = asRecord(await this.#json(get(`/api/2.0/gateway/routes/${query}`), options))
    const routes = page?.['routes']
    if (!Array.isArray(routes)) throw this.#unexpected('a list of routes')
    const next = page?.['next_page_token']
    const nextPageToken = typeof next === 'string' && next !== '' ? next : undefined
    return { routes: routes.map((route) => this.#readRoute(route)), nextPageToken }
  }

  /** Asks a route. The reply's type follows from the request's; for the OpenAI shape, name it. */
  query(route: string, data: ChatRequest, options?: CallOptions): Promise<ChatResponse>
  query(route: string, data: CompletionsRequest, options?: CallOptions): Promise<CompletionsResponse>
  query(route: string, data: EmbeddingsRequest, options?: CallOptions): Promise<EmbeddingsResponse>
  query<Reply = never>(route: string, data: OtherRequest<Reply>, options?: CallOptions): Promise<Reply>
  async query(route: string, data: object, options: CallOptions = {}): Promise<unknown> {
    if (asRecord(data)?.['stream'] === true) throw new TypeError('Use queryStream for a streamed answer.')
    const request = invocation(route, { data, accept: 'application/json' })
    return this.#json(request, options)
  }

  /**
   * Asks a chat or completions route for its answer piece by piece; the request is sent when the loop begins. Leaving
   * the loop ends the request. Throws like `query`, and a `GatewayConnectionError` when the answer is cut short.
   */
  queryStream(route: string, data: ChatRequest, options?: CallOptions): AsyncGenerator<ChatChunk, void, void>
  queryStream(
    route: string,
    data: CompletionsRequest,
    options?: CallOptions,
  ): AsyncGenerator<CompletionsChunk, void, void>
  queryStream<Chunk = never>(
    route: string,
    data: OtherRequest<Chunk>,
    options?: CallOptions,
  ): AsyncGenerator<Chunk, void, void>
  async *queryStream(
    route: string,
    data: object,
    options: CallOptions = {},
  ): AsyncGenerator<unknown, void, void> {
    const { transport } = this.#connection
    const request = invocation(route, { data: { ...data, stream: true }, accept: 'text/event-stream' })
    const deadline = transport.deadline(request, this.#limits(options))
    try {
      const response = await transport.open(request, deadline)
      yield* readChunks(transport.context(request, response), deadline)
    } finally {
      deadline.cancel()
    }
  }

  /** Always throws: only Databricks could create routes over HTTP; here they stand in the gateway's configuration. */
  async createRoute(name: string, ..._settings: unknown[]): Promise<never> {
    throw new TypeError(
      `Route "${name}" cannot be created over HTTP; add it to the gateway's configuration file.`,
    )
  }

  /** Always throws: only Databricks could delete routes over HTTP; here they stand in the gateway's configuration. */
  async deleteRoute(name: string): Promise<never> {
    throw new TypeError(
      `Route "${name}" cannot be deleted over HTTP; remove it from the gateway's configuration file.`,
    )
  }

  #json(request: GatewayRequest, options: CallOptions): Promise<unknown> {
    return this.#connection.transport.json(request, this.#limits(options))
  }

  #limits(options: CallOptions): Limits {
    const timeoutMs = checkTimeout(options.timeoutMs ?? this.#connection.timeoutMs)
    return { timeoutMs, signal: options.signal }
  }

  #readRoute(value: unknown): Route {
    const route = asRecord(value)
    const url = route?.['route_url']
    if (!isRoute(route) || typeof url !== 'string') throw this.#unexpected('a route')
    return { ...route, route_url: resolveRouteUrl(this.#connection.uri.base, url) }
  }

  #unexpected(what: string): Error {
    return new Error(
      `${this.gatewayUri} did not answer with ${what}; is it an MLflow gateway of 2.5 or later?`,
    )
  }
}

function get(path: string): GatewayRequest {
  return { path, accept: 'application/json' }
}

function invocation(route: string, call: { data: object; accept: GatewayRequest['accept'] }): GatewayRequest {
  if (!asRecord(call.data)) throw new TypeError('The data of a query must be an object.')
  const path = `/gateway/${routeSegment(route)}/invocations`
  return { path, body: JSON.stringify(call.data), accept: call.accept }
}

function isRoute(route: object | undefined): route is Route {
  const { name, route_type, model } = asRecord(route) ?? {}
  return typeof name === 'string' && typeof route_type === 'string' && asRecord(model) !== undefined
}
