/** What MLflow's own paths and request shapes serve. */
export const MLFLOW_ROUTE_TYPES = ['llm/v1/chat', 'llm/v1/completions', 'llm/v1/embeddings'] as const
export type MlflowRouteType = (typeof MLFLOW_ROUTE_TYPES)[number]

/** What a route serves: MLflow's three words, and more in their manner. */
export const ROUTE_TYPES = [
  'llm/v1/chat',
  'llm/v1/completions',
  'llm/v1/embeddings',
  'llm/v1/rerank',
  'llm/v1/images',
  'llm/v1/audio',
  'llm/v1/moderations',
] as const
export type RouteType = (typeof ROUTE_TYPES)[number]

export function isMlflowType(type: RouteType): type is MlflowRouteType {
  return MLFLOW_ROUTE_TYPES.some((known) => known === type)
}

/** A route as clients may know it: no URL and no credential of its provider. */
export interface RouteInfo {
  readonly name: string
  readonly type: RouteType
  readonly model: { readonly name: string | null; readonly provider: string }
  /** The policy of MLflow's own name; absent: there is none. */
  readonly limit?: CallLimit
  /** All that count calls, of whoever calls or of each of some kind; absent: there is none. */
  readonly limits?: readonly (CallLimit & { readonly by: string })[]
}

/** So many calls are taken in each period, such as a `minute`. */
export interface CallLimit {
  readonly calls: number
  readonly renewalPeriod: string
}

/** What the `server` section of the configuration says about answering. */
export interface ServerSettings {
  /** The shape of `/gateway/{name}/invocations`: MLflow 2.5's `candidates` or 2.9's OpenAI-like one. */
  readonly invocationsShape: 'mlflow' | 'openai'
  /** A client's request body may be this large, in bytes. */
  readonly bodyLimit: number
}
