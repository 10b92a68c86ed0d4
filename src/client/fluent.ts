import { MlflowGatewayClient, type CallOptions, type OtherRequest } from './client.ts'
import { setDefaultUri } from './default-uri.ts'
import type { ClientOptions } from './options.ts'
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

let configured: MlflowGatewayClient | undefined

/**
 * Sets the gateway that the functions below talk to, and the URI of clients made without one. Throws a `TypeError` for a
 * URI without scheme or host.
 */
export function setGatewayUri(uri: string, options: Omit<ClientOptions, 'gatewayUri'> = {}): void {
  configured = new MlflowGatewayClient({ ...options, gatewayUri: uri })
  setDefaultUri(uri)
}

/** The URI that was set, else `MLFLOW_GATEWAY_URI`. Throws a `TypeError` when there is neither. */
export function getGatewayUri(): string {
  return currentClient().gatewayUri
}

/** One route by its name; a `GatewayRequestError` with status 404 when there is none. */
export async function getRoute(name: string, options: CallOptions = {}): Promise<Route> {
  return currentClient().getRoute(name, options)
}

/** All routes, however many pages they fill. Any search filter throws: gateways cannot filter. */
export async function searchRoutes(searchFilter?: string, options: CallOptions = {}): Promise<Route[]> {
  const client = currentClient()
  const routes: Route[] = []
  const seen = new Set<string>()
  let pageToken: string | undefined
  do {
    const page = await client.searchRoutes({ ...options, searchFilter, pageToken })
    routes.push(...page.routes)
    pageToken = page.nextPageToken
    if (pageToken !== undefined && seen.has(pageToken)) {
      throw new Error(`${client.gatewayUri} gave the same page of routes twice.`)
    }
    seen.add(pageToken ?? '')
  } while (pageToken !== undefined)
  return routes
}

/** Asks a route. The reply's type follows from the request's; for the OpenAI shape, name it. */
export function query(route: string, data: ChatRequest, options?: CallOptions): Promise<ChatResponse>
export function query(
  route: string,
  data: CompletionsRequest,
  options?: CallOptions,
): Promise<CompletionsResponse>
export function query(
  route: string,
  data: EmbeddingsRequest,
  options?: CallOptions,
): Promise<EmbeddingsResponse>
export function query<Reply = never>(
  route: string,
  data: OtherRequest<Reply>,
  options?: CallOptions,
): Promise<Reply>
export async function query(route: string, data: object, options: CallOptions = {}): Promise<unknown> {
  return currentClient().query<unknown>(route, data, options)
}

/** Asks a chat or completions route for its answer piece by piece; leaving the loop ends the request. */
export function queryStream(
  route: string,
  data: ChatRequest,
  options?: CallOptions,
): AsyncGenerator<ChatChunk, void, void>
export function queryStream(
  route: string,
  data: CompletionsRequest,
  options?: CallOptions,
): AsyncGenerator<CompletionsChunk, void, void>
export function queryStream<Chunk = never>(
  route: string,
  data: OtherRequest<Chunk>,
  options?: CallOptions,
): AsyncGenerator<Chunk, void, void>
export async function* queryStream(
  route: string,
  data: object,
  options: CallOptions = {},
): AsyncGenerator<unknown, void, void> {
  yield* currentClient().queryStream<unknown>(route, data, options)
}

/** Always throws, without a request: routes stand in the gateway's configuration. */
export async function createRoute(name: string, ..._settings: unknown[]): Promise<never> {
  return currentClient().createRoute(name)
}

/** Always throws, without a request: routes stand in the gateway's configuration. */
export async function deleteRoute(name: string): Promise<never> {
  return currentClient().deleteRoute(name)
}

function currentClient(): MlflowGatewayClient {
  return configured ?? new MlflowGatewayClient()
}
