import { typicalUsd } from '../plan/strategies/measures.ts'
import type { Group, PlanTarget } from '../plan/plan.ts'
import { isTarget } from '../plan/plan.ts'
import type { TargetReport } from '../plan/report.ts'
import type { DryOutcome } from './dry-run.ts'
import type { ExplainedTarget } from './explanation.ts'
import { sharesOf } from './trial-order.ts'
import { isAvailable, unmet, type View } from './view.ts'

interface Considering {
  readonly view: View
  /** How far the request got at each target that was tried. */
  readonly outcomes: ReadonlyMap<PlanTarget, DryOutcome>
  /** The route that the request is for. */
  readonly route: string
}

/** Every target of a group, ruled out or not, in the order of the file. */
export function considerTargets(group: Group, considering: Considering): ExplainedTarget[] {
  const shares = sharesOf(group, considering.view)
  return walk(group, { ...considering, shares, weights: [], reasons: [] })
}

interface Walk extends Considering {
  readonly shares: ReadonlyMap<PlanTarget, number>
  /** Of the groups around. */
  readonly weights: readonly number[]
  readonly reasons: readonly string[]
}

function walk(group: Group, around: Walk): ExplainedTarget[] {
  return group.branches.flatMap(({ weight, condition, inside }) => {
    const missing = condition ? unmet(condition, around.view.call) : []
    const reasons = [
      ...around.reasons,
      ...(weight === 0 ? ['its weight is 0'] : []),
      ...missing.map((what) => `its condition does not hold: ${what}`),
    ]
    const here = { ...around, weights: [...around.weights, weight], reasons }
    return isTarget(inside) ? [toExplained(inside, here)] : walk(inside, here)
  })
}

function toExplained(
  target: PlanTarget,
  { view, outcomes, route, shares, weights, reasons }: Walk,
): ExplainedTarget {
  const state = view.stateOf(target)
  const { request } = view.call
  const cannot = target.serves?.(request) === false ? [`it does not serve ${request.operation}`] : []
  const outcome = outcomes.get(target)
  const { timeout, breaker } = target.settings
  return {
    route: target.route,
    target: target.name,
    weights,
    share: reasons.length + cannot.length > 0 ? 0 : (shares.get(target) ?? 0),
    state,
    priceUsd: typicalUsd(target) ?? null,
    isEligible: reasons.length + cannot.length === 0 && isAvailable(state),
    reasons: [...reasons, ...cannot, ...troubles(state)],
    refusal: outcome?.type === 'refused' ? outcome.message : null,
    ownSettings: target.route === route ? null : { timeout, ...(breaker && { breaker }) },
  }
}

function troubles({ breaker, opensInMs, coolsForMs }: TargetReport): string[] {
  return [
    ...(breaker === 'open' ? [`its breaker is open for another ${inSeconds(opensInMs)}`] : []),
    ...(coolsForMs > 0 ? [`it has too much to do and is spared for another ${inSeconds(coolsForMs)}`] : []),
  ]
}

function inSeconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}
