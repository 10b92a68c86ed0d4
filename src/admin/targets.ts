import type { RouteStatus, TargetReport, TargetsAnswer } from './contract.ts'
import { option } from '../core/options.ts'
import type { Resource } from './resource.ts'
import { orNull } from './schemas.ts'

const count = option.integer()
const milliseconds = option.number()
const ratioSchema = orNull(
  option.number({
    description:
      'The share of input tokens that providers had in their caches, from 0 to 1; null while nothing was counted.',
  }),
)

/** One target. */
const TARGET = option.object({
  route: option.string(),
  target: option.string(),
  breaker: option.oneOf(['closed', 'open', 'half-open']),
  opensInMs: option.number({ description: 'Until a request may try an open breaker.' }),
  coolsForMs: option.number({ description: 'For how long it is spared because it said "too many".' }),
  inFlight: count,
  requests: option.integer({
    description: "Attempts, so that a route's may be more than what clients sent.",
  }),
  failures: count,
  firstContentMs: orNull(milliseconds),
  msPerToken: orNull(milliseconds),
  inputTokens: count,
  cacheReadTokens: count,
  cacheReadRatio: ratioSchema,
  contextWindow: orNull(
    option.integer({
      description: 'How many tokens a request and its answer may have; null when that is not known.',
    }),
  ),
})

const ROUTE = option.object({
  route: option.string(),
  requests: count,
  failures: count,
  inputTokens: count,
  cacheReadTokens: count,
  cacheReadRatio: ratioSchema,
})

/** The state of every target, and how much of what routes sent came from the providers' caches. */
export const targets: Resource = {
  method: 'GET',
  path: '/admin/targets',
  access: 'read',
  summary: 'What all workers together know of every target, and sums for each route',
  answer: option.object({ targets: option.list(TARGET), routes: option.list(ROUTE) }),
  handle: async (_request, plane) => ({ body: toAnswer(await plane.targets()) }),
}

function toAnswer(reports: readonly TargetReport[]): TargetsAnswer {
  const routes = new Map<string, RouteStatus>()
  for (const report of reports) {
    const before = routes.get(report.route)
    const inputTokens = (before?.inputTokens ?? 0) + report.inputTokens
    const cacheReadTokens = (before?.cacheReadTokens ?? 0) + report.cacheReadTokens
    routes.set(report.route, {
      route: report.route,
      requests: (before?.requests ?? 0) + report.requests,
      failures: (before?.failures ?? 0) + report.failures,
      inputTokens,
      cacheReadTokens,
      cacheReadRatio: ratio(cacheReadTokens, inputTokens),
    })
  }
  return {
    targets: reports.map((report) => ({
      ...report,
      cacheReadRatio: ratio(report.cacheReadTokens, report.inputTokens),
    })),
    routes: [...routes.values()],
  }
}

function ratio(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole
}
