import { compareCpu, type CpuComparison } from './compare-cpu.ts'
import type { Gateway } from './gateway.ts'
import type { Shot } from './load-job.ts'
import type { Rig } from './rig.ts'
import type { Figure, RowResult } from './row.ts'
import type { Ways } from './shots.ts'

/** The same request through bare and the gateway. */
export interface WorkToBare {
  readonly shots: Ways<Shot>
  readonly connections: number
  /** The word for one request in the figures' names. */
  readonly unit: string
  /** The most that is wanted of CPU per request, as a ratio to bare. */
  readonly target: number
}

/** CPU per request of the gateway beside bare's; the CPU comes first among the figures. */
export async function compareToBare(
  rig: Rig,
  gateway: Gateway,
  { shots, connections, unit, target }: WorkToBare,
): Promise<{ result: RowResult; found: CpuComparison }> {
  const { rounds, roundSeconds } = rig.settings
  const found = await compareCpu(rig, gateway, {
    reference: { name: 'bare', shot: shots.bare, pid: rig.barePid },
    ours: { name: 'gateway', shot: shots.gateway, pid: gateway.workerPid() },
    connections,
    rounds,
    roundSeconds,
  })
  const { cpu, perSecond, primaryCpu, logLines, errors } = found
  const figures: Figure[] = [
    {
      name: `CPU us/${unit}`,
      bare: cpu.reference,
      gateway: cpu.ours,
      ratio: cpu.ratio,
      target: { of: 'ratio', atMost: target },
    },
    {
      name: `${unit}s/s`,
      bare: perSecond.reference,
      gateway: perSecond.ours,
      ratio: perSecond.ratio,
    },
  ]
  if (primaryCpu !== undefined) figures.push({ name: `primary CPU us/${unit}`, gateway: primaryCpu })
  return { result: { figures, notes: [`${logLines.toFixed(2)} log lines per ${unit}`], ...errors }, found }
}
