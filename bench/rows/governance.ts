import { compareCpu, type CpuComparison } from '../compare-cpu.ts'
import { addedMs, compareLatency } from '../compare-latency.ts'
import { CALLER_KEY, governedConfig, ungovernedConfig } from '../config.ts'
import { startGateway, type Gateway } from '../gateway.ts'
import type { Rig } from '../rig.ts'
import type { Figure, Row, RowResult } from '../row.ts'
import { openaiApi, shotsFor, type Ways } from '../shots.ts'
import type { Shot } from '../load-job.ts'
import { percentile } from '../statistics.ts'

const MOST_CPU = 1.25
const MOST_ADDED_MS = 5
const PER_SECOND = 500
const NO_LOG = { LOG_LEVEL: 'silent' }

/** What it costs to know who calls, to hold them to four limits, and to keep a record and a log line of each request. */
export const governance: Row = {
  key: 'governance',
  title: 'auth, 4 limits, usage, log beside none of them',
  async run(rig) {
    const cpu = await cost(rig)
    const latency = await added(rig)
    return {
      figures: [...cpuFigures(cpu), latency.figure],
      notes: [
        `${cpu.logLines.toFixed(2)} log lines per request; metrics are counted in both`,
        `latency: ${PER_SECOND} requests/s, two workers on all cores`,
      ],
      errors: cpu.errors.errors + latency.errors.errors,
      ...firstOf(cpu.errors, latency.errors),
    }
  },
}

async function cost(rig: Rig): Promise<CpuComparison> {
  const { connections, routeRounds: rounds, routeRoundSeconds: roundSeconds } = rig.settings
  const cores = rig.pinning.proxy
  const own = { command: rig.gatewayCommand, workers: 1, cores }
  const without = await startGateway({ ...own, config: ungovernedConfig(rig.upstreamPort), env: NO_LOG })
  const governed = await startGateway({ ...own, config: governedConfig(rig.upstreamPort) })
  const sideOf = (name: string, gateway: Gateway) => ({
    name,
    shot: shots(rig, gateway).gateway,
    pid: gateway.workerPid(),
  })
  for (const gateway of [without, governed]) await warm(rig, gateway)
  const found = await compareCpu(rig, governed, {
    reference: sideOf('none', without),
    ours: sideOf('all', governed),
    connections,
    rounds,
    roundSeconds,
  })
  await Promise.all([without.stop(), governed.stop()])
  return found
}

function cpuFigures({ cpu, perSecond, primaryCpu = 0 }: CpuComparison): Figure[] {
  return [
    { name: 'CPU us/request, none', gateway: cpu.reference },
    {
      name: 'CPU us/request, all',
      gateway: cpu.ours,
      ratio: cpu.ratio,
      target: { of: 'ratio', atMost: MOST_CPU },
    },
    {
      name: 'with the primary',
      gateway: cpu.ours + primaryCpu,
      ratio: cpu.ratio + primaryCpu / cpu.reference,
    },
    { name: 'requests/s, none', gateway: perSecond.reference },
    { name: 'requests/s, all', gateway: perSecond.ours, ratio: perSecond.ratio },
  ]
}

async function added(
  rig: Rig,
): Promise<{ figure: Figure; errors: Pick<RowResult, 'errors' | 'firstError'> }> {
  const { latencySeconds: secondsPerRound, latencyRounds: rounds } = rig.settings
  const gateway = await startGateway({
    command: rig.gatewayCommand,
    workers: 2,
    cores: rig.pinning.all,
    config: governedConfig(rig.upstreamPort),
  })
  await warm(rig, gateway)
  const arrivals = { ratePerSecond: PER_SECOND, secondsPerRound, rounds }
  const found = await compareLatency(rig, shots(rig, gateway), arrivals)
  await gateway.stop()
  const gatewayMs = addedMs(found.rounds, 'direct', ({ totalMs }) => percentile(totalMs, 99))
  return {
    figure: {
      name: 'added p99 ms, to direct',
      gateway: gatewayMs,
      target: { of: 'gateway', atMost: MOST_ADDED_MS },
    },
    errors: found.errors.summary,
  }
}

/** Until the compiler is done with what both do. */
async function warm(rig: Rig, gateway: Gateway): Promise<void> {
  const { connections, firstWarmSeconds: seconds } = rig.settings
  await rig.load({ kind: 'closed', shot: shots(rig, gateway).gateway, connections, seconds: seconds * 2 })
}

/** Both are sent the key, so that they read as many bytes. */
function shots(rig: Rig, gateway: Gateway): Ways<Shot> {
  const ways = shotsFor(rig, gateway, { api: openaiApi(), prompt: { bytes: 1024 } })
  return { ...ways, gateway: { ...ways.gateway, key: CALLER_KEY } }
}

function firstOf(...all: readonly Pick<RowResult, 'firstError'>[]): Pick<RowResult, 'firstError'> {
  return all.find(({ firstError }) => firstError !== undefined) ?? {}
}
