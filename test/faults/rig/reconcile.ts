import { waitFor } from '../../support/wait.ts'
import type { Canaries } from './canaries.ts'
import { checkAnswers } from './check-answers.ts'
import { checkAttempts } from './check-attempts.ts'
import { checkHealth, type Health } from './check-health.ts'
import { checkKeys, type KeysByProvider } from './check-keys.ts'
import type { GatewayUnderTest } from './gateway-under-test.ts'
import type { LedgerEntry } from './ledger.ts'
import { type Outcome, requestIdOf } from './outcome.ts'
import type { MockProvider } from './provider.ts'

/** All that is known of a run when it is over. */
export interface RunFacts {
  readonly outcomes: readonly Outcome[]
  readonly ledger: readonly LedgerEntry[]
  /** By request id, from the access log. */
  readonly loggedAttempts: ReadonlyMap<string, number>
  readonly stdout: string
  readonly stderr: string
  readonly canaries: Canaries
  readonly health: Health
}

/** What a run may do. */
export interface RunLimits {
  /** All workers together. */
  readonly maxResidentBytes: number
  /** Attempts that no provider saw, because the fault was on the way to it; 0 unless given. */
  readonly maxUnseenAttempts?: number
  /** Workers that the run itself killed. */
  readonly killedWorkers?: number
  /** Entries that are nobody's attempt, such as mirrored requests. */
  readonly isNoAttempt?: (entry: LedgerEntry) => boolean
  readonly keys?: KeysByProvider
}

/** Everything that should not have been, in words; empty when all is well. */
export function reconcile(facts: RunFacts, limits: RunLimits): string[] {
  const { outcomes, stdout, stderr, canaries, health } = facts
  return [
    ...checkAnswers(outcomes),
    ...checkAttempts(facts, limits),
    ...checkKeys(facts.ledger, limits.keys ?? {}),
    ...outcomes.flatMap(({ shot, headers, body }) =>
      canaries.find(`the answer of ${shot.marker}`, JSON.stringify(headers) + body.toString('latin1')),
    ),
    ...canaries.find('stdout', stdout),
    ...canaries.find('stderr', stderr),
    ...checkHealth({ stdout, stderr, health }, limits),
  ]
}

/** Who took part in a run. */
export interface Run {
  readonly gateway: GatewayUnderTest
  readonly providers: readonly MockProvider[]
  readonly outcomes: readonly Outcome[]
  readonly canaries: Canaries
}

const QUIET_MS = 10_000

/**
 * Wait until nothing is under way any more and every answered request is in the log. What is still busy after 10 s is
 * left to the reconciler.
 */
export async function gatherFacts(run: Run): Promise<RunFacts> {
  const { gateway, providers, outcomes, canaries } = run
  const ids = outcomes.map(requestIdOf).filter((id) => id !== undefined)
  const isQuiet = (): boolean => {
    if (providers.some(({ busySockets }) => busySockets > 0)) return false
    const logged = gateway.loggedRequests()
    return ids.every((id) => logged.has(id))
  }
  await waitFor('the run to be quiet', isQuiet, QUIET_MS).catch(() => undefined)
  return {
    outcomes,
    canaries,
    ledger: providers.flatMap(({ ledger }) => ledger),
    loggedAttempts: gateway.loggedAttempts(),
    stdout: gateway.stdout,
    stderr: gateway.stderr,
    health: {
      workerRestarts: gateway.workerRestarts,
      peakResidentBytes: gateway.peakResidentBytes,
      busySockets: providers.reduce((sum, { busySockets }) => sum + busySockets, 0),
    },
  }
}
