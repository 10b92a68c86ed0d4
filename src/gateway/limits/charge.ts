import { toNanoUsd, type Claim } from '../../core/limits.ts'
import { costUsd } from '../../core/prices.ts'
import type { Finish } from '../../core/reply.ts'
import { answering, type Trail } from '../../core/trail.ts'
import { totalTokens, type Usage } from '../../core/usage.ts'
import type { Size } from './estimate.ts'

/** How a request ended, and what was reserved for it. */
export interface Ended {
  readonly trail: Trail
  readonly finish: Finish
  /** Whether there was a reply, of which the client may have seen nothing: then the provider had worked. */
  readonly hasBegun: boolean
  readonly size: Size
}

/** What a request used of each claim's meter, in the units of claims. */
export function chargesOf(claims: readonly Claim[], ended: Ended): number[] {
  const used = usedBy(ended)
  return claims.map(({ rule }) => {
    switch (rule.meter) {
      case 'requests':
        return 1
      case 'concurrent':
        return 0
      case 'tokens':
        return lostTokens(ended.trail) + (used ? (totalTokens(used) ?? 0) : 0)
      case 'cost':
        return ended.trail.hasClientKey
          ? 0
          : toNanoUsd(lostUsd(ended.trail) + (used ? costOf(used, ended.trail) : 0))
    }
  })
}

/** A model without a price costs a budget nothing. */
function costOf(used: Usage, trail: Trail): number {
  const price = answering(trail)?.price
  return price ? (costUsd(used, price) ?? 0) : 0
}

/**
 * What the provider told; where it told nothing of an answer that was under way, what was reserved, so that nobody gains
 * by hanging up before the end.
 */
function usedBy({ trail, finish, hasBegun, size }: Ended): Usage | undefined {
  if (trail.cache === 'hit' || !hasBegun) return undefined
  return { ...size, ...finish.usage }
}

function lostTokens({ attempts }: Trail): number {
  return attempts.reduce((sum, { lostInputTokens = 0 }) => sum + lostInputTokens, 0)
}

function lostUsd({ attempts }: Trail): number {
  return attempts.reduce((sum, attempt) => sum + (attempt.lostUsd ?? 0), 0)
}
