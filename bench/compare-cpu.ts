import { setTimeout as sleep } from 'node:timers/promises'
import { cpuMicros } from './cpu.ts'
import type { Gateway } from './gateway.ts'
import type { Shot } from './load-job.ts'
import type { Rig } from './rig.ts'
import { Errors, type Figure, type RowResult } from './row.ts'
import { median } from './statistics.ts'

/** The same work for both. */
export interface Comparison {
  readonly bare: Shot
  readonly gateway: Shot
  readonly connections: number
  /** The word for one request in the figures' names. */
  readonly unit: string
  /** The most that is wanted of CPU per request, as a ratio to bare. */
  readonly target: number
}

/** A log line may be written after its answer. */
const LAST_LOG_LINES_MS = 100

interface Sample {
  readonly requests: number
  readonly events: number
  readonly cpuPerRequest: number
  readonly primaryPerRequest: number
  readonly perSecond: number
}

interface Side {
  readonly name: string
  readonly shot: Shot
  readonly pid: number
  readonly primaryPid: number
}

/** What a comparison found; `cpu` comes first among the figures. */
export interface CpuComparison {
  readonly result: RowResult
  /** SSE events per request, as the gateway sent them. */
  readonly eventsPerRequest: number
  readonly bareCpuMicros: number
  readonly gatewayCpuMicros: number
}

/**
 * CPU per request and requests per second of bare and gateway in turns, so that both see the same machine; each ratio
 * is the median of the rounds' own ratios.
 */
export async function compareCpu(rig: Rig, gateway: Gateway, comparison: Comparison): Promise<CpuComparison> {
  const errors = new Errors()
  const { settings } = rig
  const warm = { connections: comparison.connections, seconds: settings.warmSeconds }
  errors.check(await rig.load({ kind: 'closed', shot: comparison.bare, ...warm }), 'bare')
  errors.check(await rig.load({ kind: 'closed', shot: comparison.gateway, ...warm }), 'gateway')

  const worker = gateway.workerPid()
  const bareSide = { name: 'bare', shot: comparison.bare, pid: rig.barePid, primaryPid: rig.barePid }
  const gatewaySide = {
    name: 'gateway',
    shot: comparison.gateway,
    pid: worker,
    primaryPid: gateway.primaryPid,
  }
  await sleep(LAST_LOG_LINES_MS)
  const logLinesBefore = gateway.logLines()
  const rounds: { bare: Sample; gateway: Sample }[] = []
  for (let round = 0; round < settings.rounds; round += 1) {
    if (round % 2 === 0) {
      const bare = await measure(bareSide)
      rounds.push({ bare, gateway: await measure(gatewaySide) })
    } else {
      const ours = await measure(gatewaySide)
      rounds.push({ bare: await measure(bareSide), gateway: ours })
    }
  }
  await sleep(LAST_LOG_LINES_MS)
  const logLines = gateway.logLines() - logLinesBefore

  const { unit, target } = comparison
  const bareCpu = median(rounds.map(({ bare }) => bare.cpuPerRequest))
  const gatewayCpu = median(rounds.map((round) => round.gateway.cpuPerRequest))
  const figures: Figure[] = [
    {
      name: `CPU us/${unit}`,
      bare: bareCpu,
      gateway: gatewayCpu,
      ratio: median(rounds.map((round) => round.gateway.cpuPerRequest / round.bare.cpuPerRequest)),
      target: { of: 'ratio', atMost: target },
    },
    {
      name: `${unit}s/s`,
      bare: median(rounds.map(({ bare }) => bare.perSecond)),
      gateway: median(rounds.map((round) => round.gateway.perSecond)),
      ratio: median(rounds.map((round) => round.gateway.perSecond / round.bare.perSecond)),
    },
  ]
  if (worker !== gateway.primaryPid) {
    figures.push({
      name: `primary CPU us/${unit}`,
      gateway: median(rounds.map((round) => round.gateway.primaryPerRequest)),
    })
  }
  const requests = rounds.reduce((sum, round) => sum + round.gateway.requests, 0)
  const events = rounds.reduce((sum, round) => sum + round.gateway.events, 0)
  return {
    result: {
      figures,
      notes: [`${(logLines / requests).toFixed(2)} log lines per ${unit}`],
      ...errors.summary,
    },
    eventsPerRequest: events / requests,
    bareCpuMicros: bareCpu,
    gatewayCpuMicros: gatewayCpu,
  }

  async function measure(side: Side): Promise<Sample> {
    const { connections } = comparison
    const cpuBefore = cpuMicros(side.pid)
    const primaryBefore = cpuMicros(side.primaryPid)
    const job = { kind: 'closed', shot: side.shot, connections, seconds: settings.roundSeconds } as const
    const result = errors.check(await rig.load(job), side.name)
    const { requests, events, seconds } = result
    return {
      requests,
      events,
      cpuPerRequest: (cpuMicros(side.pid) - cpuBefore) / requests,
      primaryPerRequest: (cpuMicros(side.primaryPid) - primaryBefore) / requests,
      perSecond: requests / seconds,
    }
  }
}
