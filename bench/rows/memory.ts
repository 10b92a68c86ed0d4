import { stopChild } from '../children.ts'
import { basicConfig } from '../config.ts'
import { residentMb } from '../cpu.ts'
import { startGateway } from '../gateway.ts'
import type { Shot } from '../load-job.ts'
import { startBare, type Rig } from '../rig.ts'
import { Errors, type Figure, type Row } from '../row.ts'
import { mlflowApi, openaiShapedApi, shotsFor } from '../shots.ts'

const MOST_MB = 160
/** MB per 100,000 requests that the floor may move by itself; a leak of 40 bytes a request is more. */
const FLAT_MB = 4
const BATCHES = 80
const BARE_SHARE = 4
/** With fewer requests the heap is still growing to its working size, and a slope says nothing. */
const ENOUGH_FOR_SLOPE = 100_000

interface Watched {
  readonly pid: () => number
  readonly shots: readonly [Shot, Shot]
  readonly requests: number
  readonly name: string
}

interface Seen {
  readonly mostMb: number
  readonly lastMb: number
  /** MB by which the floor rises per 100,000 requests over the second half. */
  readonly slopePer100k: number
}

/** Resident memory of one fresh worker over many requests, of both APIs in turns. */
export const memory: Row = {
  key: 'memory',
  title: 'memory',
  async run(rig) {
    const { settings, pinning, upstreamPort } = rig
    const errors = new Errors()
    const gateway = await startGateway({
      command: rig.gatewayCommand,
      config: basicConfig(upstreamPort),
      workers: 1,
      cores: pinning.proxy,
    })
    const mlflow = shotsFor(rig, gateway, { api: mlflowApi, prompt: { bytes: 1024 } })
    const openai = shotsFor(rig, gateway, { api: openaiShapedApi, prompt: { bytes: 1024 } })
    const ours = await watch(rig, errors, {
      name: 'gateway',
      pid: () => gateway.workerPid(),
      shots: [mlflow.gateway, openai.gateway],
      requests: settings.memoryRequests,
    })
    await gateway.stop()

    const fresh = await startBare(upstreamPort, pinning)
    const toFresh = { ...openai.bare, port: fresh.barePort }
    const bare = await watch(rig, errors, {
      name: 'bare',
      pid: () => fresh.barePid,
      shots: [toFresh, toFresh],
      requests: settings.memoryRequests / BARE_SHARE,
    })
    await stopChild(fresh.child)

    const longEnough = settings.memoryRequests >= ENOUGH_FOR_SLOPE
    const slopeFigure: Figure = { name: 'floor rises MB/100k requests', gateway: ours.slopePer100k }
    return {
      figures: [
        { name: 'RSS MB, most', bare: bare.mostMb, gateway: ours.mostMb, ratio: ours.mostMb / bare.mostMb },
        {
          name: 'RSS MB, after',
          bare: bare.lastMb,
          gateway: ours.lastMb,
          ratio: ours.lastMb / bare.lastMb,
          target: { of: 'gateway', atMost: MOST_MB },
        },
        longEnough ? { ...slopeFigure, target: { of: 'gateway', atMost: FLAT_MB } } : slopeFigure,
      ],
      notes: [
        `${settings.memoryRequests} requests to one worker; bare a ${BARE_SHARE}th of it`,
        ...(longEnough ? [] : ['too few requests to judge the slope']),
      ],
      ...errors.summary,
    }
  },
}

/** RSS is read after each of many equal batches, when nothing is in flight. */
async function watch(rig: Rig, errors: Errors, watched: Watched): Promise<Seen> {
  const batch = Math.round(watched.requests / BATCHES)
  const residents: number[] = []
  for (let index = 0; index < BATCHES; index += 1) {
    const shot = watched.shots[index % 2 === 0 ? 0 : 1]
    const { connections } = rig.settings
    errors.check(await rig.load({ kind: 'closed', shot, connections, requests: batch }), watched.name)
    residents.push(residentMb(watched.pid()))
  }
  return {
    mostMb: Math.max(...residents),
    lastMb: residents.at(-1) ?? Number.NaN,
    slopePer100k: floorSlope(residents, batch),
  }
}

/**
 * The floor is the least of a quarter of the readings: garbage that is not collected yet only adds to memory, so a leak
 * is what raises the floor from the third quarter to the last.
 */
function floorSlope(residents: readonly number[], requestsPerReading: number): number {
  const quarter = Math.floor(residents.length / 4)
  const third = Math.min(...residents.slice(2 * quarter, 3 * quarter))
  const last = Math.min(...residents.slice(3 * quarter))
  return ((last - third) / (quarter * requestsPerReading)) * 100_000
}
