import { typicalUsd } from '../plan/strategies/measures.ts'
import { isTarget, type Branch, type Group, type PlanTarget } from '../plan/plan.ts'
import { isAvailable, leadsOn, type View } from './view.ts'

/** Healthy targets in the order in which they would be tried if each failed; where chance decides, the likeliest order. */
export function trialOrder(group: Group, view: View, first?: PlanTarget): PlanTarget[] {
  const order = first ? [first] : []
  const paid = new Map<Branch, number>()
  for (;;) {
    const isOpen = (target: PlanTarget): boolean =>
      !order.includes(target) && isAvailable(view.stateOf(target))
    const next = pick(group, { view, paid, isOpen, isFirst: order.length === 0 })
    if (!next) return order
    order.push(next)
  }
}

interface Picking {
  readonly view: View
  /** What a branch that a request began with owes to the others: shares by weight count first choices alone. */
  readonly paid: Map<Branch, number>
  readonly isFirst: boolean
  readonly isOpen: (target: PlanTarget) => boolean
}

function pick(group: Group, picking: Picking): PlanTarget | undefined {
  const { view, paid, isOpen, isFirst } = picking
  const open = group.branches.filter((branch) => leadsOn(branch, { call: view.call, isOpen }))
  const total = sum(open.map(({ weight }) => weight))
  const cost = (branch: Branch): number =>
    group.strategy.name === 'weighted'
      ? (paid.get(branch) ?? 0) - branch.weight
      : badness(branch, group.strategy.name, view)
  const chosen = best(open, cost)
  if (!chosen) return undefined
  if (isFirst) paid.set(chosen, total)
  return isTarget(chosen.inside) ? chosen.inside : pick(chosen.inside, picking)
}

/** How many of the requests like this one begin at each target: from 0 to 1, and 1 in all when any is healthy. */
export function sharesOf(group: Group, view: View): ReadonlyMap<PlanTarget, number> {
  const shares = new Map<PlanTarget, number>()
  spread(group, 1, { view, shares })
  return shares
}

function spread(
  { branches, strategy }: Group,
  part: number,
  into: { view: View; shares: Map<PlanTarget, number> },
): void {
  const { view, shares } = into
  const isOpen = (target: PlanTarget): boolean => isAvailable(view.stateOf(target))
  const open = branches.filter((branch) => leadsOn(branch, { call: view.call, isOpen }))
  for (const [branch, chance] of chances(open, strategy.name, view)) {
    const { inside } = branch
    if (isTarget(inside)) shares.set(inside, (shares.get(inside) ?? 0) + part * chance)
    else if (chance > 0) spread(inside, part * chance, into)
  }
}

function chances(open: readonly Branch[], strategy: string, view: View): [Branch, number][] {
  if (strategy === 'weighted') {
    const total = sum(open.map(({ weight }) => weight))
    return open.map((branch) => [branch, branch.weight / total])
  }
  const winners = draws(open, strategy).map((draw) => best(draw, (branch) => badness(branch, strategy, view)))
  return open.map((branch) => [branch, winners.filter((winner) => winner === branch).length / winners.length])
}

/** Between which branches a strategy may have to choose: each draw is as likely as any other. */
function draws(open: readonly Branch[], strategy: string): (readonly Branch[])[] {
  if (strategy !== 'latency' || open.length < 2) return [open]
  return open.flatMap((one) => open.filter((other) => other !== one).map((other) => [one, other]))
}

/** The first of those with the least. */
function best(branches: readonly Branch[], of: (branch: Branch) => number): Branch | undefined {
  return branches.toSorted((one, other) => of(one) - of(other))[0]
}

/** What a strategy wants little of; equal for all where the order of the file counts. */
function badness(branch: Branch, strategy: string, view: View): number {
  const { inside, weight } = branch
  switch (strategy) {
    case 'least_busy':
      return busyness(inside, view) / weight
    case 'cost':
      return measure(inside, (target) => typicalUsd(target) ?? Number.MAX_VALUE, Math.min)
    case 'latency':
      return slowness(inside, view) * (busyness(inside, view) + 1)
    default:
      return 0
  }
}

function busyness(inside: Branch['inside'], view: View): number {
  return measure(
    inside,
    (target) => view.stateOf(target).inFlight,
    (one, other) => one + other,
  )
}

function slowness(inside: Branch['inside'], view: View): number {
  const answerMs = (target: PlanTarget): number => {
    const { firstContentMs, msPerToken, inFlight } = view.stateOf(target)
    if (firstContentMs === null) return inFlight === 0 ? 0 : UNKNOWN_MS
    return firstContentMs + TYPICAL_TOKENS * (msPerToken ?? 0)
  }
  return measure(inside, answerMs, Math.min)
}

/** As the strategy itself has them; here of what all workers know together. */
const TYPICAL_TOKENS = 200
const UNKNOWN_MS = 60_000

function measure(
  inside: Branch['inside'],
  ofTarget: (target: PlanTarget) => number,
  join: (one: number, other: number) => number,
): number {
  if (isTarget(inside)) return ofTarget(inside)
  return inside.branches.map((branch) => measure(branch.inside, ofTarget, join)).reduce(join)
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
