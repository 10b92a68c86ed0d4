import { runLoad } from './clients.ts'
import type { Outcome, Shot } from './outcome.ts'
import { gatherFacts, reconcile, type Run, type RunFacts, type RunLimits } from './reconcile.ts'

/** Who is there before anybody asks. */
export type Scene = Omit<Run, 'outcomes'>

/** What is asked, and what is allowed meanwhile. */
export interface RunOptions extends RunLimits {
  readonly shots: readonly Shot[]
  /** How long each client waits. */
  readonly deadlineMs?: number
}

export interface RunResult {
  readonly outcomes: readonly Outcome[]
  readonly facts: RunFacts
  /** Empty when all is well. */
  readonly violations: readonly string[]
}

/** Send a load through the gateway, wait until all is quiet, and hold the accounts against each other. */
export async function playRun(scene: Scene, options: RunOptions): Promise<RunResult> {
  const { shots, deadlineMs } = options
  const url = scene.gateway.url
  const outcomes = await runLoad(shots, deadlineMs === undefined ? { url } : { url, deadlineMs })
  const facts = await gatherFacts({ ...scene, outcomes })
  return { outcomes, facts, violations: reconcile(facts, options) }
}

/** How often each end was met, such as `{'200 answer': 12, '503 error': 1, left: 2}`. */
export function countEnds(outcomes: readonly Outcome[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { end, status, verdict } of outcomes) {
    const name = end === 'whole' ? `${status} ${verdict.kind}` : end
    counts[name] = (counts[name] ?? 0) + 1
  }
  return counts
}
