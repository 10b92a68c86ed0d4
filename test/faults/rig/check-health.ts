import { findAlarms } from './gateway-under-test.ts'

/** How the gateway fared. */
export interface Health {
  readonly workerRestarts: number
  readonly peakResidentBytes: number
  /** Connections at the providers on which something was still under way. */
  readonly busySockets: number
}

interface Fared {
  readonly stdout: string
  readonly stderr: string
  readonly health: Health
}

interface HealthLimits {
  readonly maxResidentBytes: number
  readonly killedWorkers?: number
}

const MEBIBYTE = 1024 * 1024

/** No worker died, nothing was left unhandled, nothing is still under way, and memory stayed within its bounds. */
export function checkHealth({ stdout, stderr, health }: Fared, limits: HealthLimits): string[] {
  const { workerRestarts, peakResidentBytes, busySockets } = health
  const { maxResidentBytes, killedWorkers = 0 } = limits
  const violations = [stdout, stderr].flatMap(findAlarms).map((line) => `the gateway said: ${line}`)
  if (workerRestarts !== killedWorkers) {
    violations.push(`${workerRestarts} workers died, ${killedWorkers} of them were killed`)
  }
  if (busySockets > 0) violations.push(`${busySockets} connections to providers are still in use`)
  if (peakResidentBytes > maxResidentBytes) {
    violations.push(
      `the workers took ${mebibytes(peakResidentBytes)}, at most ${mebibytes(maxResidentBytes)}`,
    )
  }
  return violations
}

function mebibytes(bytes: number): string {
  return `${Math.round(bytes / MEBIBYTE)} MiB`
}
