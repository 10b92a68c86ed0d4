import { nextMessage, startScript, type Child } from './children.ts'
import type { LoadJob, LoadResult } from './load-job.ts'
import type { Pinning } from './pinning.ts'
import type { Settings } from './settings.ts'

/** What all rows share: the upstream, the bare proxy and the load generator, each a running process. */
export interface Rig {
  readonly settings: Settings
  readonly pinning: Pinning
  readonly gatewayCommand: readonly string[]
  readonly upstreamPort: number
  readonly barePort: number
  readonly barePid: number
  /** Runs one job; throws when the load generator dies or hangs. */
  load(job: LoadJob): Promise<LoadResult>
}

/** How long a job may take beyond its own time. */
const GRACE_SECONDS = 30
/** Even a slow proxy on a slow machine does more than this. */
const SLOWEST_PER_SECOND = 250

/** Starts the three processes. */
export async function startRig(given: Pick<Rig, 'settings' | 'pinning' | 'gatewayCommand'>): Promise<Rig> {
  const { pinning, settings } = given
  const [upstream, loader] = await Promise.all([
    startScript('upstream.ts', ['--chunks', `${settings.chunks}`], pinning.load),
    startScript('load.ts', [], pinning.load),
  ])
  const upstreamPort = portOf(upstream.hello)
  const bare = await startBare(upstreamPort, pinning)
  return { ...given, upstreamPort, ...bare, load: (job) => runJob(loader.child, job) }
}

/** Starts one more bare proxy, for a row that needs a fresh one. */
export async function startBare(
  upstreamPort: number,
  pinning: Pinning,
): Promise<{ barePort: number; barePid: number; child: Child }> {
  const upstream = `http://127.0.0.1:${upstreamPort}`
  const { child, hello } = await startScript('bare.ts', ['--upstream', upstream], pinning.proxy)
  return { barePort: portOf(hello), barePid: child.pid, child }
}

async function runJob(loader: Child, job: LoadJob): Promise<LoadResult> {
  const ownSeconds = job.seconds ?? (job.kind === 'closed' ? (job.requests ?? 0) / SLOWEST_PER_SECOND : 0)
  const answer = nextMessage(loader, {
    seconds: ownSeconds + GRACE_SECONDS,
    what: `the answers of ${job.shot.path}`,
  })
  loader.process.send(job)
  const result = await answer
  if (!isLoadResult(result)) throw new Error('the load generator answered something else than a result')
  return result
}

function portOf(hello: unknown): number {
  if (typeof hello === 'object' && hello !== null && 'port' in hello && typeof hello.port === 'number')
    return hello.port
  throw new Error(`a child said ${JSON.stringify(hello)} instead of its port`)
}

function isLoadResult(message: unknown): message is LoadResult {
  return typeof message === 'object' && message !== null && 'requests' in message && 'totalMs' in message
}
