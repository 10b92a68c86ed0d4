import type { ErrorKind } from '../../core/error.ts'
import type { PlanSettings } from '../../core/plan-settings.ts'
import type { Call } from '../../core/call.ts'
import type { ClientRequest } from '../../core/dialect.ts'
import type { Next } from '../../core/policy.ts'
import type { Price } from '../../core/prices.ts'
import type { RouteInfo } from '../../core/route.ts'
import type { Continuation } from '../../core/resume.ts'
import type { Condition } from './condition.ts'
import type { TargetState } from './target-state.ts'

/** How one route's requests find a target: its own targets, and where to go when they fail. */
export interface Plan {
  readonly route: string
  readonly group: Group
  readonly fallbacks: readonly Fallback[]
  readonly settings: PlanSettings
}

/** Targets of which a strategy chooses: those of a route, or the keys of one target. */
export interface Group {
  readonly strategy: Strategy
  readonly branches: readonly Branch[]
}

/** One target, or a whole group in the place of one. */
export interface Branch {
  /** Any positive number; 0 takes no new requests. */
  readonly weight: number
  /** What a request must have to go here. */
  readonly condition?: Condition
  readonly inside: PlanTarget | Group
}

/** One model with one key. */
export interface PlanTarget {
  /** As in `x-gateway-target`: unique within its route. */
  readonly name: string
  readonly route: string
  readonly state: TargetState
  /** Those of its own route, wherever a request comes from. */
  readonly settings: PlanSettings
  readonly model: RouteInfo['model']
  /** Undefined when nobody knows. */
  readonly price: Price | undefined
  /** In tokens, of a request and its answer; undefined when nobody knows. */
  readonly contextWindow?: number | undefined
  readonly run: Next
  /** Whether it can be asked for this at all; absent: for everything. */
  readonly serves?: (request: ClientRequest) => boolean
  /** The stream of a request that continues another's. */
  readonly open?: (call: Call) => Promise<Omit<Continuation, 'target'>>
}

/** Another route's targets, for failures of some classes. */
export interface Fallback {
  readonly on: ReadonlySet<ErrorKind>
  readonly plan: Plan
}

/** Chooses between branches that a request may all go to. */
export interface Strategy {
  readonly name: string
  /** `isFirst`: the request's first choice here, which counts for shares. `branches` are some of the group's, at least two. */
  choose(branches: readonly Branch[], isFirst: boolean): Branch
}

export function isTarget(inside: PlanTarget | Group): inside is PlanTarget {
  return 'run' in inside
}

/** Every target of a group, however deep. */
export function targetsOf(group: Group): PlanTarget[] {
  return group.branches.flatMap(({ inside }) => (isTarget(inside) ? [inside] : targetsOf(inside)))
}
