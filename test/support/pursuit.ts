import { vi } from 'vitest'
import type { GatewayError } from '../../src/core/error.ts'
import type { PlanTarget } from '../../src/gateway/plan/plan.ts'
import { pursue } from '../../src/gateway/plan/pursue.ts'
import { RetryBudget } from '../../src/gateway/plan/retry-budget.ts'
import { makeCall } from './call.ts'
import { leave, makePlan, type PlanParts } from './plan.ts'

export function makeChatCall(headers: Record<string, string> = {}): ReturnType<typeof makeCall> {
  return makeCall('{"messages":[{"role":"user","content":"hi"}]}', { headers })
}

/** What came of one call. */
export interface Outcome {
  /** The name of the target that answered, or the class of the failure. */
  end: string
  tookMs: number
  call: ReturnType<typeof makeCall>
  error?: GatewayError
}

/** Runs one call through a plan, under a fake clock, to the end of everything, streams included. */
export async function settle(
  parts: PlanParts,
  { call = makeChatCall(), budget = new RetryBudget(), random = 0.5, leaveAfterMs = Infinity } = {},
): Promise<Outcome> {
  const startedAt = performance.now()
  const tookMs = (): number => performance.now() - startedAt
  const running = pursue(makePlan(parts), { budget, random: () => random })(call).then(
    ({ body }): Outcome => ({ end: body.type === 'whole' ? String(body.text) : '', tookMs: tookMs(), call }),
    (error: GatewayError): Outcome => ({ end: error.kind, tookMs: tookMs(), call, error }),
  )
  if (leaveAfterMs !== Infinity) {
    await vi.advanceTimersByTimeAsync(leaveAfterMs)
    leave(call.signal)
  }
  await vi.runAllTimersAsync()
  return running
}

/** The attempts of a call: why, whom, and what came of it. */
export function attemptsOf({ call }: Outcome): string {
  return call.trail.attempts.map(({ reason, target, outcome }) => `${reason} ${target} ${outcome}`).join(', ')
}

/** How many requests targets still have under way. */
export function underWay(...targets: PlanTarget[]): number {
  return targets.reduce((sum, { state }) => sum + state.inFlight, 0)
}

/** Back to real time; fails when something would still have happened. */
export function endFakeTime(): void {
  const timers = vi.getTimerCount()
  vi.useRealTimers()
  if (timers > 0) throw new Error(`${timers} timers are left behind`)
}
