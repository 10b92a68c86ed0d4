/** Where a route comes from. */
export type RouteOrigin =
  | { readonly kind: 'file'; readonly line: number }
  /** `version` counts its changes. */
  | { readonly kind: 'store'; readonly version: number }

/** What is wrong with a route. */
export interface RouteIssue {
  /** Below the route, such as `model.config.openai_api_key`; empty for the whole. */
  readonly path: string
  readonly message: string
}

/** A route as an operator sees it. Two have the same name when one of the store is shadowed. */
export interface RouteListing {
  readonly name: string
  readonly origin: RouteOrigin
  /**
   * `partial`: some of its own models cannot be called. `unusable`: none can, or it is not valid. `shadowed`: the file
   * has one of that name, which is used.
   */
  readonly state: 'ready' | 'partial' | 'unusable' | 'shadowed'
  readonly issues: readonly RouteIssue[]
}
