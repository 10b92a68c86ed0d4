import type { LedgerEntry } from './ledger.ts'
import { type Outcome, requestIdOf } from './outcome.ts'

/** The two accounts of what was tried. */
interface Accounts {
  readonly outcomes: readonly Outcome[]
  readonly ledger: readonly LedgerEntry[]
  readonly loggedAttempts: ReadonlyMap<string, number>
}

interface AttemptLimits {
  readonly maxUnseenAttempts?: number
  readonly isNoAttempt?: (entry: LedgerEntry) => boolean
}

/** The attempts that the gateway tells of are the requests that the providers saw, for each request by itself. */
export function checkAttempts(accounts: Accounts, limits: AttemptLimits): string[] {
  const { outcomes, loggedAttempts } = accounts
  const { maxUnseenAttempts = 0, isNoAttempt = () => false } = limits
  const ledger = accounts.ledger.filter((entry) => !isNoAttempt(entry))
  const seen = countByMarker(ledger)
  const asked = new Set(outcomes.map(({ shot }) => shot.marker))
  const violations = ledger.flatMap((entry) => checkEntry(entry, asked))
  let unseen = 0
  for (const outcome of outcomes) {
    const { marker } = outcome.shot
    // Who left may never have learnt its id, and without a head nothing was told; that is a violation elsewhere.
    if (outcome.status === 0) continue
    const told = attemptsOf(outcome, loggedAttempts)
    if (typeof told === 'string') violations.push(`${marker} ${told}`)
    else {
      const count = seen.get(marker) ?? 0
      if (count > told) violations.push(`${marker} tells of ${told} attempts, the providers of ${count}`)
      else unseen += told - count
    }
  }
  if (unseen > maxUnseenAttempts) {
    violations.push(
      `${unseen} attempts are told of that no provider saw, at most ${maxUnseenAttempts} are possible`,
    )
  }
  return violations
}

function checkEntry({ provider, number, markers, end, isStream }: LedgerEntry, asked: Set<string>): string[] {
  const where = `request ${number} at ${provider}`
  if (end === undefined) return [`${where} is still under way`]
  // Of a request that broke off nothing is known.
  if (markers.length === 0) return end === 'aborted' ? [] : [`${where} has no marker`]
  if (markers.length > 1) return [`${where} mixes ${markers.join(' and ')}`]
  const [marker = ''] = markers
  return asked.has(marker)
    ? []
    : [`${where} is for ${marker}, for which nobody asked${isStream ? ' (streamed)' : ''}`]
}

/** The log knows all attempts; the head of a stream only those before it. */
function attemptsOf(outcome: Outcome, logged: ReadonlyMap<string, number>): number | string {
  const header = outcome.headers['x-gateway-attempts']
  const inHead = typeof header === 'string' && /^\d+$/.test(header) ? Number(header) : undefined
  const inLog = logged.get(requestIdOf(outcome) ?? '')
  if (inHead === undefined && inLog === undefined) return 'says nowhere how many attempts were made'
  if (
    inHead !== undefined &&
    inLog !== undefined &&
    (outcome.shot.stream ? inHead > inLog : inHead !== inLog)
  ) {
    return `tells of ${inHead} attempts in its head and of ${inLog} in the log`
  }
  return inLog ?? inHead ?? 0
}

function countByMarker(ledger: readonly LedgerEntry[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { markers } of ledger) {
    for (const marker of markers) counts.set(marker, (counts.get(marker) ?? 0) + 1)
  }
  return counts
}
