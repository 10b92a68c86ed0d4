import { pacedConfig } from '../config.ts'
import { cpuMicros, residentMb } from '../cpu.ts'
import type { Gaps } from '../gap-histogram.ts'
import { startGateway } from '../gateway.ts'
import type { LoadResult, Shot } from '../load-job.ts'
import { streamingModel } from '../pace.ts'
import { startBare, type Rig } from '../rig.ts'
import { stopChild } from '../children.ts'
import { PACED_ROUTE, ROUTE } from '../routes.ts'
import { Errors, type Row } from '../row.ts'
import { openaiShot } from '../shots.ts'
import { percentile } from '../statistics.ts'

const STREAMS = 1000
const EVERY_MS = 50
const MOST_MB = 450
const MOST_ADDED_MS = 100
const WARM_CONNECTIONS = 64
const LOOK_EVERY_MS = 200

interface Held extends Gaps {
  readonly firstP99Ms: number
  readonly mostAtOnce: number
  readonly seconds: number
  /** Of the process in the middle. */
  readonly mostMb: number
  /** The share of one core that it used. */
  readonly busy: number
}

interface Proxy {
  readonly name: string
  readonly warming: Shot
  readonly shot: Shot
  readonly pid: () => number
  readonly stop: () => Promise<void>
}

/** A thousand streams at once through one fresh worker, each at the pace at which models write. */
export const thousandStreams: Row = {
  key: 'thousand-streams',
  title: `${STREAMS} streams at once`,
  async run(rig) {
    const { settings, pinning, upstreamPort } = rig
    const errors = new Errors()
    const prompt = { bytes: 1024, stream: true }
    const model = streamingModel(settings.pacedEvents, EVERY_MS)
    const minEvents = (shot: Shot): Shot => ({ ...shot, minEvents: settings.pacedEvents })
    const toModel = (port: number): Shot => minEvents(openaiShot(port, model, prompt))

    const direct = await hold(rig, errors, { name: 'direct', shot: toModel(upstreamPort) })

    const fresh = await startBare(upstreamPort, pinning)
    const bare = await heldBy({
      name: 'bare',
      warming: openaiShot(fresh.barePort, ROUTE, prompt),
      shot: toModel(fresh.barePort),
      pid: () => fresh.barePid,
      stop: () => stopChild(fresh.child),
    })

    const gateway = await startGateway({
      command: rig.gatewayCommand,
      config: pacedConfig(upstreamPort, { events: settings.pacedEvents, everyMs: EVERY_MS }),
      workers: 1,
      cores: pinning.proxy,
    })
    const ours = await heldBy({
      name: 'gateway',
      warming: openaiShot(gateway.port, ROUTE, prompt),
      shot: minEvents(openaiShot(gateway.port, PACED_ROUTE, prompt)),
      pid: () => gateway.workerPid(),
      stop: () => gateway.stop(),
    })

    return {
      figures: [
        {
          name: 'streams at once, most',
          direct: direct.mostAtOnce,
          bare: bare.mostAtOnce,
          gateway: ours.mostAtOnce,
          target: { of: 'gateway', atLeast: STREAMS },
        },
        { name: 'TTFT p99 ms', direct: direct.firstP99Ms, bare: bare.firstP99Ms, gateway: ours.firstP99Ms },
        { name: 'gap p50 ms', direct: direct.p50Ms, bare: bare.p50Ms, gateway: ours.p50Ms },
        { name: 'gap p99 ms', direct: direct.p99Ms, bare: bare.p99Ms, gateway: ours.p99Ms },
        { name: 'longest gap ms', direct: direct.mostMs, bare: bare.mostMs, gateway: ours.mostMs },
        {
          name: 'added gap p99 ms, to direct',
          bare: bare.p99Ms - direct.p99Ms,
          gateway: ours.p99Ms - direct.p99Ms,
          target: { of: 'gateway', atMost: MOST_ADDED_MS },
        },
        {
          name: 'added gap p99 ms, to bare',
          gateway: ours.p99Ms - bare.p99Ms,
          target: { of: 'gateway', atMost: MOST_ADDED_MS },
        },
        {
          name: 'RSS MB, most',
          bare: bare.mostMb,
          gateway: ours.mostMb,
          ratio: ours.mostMb / bare.mostMb,
          target: { of: 'gateway', atMost: MOST_MB },
        },
        { name: 'core in use, %', bare: bare.busy * 100, gateway: ours.busy * 100 },
        { name: 's to the last end', direct: direct.seconds, bare: bare.seconds, gateway: ours.seconds },
      ],
      notes: [
        `${settings.pacedEvents} events each, one per ${EVERY_MS} ms, begun over ${settings.pacedRampSeconds} s`,
      ],
      ...errors.summary,
    }

    /** It is stopped also when it fails, lest it be in the way of the next. */
    async function heldBy({ name, warming, shot, pid, stop }: Proxy): Promise<Held> {
      try {
        await warm(rig, errors, warming)
        return await hold(rig, errors, { name, shot, pid: pid() })
      } finally {
        await stop()
      }
    }
  },
}

/** Streams of another pace, for the compiler. */
async function warm(rig: Rig, errors: Errors, shot: Shot): Promise<void> {
  const { chunks, warmSeconds: seconds } = rig.settings
  const job = {
    kind: 'closed',
    shot: { ...shot, minEvents: chunks },
    connections: WARM_CONNECTIONS,
    seconds,
  } as const
  errors.check(await rig.load(job), 'warm-up')
}

async function hold(
  rig: Rig,
  errors: Errors,
  { name, shot, pid }: { name: string; shot: Shot; pid?: number },
): Promise<Held> {
  const { pacedEvents, pacedRampSeconds: rampSeconds } = rig.settings
  const cpuBefore = pid === undefined ? 0 : cpuMicros(pid)
  let mostMb = 0
  const look = (): void => {
    try {
      if (pid !== undefined) mostMb = Math.max(mostMb, residentMb(pid))
    } catch {
      // It has died, and its streams will say so.
    }
  }
  const timer = setInterval(look, LOOK_EVERY_MS)
  try {
    const seconds = (pacedEvents * EVERY_MS) / 1000
    const job = { kind: 'streams', shot, streams: STREAMS, rampSeconds, seconds } as const
    const result: LoadResult = errors.check(await rig.load(job), name)
    const { streams } = result
    if (streams === undefined) throw new Error('the load generator has not looked at the streams')
    look()
    const busy = pid === undefined ? 0 : (cpuMicros(pid) - cpuBefore) / 1e6 / result.seconds
    return {
      ...streams.gaps,
      firstP99Ms: percentile(result.firstByteMs, 99),
      mostAtOnce: streams.mostAtOnce,
      seconds: result.seconds,
      mostMb,
      busy,
    }
  } finally {
    clearInterval(timer)
  }
}
