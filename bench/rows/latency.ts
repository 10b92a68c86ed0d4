import { addedMs, compareLatency, pooled } from '../compare-latency.ts'
import type { LoadResult } from '../load-job.ts'
import type { Figure, Row } from '../row.ts'
import { openaiShapedApi, shotsFor } from '../shots.ts'
import { percentile } from '../statistics.ts'

const PERCENTS = [50, 90, 99]

/** What a caller waits longer when requests arrive at a fixed rate that leaves the proxy mostly idle. */
export const latency: Row = {
  key: 'latency',
  title: 'added latency at a fixed rate',
  async run(rig, startGateway) {
    const { settings } = rig
    const shots = shotsFor(rig, await startGateway(), {
      api: openaiShapedApi,
      prompt: { bytes: 1024 },
    })
    const { rounds, errors } = await compareLatency(rig, shots, {
      ratePerSecond: settings.requestsPerSecond,
      secondsPerRound: settings.latencySeconds,
      rounds: settings.latencyRounds,
    })
    const times = pooled(rounds, 'totalMs')
    const figures = PERCENTS.map((percent): Figure => {
      const bare = percentile(times.bare, percent)
      const gateway = percentile(times.gateway, percent)
      const direct = percentile(times.direct, percent)
      return { name: `p${percent} ms`, direct, bare, gateway, ratio: gateway / bare }
    })
    return {
      figures: [
        ...figures,
        { name: 'added p50 ms, to direct', gateway: addedMs(rounds, 'direct', p50) },
        { name: 'added p99 ms, to direct', gateway: addedMs(rounds, 'direct', p99) },
      ],
      notes: [`${settings.requestsPerSecond} requests/s, ${times.gateway.length} requests each`],
      ...errors.summary,
    }
  },
}

function p50(result: LoadResult): number {
  return percentile(result.totalMs, 50)
}

function p99(result: LoadResult): number {
  return percentile(result.totalMs, 99)
}
