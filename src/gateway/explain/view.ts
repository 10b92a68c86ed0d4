import type { Call } from '../../core/call.ts'
import { holds, type Condition } from '../plan/condition.ts'
import { isTarget, targetsOf, type Branch, type Group, type PlanTarget } from '../plan/plan.ts'
import { reportTargets, type TargetReport } from '../plan/report.ts'

/** One request, and what is known of the targets it may go to. */
export interface View {
  readonly call: Call
  stateOf(target: PlanTarget): TargetReport
}

/** A view of what `reports` say, and of this process's own knowledge of the targets that they leave out. */
export function viewOf(
  call: Call,
  groups: readonly Group[],
  { reports, now }: { reports: readonly TargetReport[]; now: number },
): View {
  const known = new Map(reports.map((report) => [keyOf(report.route, report.target), report]))
  const own = new Map<PlanTarget, TargetReport>()
  for (const target of groups.flatMap(targetsOf)) {
    if (!own.has(target)) own.set(target, known.get(keyOf(target.route, target.name)) ?? report(target, now))
  }
  return { call, stateOf: (target) => own.get(target) ?? report(target, now) }
}

function keyOf(route: string, target: string): string {
  return `${route} ${target}`
}

function report(target: PlanTarget, now: number): TargetReport {
  const { route, settings } = target
  const info = { name: route, type: 'llm/v1/chat', model: { name: null, provider: '' } } as const
  const alone = { branches: [{ weight: 1, inside: target }], strategy: NO_STRATEGY }
  const [own] = reportTargets([{ info, plan: { route, settings, group: alone, fallbacks: [] } }], now)
  if (!own) throw new Error(`there is no report of the target "${target.name}"`)
  return own
}

const NO_STRATEGY: Group['strategy'] = {
  name: '',
  choose() {
    throw new Error('there is nothing to choose')
  },
}

/** Whether a request may go to the target now. */
export function isAvailable({ breaker, coolsForMs }: TargetReport): boolean {
  return breaker !== 'open' && coolsForMs === 0
}

/** Whether weight and condition let a request into the branch. */
export function isFor({ weight, condition }: Branch, call: Call): boolean {
  return weight > 0 && (!condition || holds(condition, call))
}

/** Whether the branch leads to a target that is open. */
export function leadsOn(
  branch: Branch,
  { call, isOpen }: { call: Call; isOpen: (target: PlanTarget) => boolean },
): boolean {
  if (!isFor(branch, call)) return false
  const { inside } = branch
  return isTarget(inside) ? isOpen(inside) : inside.branches.some((one) => leadsOn(one, { call, isOpen }))
}

/** What of a condition does not hold, in words; what the request has instead is not told. */
export function unmet({ headers, stream }: Condition, call: Call): string[] {
  const missing: string[] = []
  if (stream !== undefined && !holds({ headers: new Map(), stream }, call)) {
    missing.push(`the request must ${stream ? '' : 'not '}ask for a stream`)
  }
  for (const [name, values] of headers) {
    if (holds({ headers: new Map([[name, values]]) }, call)) continue
    missing.push(`header.${name} must be ${values.map((value) => JSON.stringify(value)).join(' or ')}`)
  }
  return missing
}
