import { describe, expect, it } from 'vitest'
import { dryRuntime } from '../../test/support/explain.ts'
import { nearest } from '../config/nearest.ts'
import type { DryRuntime } from '../gateway/explain/answer-question.ts'
import { targetsOf } from '../gateway/plan/plan.ts'
import { reportTargets } from '../gateway/plan/report.ts'
import type { TargetReport } from './contract.ts'
import { Explainer } from './explainer.ts'

const TEXT = `
routes:
  - name: smart
    type: llm/v1/chat
    strategy: priority
    targets:
      - {name: a, model: {provider: mock, name: a}}
      - {name: b, model: {provider: mock, name: b}}
`
const QUESTION = { route: 'smart', request: { model: 'smart', messages: [{ role: 'user', content: 'hi' }] } }

interface Setting {
  explainer: Explainer
  built: DryRuntime[]
  open: Map<string, number>
  reports: TargetReport[]
}

function setUp(): Setting {
  const built: DryRuntime[] = []
  const open = new Map<string, number>()
  const reports: TargetReport[] = []
  const explainer = new Explainer({
    build() {
      const dry = dryRuntime(TEXT)
      built.push(dry)
      return Promise.resolve(dry)
    },
    targets: () => Promise.resolve(reports),
    openBreakers: () => open,
    guess: nearest,
  })
  return { explainer, built, open, reports }
}

function keyOf(dry: DryRuntime | undefined, name: string): string {
  const targets = dry?.runtime.routes().flatMap(({ plan }) => targetsOf(plan.group)) ?? []
  return targets.find((target) => target.name === name)?.state.key ?? ''
}

describe('the explainer', () => {
  it('builds its runtime when it is asked, once, and anew after a reload', async () => {
    const { explainer, built } = setUp()
    explainer.forget()
    expect(built).toHaveLength(0)
    await Promise.all([explainer.explain(QUESTION), explainer.explain(QUESTION)])
    expect(built).toHaveLength(1)
    explainer.forget()
    await explainer.explain(QUESTION)
    expect(built).toHaveLength(2)
  })

  it('knows the breakers that workers have found open, also of a worker that does not answer', async () => {
    const { explainer, built, open } = setUp()
    await explainer.explain(QUESTION)
    open.set(keyOf(built[0], 'a'), 5000)
    open.set(keyOf(built[0], 'b'), -1)
    const { targets, order } = await explainer.explain(QUESTION)
    expect(targets.map(({ state }) => [state.breaker, state.opensInMs])).toEqual([
      ['open', 5000],
      ['half-open', 0],
    ])
    expect(order.tries.map(({ target }) => target)).toEqual(['b'])
  })

  it('knows what workers say of the targets', async () => {
    const { explainer, built, reports } = setUp()
    await explainer.explain(QUESTION)
    const [first] = reportTargets(built[0]?.runtime.routes() ?? [], 0)
    if (first) reports.push({ ...first, inFlight: 7, coolsForMs: 100 })
    const { targets } = await explainer.explain(QUESTION)
    expect(targets[0]).toMatchObject({ isEligible: false, state: { inFlight: 7 } })
    expect(targets[1]).toMatchObject({ isEligible: true, state: { inFlight: 0 } })
  })

  it('guesses which route was meant', async () => {
    const { explainer } = setUp()
    const failed = explainer.explain({ ...QUESTION, route: 'smrt' })
    await expect(failed).rejects.toMatchObject({ status: 404, message: expect.stringContaining('"smart"') })
  })

  it('tries again to build what could not be built', async () => {
    let times = 0
    const explainer = new Explainer({
      build: () => (++times === 1 ? Promise.reject(new Error('once')) : Promise.resolve(dryRuntime(TEXT))),
      targets: () => Promise.resolve([]),
      openBreakers: () => new Map(),
      guess: nearest,
    })
    await expect(explainer.explain(QUESTION)).rejects.toThrow('once')
    expect(await explainer.explain(QUESTION)).toMatchObject({ route: 'smart' })
  })
})
