import { nextMessage, startScript, type Child } from './children.ts'
import type { LoadJob, LoadResult, StagedJob } from './load-job.ts'
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
  load(job: Exclude<LoadJob, StagedJob>): Promise<LoadResult>
  /** The same with a rate that changes; one result for each stage. */
  loadStages(job: StagedJob): Promise<LoadResult[]>
}

/** How long a job may take beyond its own time. */
const GRACE_SECONDS = 30
/** Even a slow proxy on a slow machine does more than this. */
const SLOWEST_PER_SECOND = 250
const NO_RESULT = 'the load generator answered something else than a result'

/** Starts the three processes. */
export async function startRig(given: Pick<Rig, 'settings' | 'pinning' | 'gatewayCommand'>): Promise<Rig> {
  const { pinning, settings } = given
  const [upstream, loader] = await Promise.all([
    startScript('upstream.ts', ['--chunks', `${settings.chunks}`], pinning.load),
    startScript('load.ts', [], pinning.load),
  ])
  const upstreamPort = portOf(upstream.hello)
  const bare = await startBare(upstreamPort, pinning)
  return { ...given, upstreamPort, ...bare, load, loadStages }

  async function load(job: Exclude<LoadJob, StagedJob>): Promise<LoadResult> {
    const result = await runJob(loader.child, job)
    if (!isLoadResult(result)) throw new Error(NO_RESULT)
    return result
  }

  async function loadStages(job: StagedJob): Promise<LoadResult[]> {
    const results = await runJob(loader.child, job)
    if (!Array.isArray(results) || !results.every(isLoadResult)) throw new Error(NO_RESULT)
    return results
  }
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

function runJob(loader: Child, job: LoadJob): Promise<unknown> {
  const answer = nextMessage(loader, {
    seconds: secondsOf(job) + GRACE_SECONDS,
    what: `the answers of ${job.shot.path}`,
  })
  loader.process.send(job)
  return answer
}

function secondsOf(job: LoadJob): number {
  switch (job.kind) {
    case 'closed':
      return job.seconds ?? (job.requests ?? 0) / SLOWEST_PER_SECOND
    case 'open':
      return job.seconds
    case 'staged':
      return job.stages.reduce((sum, { seconds }) => sum + seconds, 0)
    case 'streams':
      return job.rampSeconds + job.seconds
  }
}

function portOf(hello: unknown): number {
  if (typeof hello === 'object' && hello !== null && 'port' in hello && typeof hello.port === 'number')
    return hello.port
  throw new Error(`a child said ${JSON.stringify(hello)} instead of its port`)
}

function isLoadResult(message: unknown): message is LoadResult {
  return typeof message === 'object' && message !== null && 'requests' in message && 'totalMs' in message
}
