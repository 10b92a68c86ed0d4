import type { Call } from '../../core/call.ts'
import { holds } from './condition.ts'
import { isTarget, type Branch, type Group, type PlanTarget } from './plan.ts'

/** Which targets of a group one request has tried, and which is next. */
export class Selection {
  readonly #call: Call
  readonly #group: Group
  /** Tried and failed, or not to be tried by this request at all. */
  readonly #spent = new Set<PlanTarget>()
  #isFirst = true

  constructor(group: Group, call: Call) {
    this.#group = group
    this.#call = call
  }

  /** The first choice was made by somebody else. */
  hasChosen(): void {
    this.#isFirst = false
  }

  /** Not again for this request, whatever the strategy says. */
  spend(target: PlanTarget): void {
    this.#spent.add(target)
  }

  /** The strategy's choice among the targets that are healthy and not tried yet. */
  next(now: number): PlanTarget | undefined {
    const call = this.#call
    const isOpen = (target: PlanTarget): boolean => !this.#spent.has(target) && canTake(target, call, now)
    const chosen = choose(this.#group, { call, isOpen, isFirst: this.#isFirst })
    this.#isFirst = false
    return chosen
  }

  /** When none is healthy: the one that is to be again the soonest. Better a try than a certain failure. */
  leastBad(now: number): PlanTarget | undefined {
    const isOpen = (target: PlanTarget): boolean => !this.#spent.has(target)
    let best: PlanTarget | undefined
    for (const target of reachable(this.#group, this.#call)) {
      if (!isOpen(target)) continue
      if (!best || target.state.badnessMs(now) < best.state.badnessMs(now)) best = target
    }
    return best
  }
}

/**
 * The targets that a request's conditions and the weights leave, and that serve what it asks for. When none serves that,
 * all of them: the first one asked says so.
 */
export function reachable(group: Group, call: Call): PlanTarget[] {
  const all = leavesFor(group, call)
  const serving = all.filter(({ serves }) => serves?.(call.request) ?? true)
  return serving.length > 0 ? serving : all
}

function leavesFor(group: Group, call: Call): PlanTarget[] {
  return group.branches.flatMap((branch) => {
    if (!isFor(branch, call)) return []
    return isTarget(branch.inside) ? [branch.inside] : leavesFor(branch.inside, call)
  })
}

function canTake({ state, serves }: PlanTarget, { request }: Call, now: number): boolean {
  return state.isAvailable(now) && (serves?.(request) ?? true)
}

/** Whether any target would take this request now. */
export function hasAvailable(group: Group, call: Call, now: number): boolean {
  return group.branches.some((branch) =>
    isOpen(branch, { call, isOpen: (target) => canTake(target, call, now), isFirst: false }),
  )
}

interface Choice {
  call: Call
  isOpen(target: PlanTarget): boolean
  isFirst: boolean
}

function choose(group: Group, choice: Choice): PlanTarget | undefined {
  const { branches, strategy } = group
  const open = branches.length === 1 ? branches : branches.filter((branch) => isOpen(branch, choice))
  const [only] = open
  if (!only) return undefined
  if (open.length === 1 && !isOpen(only, choice)) return undefined
  const { inside } = open.length === 1 ? only : strategy.choose(open, choice.isFirst)
  return isTarget(inside) ? inside : choose(inside, choice)
}

function isOpen(branch: Branch, choice: Choice): boolean {
  if (!isFor(branch, choice.call)) return false
  const { inside } = branch
  return isTarget(inside) ? choice.isOpen(inside) : inside.branches.some((inner) => isOpen(inner, choice))
}

function isFor({ weight, condition }: Branch, call: Call): boolean {
  return weight > 0 && (!condition || holds(condition, call))
}
