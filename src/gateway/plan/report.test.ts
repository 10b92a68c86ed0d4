import { describe, expect, test } from 'vitest'
import { makePlan, makeTarget, spoil } from '../../../test/support/plan.ts'
import type { RouteInfo } from '../../core/route.ts'
import { mergeReports, reportTargets, type TargetReport } from './report.ts'

const info: RouteInfo = { name: 'r', type: 'llm/v1/chat', model: { name: 'm', provider: 'p' } }

describe('what a worker tells of its targets', () => {
  test('has those of each route itself, in their order, and not those of other routes behind it', () => {
    const targets = [makeTarget('a'), makeTarget('elsewhere', { route: 'other' }), makeTarget('b')]
    const reports = reportTargets([{ info, plan: makePlan({ targets }) }], performance.now())
    expect(reports.map(({ target }) => target)).toEqual(['a', 'b'])
  })

  test('of one that was never asked says nothing that was not measured', () => {
    const [report] = reportTargets([{ info, plan: makePlan() }], performance.now())
    expect(report).toEqual(fresh)
  })

  test('says for how long one is not asked', () => {
    const open = spoil(makeTarget('open'), { openMs: 5000 })
    const cooling = spoil(makeTarget('cooling'), { coolMs: 2000 })
    const now = performance.now()
    const reports = reportTargets([{ info, plan: makePlan({ targets: [open, cooling] }) }], now)
    const [first, second] = reports
    expect(first).toMatchObject({ breaker: 'open', coolsForMs: 0 })
    expect(first?.opensInMs).toBeGreaterThan(4000)
    expect(second).toMatchObject({ breaker: 'closed', opensInMs: 0, requests: 1, failures: 1 })
    expect(second?.coolsForMs).toBeGreaterThan(1000)
  })
})

describe('the reports of several workers', () => {
  test('are one for each target: counts add up, and of the rest the worst stands', () => {
    const one = { ...fresh, requests: 3, failures: 1, inFlight: 2, inputTokens: 10, cacheReadTokens: 4 }
    const other = { ...fresh, breaker: 'open', opensInMs: 900, requests: 4, firstContentMs: 80 } as const
    const third = {
      ...fresh,
      breaker: 'half-open',
      coolsForMs: 70,
      firstContentMs: 120,
      msPerToken: 9,
    } as const
    expect(mergeReports([[one], [other], [third]])).toEqual([
      {
        ...one,
        breaker: 'open',
        opensInMs: 900,
        coolsForMs: 70,
        requests: 7,
        firstContentMs: 120,
        msPerToken: 9,
      },
    ])
  })

  test('keep targets of one name in two routes apart', () => {
    const elsewhere = { ...fresh, route: 'other' }
    expect(mergeReports([[fresh], [elsewhere]])).toEqual([fresh, elsewhere])
  })
})

const fresh: TargetReport = {
  route: 'r',
  target: 'a',
  breaker: 'closed',
  opensInMs: 0,
  coolsForMs: 0,
  inFlight: 0,
  requests: 0,
  failures: 0,
  firstContentMs: null,
  msPerToken: null,
  inputTokens: 0,
  cacheReadTokens: 0,
  contextWindow: null,
}
