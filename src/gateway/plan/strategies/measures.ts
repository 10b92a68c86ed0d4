import { estimateUsd } from '../../../core/prices.ts'
import { isTarget, type Branch, type Group, type PlanTarget } from '../plan.ts'

/** Requests under way in a branch. */
export function busyness({ inside }: Branch): number {
  return measure(inside, ({ state }) => state.inFlight, sum)
}

/**
 * How slow a branch is, in milliseconds: the wait for the first content, and a short answer's tokens behind it. Nothing
 * known counts as fast, so that a new target is tried: by one request at a time.
 */
export function slowness({ inside }: Branch): number {
  const now = performance.now()
  return measure(inside, (target) => answerMs(target, now), Math.min)
}

function answerMs({ state }: PlanTarget, now: number): number {
  const firstMs = state.firstContentMs.valueAt(now)
  // The first one tries; until it is answered the others do not follow.
  if (firstMs === undefined) return state.inFlight === 0 ? 0 : UNKNOWN_MS
  return firstMs + TYPICAL_TOKENS * (state.tokenMs.valueAt(now) ?? 0)
}

const TYPICAL_TOKENS = 200
const UNKNOWN_MS = 60_000

/** What a branch costs; without a known price it is the dearest. */
export function price({ inside }: Branch): number {
  return measure(inside, (target) => typicalUsd(target) ?? Infinity, Math.min)
}

/** USD for a request of typical length; undefined when nobody knows. */
export function typicalUsd({ price: known }: PlanTarget): number | undefined {
  return known && estimateUsd(known, { inputTokens: TYPICAL_INPUT_TOKENS, outputTokens: TYPICAL_TOKENS })
}

/** Prompts are longer than answers. */
const TYPICAL_INPUT_TOKENS = 1000

function measure(
  inside: PlanTarget | Group,
  ofTarget: (target: PlanTarget) => number,
  join: (one: number, other: number) => number,
): number {
  if (isTarget(inside)) return ofTarget(inside)
  return inside.branches
    .map((branch) => measure(branch.inside, ofTarget, join))
    .reduce((one, other) => join(one, other))
}

function sum(one: number, other: number): number {
  return one + other
}
