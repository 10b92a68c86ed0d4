import type { RouteType } from './route.ts'

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

/**
 * `partial`: some of its own models lack their secret. `unusable`: all do. `invalid`: it is not as a route must be.
 * `shadowed`: the file has one of that name, which is used. The last two are of the store's.
 */
export const ROUTE_STATES = ['ready', 'partial', 'unusable', 'invalid', 'shadowed'] as const
export type RouteState = (typeof ROUTE_STATES)[number]

/** A route as an operator sees it. Two have the same name when one of the store is shadowed. */
export interface RouteListing {
  readonly name: string
  /** What it serves; null when that cannot be told. */
  readonly type: RouteType | null
  readonly origin: RouteOrigin
  readonly state: RouteState
  readonly issues: readonly RouteIssue[]
}
