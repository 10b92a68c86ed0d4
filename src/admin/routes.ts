import { option } from '../core/options.ts'
import type { RouteListing } from '../core/route-listing.ts'
import type { TargetReport } from './contract.ts'
import type { Resource } from './resource.ts'
import { orNull } from './schemas.ts'

const ITEM = option.object({
  name: option.string(),
  origin: option.object(
    {
      kind: option.oneOf(['file', 'store']),
      line: option.optional(option.integer({ description: 'In the file.' })),
      version: option.optional(option.integer({ description: 'In the store.' })),
    },
    { description: 'Where it comes from.' },
  ),
  state: option.oneOf(['ready', 'partial', 'unusable', 'shadowed'], {
    description:
      'Of `partial` some models cannot be called, of `unusable` none; `shadowed`: the file has one of that name, which is used.',
  }),
  issues: option.list(option.object({ path: option.string(), message: option.string() })),
  health: orNull(
    option.oneOf(['ok', 'degraded', 'down'], {
      description: 'Whether all, some or none of its own targets take requests; null without any.',
    }),
  ),
  targets: option.list(
    option.object({
      target: option.string(),
      breaker: option.oneOf(['closed', 'open', 'half-open']),
      coolsForMs: option.number({ description: 'For how long it is spared because it said "too many".' }),
      inFlight: option.integer(),
      requests: option.integer(),
      failures: option.integer(),
    }),
  ),
})

/** Every route, wherever it comes from. */
export const routes: Resource = {
  method: 'GET',
  path: '/admin/routes',
  access: 'read',
  summary: 'Every route with its origin, and the health of its targets',
  answer: option.object({ items: option.list(ITEM) }),
  async handle(_request, plane) {
    const reports = await plane.targets()
    return { body: { items: plane.routes().map((route) => write(route, reports)) } }
  },
}

function write(route: RouteListing, reports: readonly TargetReport[]): unknown {
  const isUsed = route.state === 'ready' || route.state === 'partial'
  const own = isUsed ? reports.filter((report) => report.route === route.name) : []
  const targets = own.map(({ target, breaker, coolsForMs, inFlight, requests, failures }) => ({
    target,
    breaker,
    coolsForMs,
    inFlight,
    requests,
    failures,
  }))
  return { ...route, health: healthOf(own), targets }
}

function healthOf(reports: readonly TargetReport[]): 'ok' | 'degraded' | 'down' | null {
  if (reports.length === 0) return null
  const healthy = reports.filter(({ breaker, coolsForMs }) => breaker === 'closed' && coolsForMs === 0).length
  if (healthy === reports.length) return 'ok'
  return healthy > 0 ? 'degraded' : 'down'
}
