import { addedMs, compareLatency, pooled } from '../compare-latency.ts'
import { compareToBare } from '../compare-to-bare.ts'
import type { LoadResult } from '../load-job.ts'
import type { Figure, Row } from '../row.ts'
import { openaiApi, shotsFor } from '../shots.ts'
import { median, percentile } from '../statistics.ts'

/** CPU of relaying a stream, chunk by chunk, and how much later its first token is there. */
export const stream: Row = {
  key: 'stream',
  title: 'openai client stream of 200',
  async run(rig, startGateway) {
    const { settings } = rig
    const gateway = await startGateway()
    const shots = shotsFor(rig, gateway, { api: openaiApi(), prompt: { bytes: 1024, stream: true } })
    const { result, found } = await compareToBare(rig, gateway, {
      shots,
      connections: settings.connections,
      unit: 'stream',
      target: 1.5,
    })
    const perChunk: Figure = {
      name: 'CPU us/chunk',
      bare: found.cpu.reference / settings.chunks,
      gateway: found.cpu.ours / settings.chunks,
    }

    const { rounds, errors } = await compareLatency(rig, shots, {
      ratePerSecond: settings.streamsPerSecond,
      secondsPerRound: settings.ttftSeconds,
      rounds: settings.ttftRounds,
    })
    const ttft = pooled(rounds, 'firstByteMs')
    const latency = errors.summary
    const firstError = result.firstError ?? latency.firstError
    return {
      figures: [
        ...result.figures,
        perChunk,
        {
          name: 'TTFT p50 ms',
          direct: median(ttft.direct),
          bare: median(ttft.bare),
          gateway: median(ttft.gateway),
        },
        {
          name: 'added TTFT p50 ms, to direct',
          gateway: addedMs(rounds, 'direct', ttftP50),
          target: { of: 'gateway', atMost: 1 },
        },
        {
          name: 'added TTFT p99 ms, to direct',
          gateway: addedMs(rounds, 'direct', ttftP99),
          target: { of: 'gateway', atMost: 5 },
        },
        { name: 'added TTFT p50 ms, to bare', gateway: addedMs(rounds, 'bare', ttftP50) },
        { name: 'added TTFT p99 ms, to bare', gateway: addedMs(rounds, 'bare', ttftP99) },
      ],
      notes: [...result.notes, `${found.eventsPerRequest.toFixed(0)} events per stream arrived`],
      errors: result.errors + latency.errors,
      ...(firstError === undefined ? {} : { firstError }),
    }
  },
}

function ttftP99(result: LoadResult): number {
  return percentile(result.firstByteMs, 99)
}

function ttftP50(result: LoadResult): number {
  return median(result.firstByteMs)
}
