import { compareCpu } from './compare-cpu.ts'
import type { Figure, Row } from './row.ts'
import { openaiShot } from './shots.ts'

/** One route and another, asked for the same. */
export interface Routes {
  readonly key: string
  readonly title: string
  /** What the ratio is to, and what it is called in the table. */
  readonly reference: { readonly route: string; readonly name: string }
  readonly ours: { readonly route: string; readonly name: string }
  /** The most CPU per request that is wanted, as a multiple of the reference's. */
  readonly target: number
}

/** A row that compares the CPU of one route with that of another, on the same worker. */
export function routeRow({ key, title, reference, ours, target }: Routes): Row {
  return {
    key,
    title,
    async run(rig, startGateway) {
      const { settings } = rig
      const gateway = await startGateway()
      const sideOf = ({ route, name }: Routes['ours']) => ({
        name,
        shot: openaiShot(gateway.port, route, { bytes: 1024 }),
        pid: gateway.workerPid(),
      })
      const { cpu, perSecond, logLines, errors } = await compareCpu(rig, gateway, {
        reference: sideOf(reference),
        ours: sideOf(ours),
        connections: settings.connections,
        rounds: settings.routeRounds,
        roundSeconds: settings.routeRoundSeconds,
      })
      const figures: Figure[] = [
        { name: `CPU us/request, ${reference.name}`, gateway: cpu.reference },
        {
          name: `CPU us/request, ${ours.name}`,
          gateway: cpu.ours,
          ratio: cpu.ratio,
          target: { of: 'ratio', atMost: target },
        },
        { name: `requests/s, ${reference.name}`, gateway: perSecond.reference },
        { name: `requests/s, ${ours.name}`, gateway: perSecond.ours, ratio: perSecond.ratio },
      ]
      return { figures, notes: [`${logLines.toFixed(2)} log lines per request`], ...errors }
    },
  }
}
