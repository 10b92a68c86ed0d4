/** What a route serves, in MLflow's words. */
export const ROUTE_TYPES = ['llm/v1/chat', 'llm/v1/completions', 'llm/v1/embeddings'] as const
export type RouteType = (typeof ROUTE_TYPES)[number]

/** A route as clients may know it: no URL and no credential of its provider. */
export interface RouteInfo {
  readonly name: string
  readonly type: RouteType
  readonly model: { readonly name: string | null; readonly provider: string }
}
