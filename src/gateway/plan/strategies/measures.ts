import { isTarget, type Branch, type Group, type PlanTarget } from '../plan.ts'

/** Requests under way in a branch. */
export function busyness({ inside }: Branch): number {
  return measure(inside, ({ state }) => state.inFlight, sum)
}

/**
 * How slow a branch is, in milliseconds: the wait for the first content, and a short answer's tokens behind it. Nothing
 * known counts as fast, so that a new target is tried.
 */
export function slowness({ inside }: Branch): number {
  return measure(inside, answerMs, Math.min)
}

function answerMs({ state }: PlanTarget): number {
  return (state.firstContentMs.value ?? 0) + TYPICAL_TOKENS * (state.tokenMs.value ?? 0)
}

const TYPICAL_TOKENS = 200

/** What a branch costs; without a known price it is the dearest. */
export function price({ inside }: Branch): number {
  return measure(inside, ({ priceUsd = Infinity }) => priceUsd, Math.min)
}

function measure(
  inside: PlanTarget | Group,
  ofTarget: (target: PlanTarget) => number,
  join: (one: number, other: number) => number,
): number {
  if (isTarget(inside)) return ofTarget(inside)
  return inside.branches.map((branch) => measure(branch.inside, ofTarget, join)).reduce(join)
}

function sum(one: number, other: number): number {
  return one + other
}
