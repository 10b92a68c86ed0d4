import { createHash } from 'node:crypto'
import type { Call } from '../../core/call.ts'
import type { Secret } from '../../core/secret.ts'
import { conversationOf, targetFor } from '../plan/affinity.ts'
import { targetsOf, type Fallback, type Group, type Plan, type PlanTarget } from '../plan/plan.ts'
import type { TargetReport } from '../plan/report.ts'
import { reachable } from '../plan/selection.ts'
import { considerTargets } from './considered.ts'
import { describeUnsent, dryRun, type DryOutcome } from './dry-run.ts'
import type {
  ExplainedAffinity,
  ExplainedFallback,
  ExplainedPolicy,
  ExplainedTry,
  Explanation,
  UpstreamRequest,
} from './explanation.ts'
import { trialOrder } from './trial-order.ts'
import { isAvailable, viewOf, type View } from './view.ts'

/** A route whose providers are dry (`DryRegistry`), and what is known around it. */
export interface ExplainedRoute {
  readonly plan: Plan
  readonly policies: readonly ExplainedPolicy[]
  /** What other processes know of the targets; it counts before what this one knows. */
  readonly reports?: readonly TargetReport[]
  /** Never shown, wherever they stand. */
  readonly secrets: readonly Secret[]
}

/**
 * What would become of this call at `now`. Nothing is sent, and nothing that later calls depend on is changed: no
 * credit of a strategy, no breaker, no count.
 */
export async function explain(route: ExplainedRoute, call: Call, now: number): Promise<Explanation> {
  const { plan, policies, reports = [], secrets } = route
  const groups = [plan.group, ...plan.fallbacks.map((fallback) => fallback.plan.group)]
  const view = viewOf(call, groups, { reports, now })
  const outcomes = await runAll(groups, call, secrets)
  const affinity = affinityOf(plan, view)
  const tries = triesOf(plan, view, affinity?.target)
  const first = tries[0] && { target: tries[0].target, outcome: outcomes.get(tries[0].target) }
  const { request } = call
  const explainGroup = (group: Group): Explanation['targets'] =>
    considerTargets(group, { view, outcomes, route: plan.route })
  return {
    route: plan.route,
    type: call.route.type,
    operation: request.operation,
    stream: 'stream' in request && request.stream,
    strategy: plan.group.strategy.name,
    targets: explainGroup(plan.group),
    affinity: affinity?.explained ?? null,
    order: {
      tries: tries.map(({ target, why }) => ({ route: target.route, target: target.name, why })),
      maxAttempts: plan.settings.retries.max + 1,
      rule: ruleOf(plan.group),
    },
    settings: plan.settings,
    policies,
    fallbacks: plan.fallbacks.map((fallback) => explainFallback(fallback, { view, explainGroup })),
    upstream: first?.outcome ? upstreamOf(first.outcome, { target: first.target, call, secrets }) : null,
    notes: notesOf(tries, first?.outcome),
  }
}

function ruleOf(group: Group): string {
  return targetsOf(group).length === 1 ? 'There is one target.' : (RULES[group.strategy.name] ?? '')
}

const RULES: Readonly<Record<string, string>> = {
  weighted:
    'By weight, exact over time: the shares say how many requests begin where. This is the likeliest order.',
  priority: 'The first of the file that is healthy.',
  latency: 'Of two at random the one that is likely to answer sooner. This is the likeliest order.',
  least_busy: 'The one with the fewest requests under way, by weight.',
  cost: 'The cheapest that is healthy.',
}

/** Each target that weights and conditions leave is asked what it would send. */
async function runAll(
  groups: readonly Group[],
  call: Call,
  secrets: readonly Secret[],
): Promise<Map<PlanTarget, DryOutcome>> {
  const targets = new Set(groups.flatMap((group) => reachable(group, call)))
  const outcomes = [...targets].map(async (target) => [target, await dryRun(target, call, secrets)] as const)
  return new Map(await Promise.all(outcomes))
}

interface Affinity {
  readonly explained: ExplainedAffinity
  readonly target: PlanTarget | undefined
}

function affinityOf({ group, settings }: Plan, view: View): Affinity | undefined {
  const { call } = view
  const conversation = group.branches.length > 1 ? conversationOf(call, settings.affinity) : undefined
  if (conversation === undefined) return undefined
  const mayUse = (target: PlanTarget): boolean => isAvailable(view.stateOf(target))
  const target = targetFor(conversation, group, { call, mayUse })
  const digest = createHash('sha256').update(conversation).digest('hex').slice(0, 12)
  const by = settings.affinity?.by ?? 'session'
  return { target, explained: { by, conversation: digest, target: target?.name ?? null } }
}

interface Try {
  readonly target: PlanTarget
  readonly why: ExplainedTry['why']
}

/** The order of the route's own targets; before them a healthy fallback while none of them is. */
function triesOf({ group, fallbacks }: Plan, view: View, bound: PlanTarget | undefined): Try[] {
  const healthy = trialOrder(group, view, bound)
  if (healthy.length > 0) {
    return healthy.map((target) => ({ target, why: target === bound ? 'affinity' : 'strategy' }))
  }
  const least = leastBad(group, view)
  const own: Try[] = least ? [{ target: least, why: 'least bad' }] : []
  const other = fallbacks
    .filter(({ on }) => on.has('overloaded'))
    .flatMap(({ plan }) => trialOrder(plan.group, view))
  return other[0] ? [{ target: other[0], why: 'fallback' }, ...own] : own
}

function leastBad(group: Group, view: View): PlanTarget | undefined {
  const badness = (target: PlanTarget): number => {
    const { opensInMs, coolsForMs } = view.stateOf(target)
    return Math.max(opensInMs, coolsForMs)
  }
  return reachable(group, view.call).toSorted((one, other) => badness(one) - badness(other))[0]
}

function explainFallback(
  { on, plan }: Fallback,
  { view, explainGroup }: { view: View; explainGroup: (group: Group) => Explanation['targets'] },
): ExplainedFallback {
  const first = trialOrder(plan.group, view)[0] ?? leastBad(plan.group, view)
  return { route: plan.route, on: [...on], targets: explainGroup(plan.group), first: first?.name ?? null }
}

function upstreamOf(
  outcome: DryOutcome,
  about: { target: PlanTarget; call: Call; secrets: readonly Secret[] },
): UpstreamRequest | null {
  return outcome.type === 'unsent' ? describeUnsent(outcome.unsent, about) : null
}

function notesOf(tries: readonly Try[], first: DryOutcome | undefined): string[] {
  const [next] = tries
  if (!next) return ['No target takes this request: their weights are 0, or their conditions do not hold.']
  const notes: string[] = []
  if (next.why === 'fallback') notes.push('No target is healthy: the request goes to a fallback at once.')
  if (next.why === 'least bad')
    notes.push('No target is healthy: the one that is to be again the soonest is tried.')
  if (first?.type === 'answered') notes.push('The gateway answers by itself, with an estimate.')
  if (first?.type === 'refused') {
    notes.push(
      'The first target refuses this request, and no other is tried: it is the request that is at fault.',
    )
  }
  return notes
}
