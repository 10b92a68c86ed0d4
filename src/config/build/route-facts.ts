import type { LimitRule } from '../../core/limits.ts'
import type { RouteInfo } from '../../core/route.ts'
import type { Condition } from '../../gateway/plan/condition.ts'
import type { RouteConfig, TargetConfig } from '../schema.ts'

/** The routes of a configuration, by name. */
export type RouteConfigs = ReadonlyMap<string, RouteConfig>

export function findRoute(routes: RouteConfigs, name: string): RouteConfig {
  const config = routes.get(name)
  if (!config) throw new Error(`unknown route "${name}"`)
  return config
}

/** A route as clients know it. They are shown one model: that of the first target. */
export function infoOf(
  { name, type, targets, policies, limits = [] }: RouteConfig,
  routes: RouteConfigs,
): RouteInfo {
  const [first] = targets
  if (!first) throw new Error(`the route "${name}" has no target`)
  const info = { name, type, model: shownModel(first, routes) }
  const { calls, renewal_period: renewalPeriod } = policies['limit'] ?? {}
  const limit =
    typeof calls === 'number' && typeof renewalPeriod === 'string' ? { calls, renewalPeriod } : undefined
  const counted = [...(limit ? [{ ...limit, by: 'all' }] : []), ...limits.flatMap(callsOf)]
  return { ...info, ...(limit && { limit }), ...(counted.length > 0 && { limits: counted }) }
}

function callsOf({ meter, most, window, by }: LimitRule): NonNullable<RouteInfo['limits']> {
  if (meter !== 'requests' || !window) return []
  return [
    {
      calls: most,
      renewalPeriod: window.kind === 'calendar' ? window.per : `${window.ms / 1000} seconds`,
      by,
    },
  ]
}

function shownModel({ goesTo }: TargetConfig, routes: RouteConfigs): RouteInfo['model'] {
  if ('route' in goesTo) return infoOf(findRoute(routes, goesTo.route), routes).model
  const model = goesTo.models[0]?.model
  return { name: model?.name ?? null, provider: model?.provider ?? '' }
}

/** The request headers on which it depends where a request goes, in lower case. */
export function decidingHeaders({ targets }: RouteConfig, routes: RouteConfigs): string[] {
  return targets.flatMap(({ when = {}, goesTo }) => [
    ...readCondition(when).headers.keys(),
    ...('route' in goesTo ? decidingHeaders(findRoute(routes, goesTo.route), routes) : []),
  ])
}

export function readCondition(when: Record<string, string[]>): Condition {
  const { stream, ...others } = when
  const headers = new Map(
    Object.entries(others).map(([key, values]) => [key.replace(/^header\./, ''), values]),
  )
  return stream ? { headers, stream: stream.includes('true') } : { headers }
}
