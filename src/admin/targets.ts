import type { RouteStatus, TargetReport, TargetsAnswer } from './contract.ts'
import type { Resource } from './resource.ts'

/** The state of every target, and how much of what routes sent came from the providers' caches. */
export const targets: Resource = {
  method: 'GET',
  path: '/admin/targets',
  answer: async (plane): Promise<TargetsAnswer> => toAnswer(await plane.targets()),
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
