import type { Branch, Strategy } from '../plan.ts'
import { Weighted } from './weighted.ts'
import { busyness, price, slowness } from './measures.ts'

export const STRATEGIES = ['weighted', 'priority', 'latency', 'least_busy', 'cost'] as const
export type StrategyName = (typeof STRATEGIES)[number]

/** What a strategy may use. */
export interface StrategySetup {
  /** Where a worker begins, so that several do not all begin with the same target. */
  phase: number
  /** From 0 to 1. */
  readonly random: () => number
}

/** A strategy for one group; it may keep state. */
export function createStrategy(name: StrategyName, { phase, random }: StrategySetup): Strategy {
  switch (name) {
    case 'weighted':
      return new Weighted(phase)
    case 'priority':
      return { name, choose: first }
    case 'latency':
      return { name, choose: (branches) => fasterOfTwo(branches, random) }
    case 'least_busy':
      return { name, choose: (branches) => least(branches, (branch) => busyness(branch) / branch.weight) }
    case 'cost':
      return { name, choose: (branches) => least(branches, price) }
  }
}

/** In the order of the file. */
function first(branches: readonly Branch[]): Branch {
  const [branch] = branches
  if (!branch) throw new RangeError('a strategy needs a branch to choose')
  return branch
}

/** The first of those with the least. */
function least(branches: readonly Branch[], of: (branch: Branch) => number): Branch {
  let best = first(branches)
  for (const branch of branches) if (of(branch) < of(best)) best = branch
  return best
}

/**
 * Two at random, and of them the one where a request would be answered sooner: everybody's choice of the very fastest
 * would make it the slowest.
 * Source: https://www.eecs.harvard.edu/~michaelm/postscripts/mythesis.pdf
 */
function fasterOfTwo(branches: readonly Branch[], random: () => number): Branch {
  const one = Math.floor(random() * branches.length)
  const other = (one + 1 + Math.floor(random() * (branches.length - 1))) % branches.length
  const pair = [branches[one], branches[other]].filter((branch) => branch !== undefined)
  return least(pair, (branch) => slowness(branch) * (busyness(branch) + 1))
}
