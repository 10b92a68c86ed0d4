import { targetsOf, type PlanTarget } from './plan.ts'
import type { BreakerState } from './breaker.ts'
import type { Route } from '../runtime.ts'

/** What one worker knows of one target. No credential, no digest of one. */
export interface TargetReport {
  route: string
  target: string
  breaker: BreakerState
  /** Until a request may try an open breaker, and until a target that had too much to do is asked again. */
  opensInMs: number
  coolsForMs: number
  inFlight: number
  requests: number
  failures: number
  /** Moving averages; null until something was measured. */
  firstContentMs: number | null
  msPerToken: number | null
  inputTokens: number
  cacheReadTokens: number
  /** How many tokens a request and its answer may have; null when that is not known. */
  contextWindow: number | null
}

export function reportTargets(routes: readonly Pick<Route, 'info' | 'plan'>[], now: number): TargetReport[] {
  return routes.flatMap(({ info, plan }) =>
    targetsOf(plan.group)
      .filter(({ route }) => route === info.name)
      .map((target) => report(target, now)),
  )
}

function report({ route, name, state, contextWindow }: PlanTarget, now: number): TargetReport {
  const { breaker, inFlight, requests, failures, firstContentMs, tokenMs } = state
  return {
    route,
    target: name,
    breaker: breaker.state(now),
    opensInMs: Math.round(breaker.remainingMs(now)),
    coolsForMs: Math.round(state.coolingMs(now)),
    inFlight,
    requests,
    failures,
    firstContentMs: firstContentMs.value ?? null,
    msPerToken: tokenMs.value ?? null,
    inputTokens: state.inputTokens,
    cacheReadTokens: state.cacheReadTokens,
    contextWindow: contextWindow ?? null,
  }
}

/** Those of several workers as one: counts add up, the worst breaker counts, of averages the slowest. */
export function mergeReports(reports: readonly (readonly TargetReport[])[]): TargetReport[] {
  const merged = new Map<string, TargetReport>()
  for (const one of reports.flat()) {
    const key = `${one.route} ${one.target}`
    const known = merged.get(key)
    merged.set(key, known ? merge(known, one) : one)
  }
  return [...merged.values()]
}

function merge(one: TargetReport, other: TargetReport): TargetReport {
  return {
    ...one,
    breaker: BADNESS.indexOf(one.breaker) >= BADNESS.indexOf(other.breaker) ? one.breaker : other.breaker,
    opensInMs: Math.max(one.opensInMs, other.opensInMs),
    coolsForMs: Math.max(one.coolsForMs, other.coolsForMs),
    inFlight: one.inFlight + other.inFlight,
    requests: one.requests + other.requests,
    failures: one.failures + other.failures,
    firstContentMs: slower(one.firstContentMs, other.firstContentMs),
    msPerToken: slower(one.msPerToken, other.msPerToken),
    inputTokens: one.inputTokens + other.inputTokens,
    cacheReadTokens: one.cacheReadTokens + other.cacheReadTokens,
  }
}

const BADNESS: readonly BreakerState[] = ['closed', 'half-open', 'open']

function slower(one: number | null, other: number | null): number | null {
  return one === null || other === null ? (one ?? other) : Math.max(one, other)
}
