/**
 * The load generator, a process of its own: takes one `LoadJob` at a time from its parent and answers its `LoadResult`, or
 * one for each stage.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { endWithParent } from './announce-port.ts'
import { LoadConnection, type Outcome } from './load-connection.ts'
import { GapHistogram } from './gap-histogram.ts'
import type { ClosedJob, LoadJob, LoadResult, OpenJob, Refusal, StagedJob, StreamsJob } from './load-job.ts'

/** Timers fire on whole milliseconds; a request sent later than this was held up, and the wait counts as latency. */
const TIMER_GRAIN_MS = 2

/** After so many failures in one job the target is taken for dead. */
const GIVE_UP_AFTER_ERRORS = 100

process.on('message', (message: unknown) => {
  if (!isLoadJob(message)) return
  void run(message).then((result) => process.send?.(result))
})
endWithParent()
process.send?.({ ready: true })

function run(job: LoadJob): Promise<LoadResult | LoadResult[]> {
  switch (job.kind) {
    case 'closed':
      return runClosed(job)
    case 'open':
      return runOpen(job)
    case 'staged':
      return runStaged(job)
    case 'streams':
      return runStreams(job)
  }
}

class Tally {
  requests = 0
  errors = 0
  events = 0
  firstError: string | undefined
  readonly firstByteMs: number[] = []
  readonly totalMs: number[] = []
  readonly refusals: Refusal[] = []
  private readonly startedAt = performance.now()

  add(outcome: Outcome): void {
    if (outcome.problem !== undefined) {
      this.errors += 1
      this.firstError ??= outcome.problem
      return
    }
    this.requests += 1
    this.events += outcome.events
  }

  addTimed(outcome: Outcome, dueAt: number): void {
    if (outcome.isRefused === true) {
      this.refusals.push({ atMs: dueAt - this.startedAt, tookMs: outcome.endAt - dueAt })
      return
    }
    this.add(outcome)
    if (outcome.problem !== undefined) return
    this.firstByteMs.push(outcome.firstByteAt - dueAt)
    this.totalMs.push(outcome.endAt - dueAt)
  }

  result(): LoadResult {
    const { requests, errors, events, firstByteMs, totalMs, refusals, firstError } = this
    const seconds = (performance.now() - this.startedAt) / 1000
    const result = { requests, seconds, errors, events, firstByteMs, totalMs, refusals }
    return firstError === undefined ? result : { ...result, firstError }
  }
}

function runClosed(job: ClosedJob): Promise<LoadResult> {
  const tally = new Tally()
  const endAt = job.seconds === undefined ? Infinity : performance.now() + job.seconds * 1000
  let left = job.requests ?? Infinity

  return new Promise((resolve) => {
    let open = job.connections
    for (let index = 0; index < job.connections; index += 1) sendNext(new LoadConnection(job.shot))

    function sendNext(connection: LoadConnection): void {
      if (left <= 0 || performance.now() >= endAt || tally.errors >= GIVE_UP_AFTER_ERRORS) {
        connection.close()
        open -= 1
        if (open === 0) resolve(tally.result())
        return
      }
      left -= 1
      connection.send((outcome) => {
        tally.add(outcome)
        sendNext(connection)
      })
    }
  })
}

function runOpen(job: OpenJob): Promise<LoadResult> {
  const tally = new Tally()
  const total = Math.round(job.ratePerSecond * job.seconds)
  const gapMs = 1000 / job.ratePerSecond
  const firstAt = performance.now() + gapMs
  const idle: LoadConnection[] = []
  let sent = 0
  let settled = 0

  return new Promise((resolve) => {
    setTimeout(sendDue, gapMs)

    function sendDue(): void {
      while (sent < total && dueAt(sent) <= performance.now()) sendOne(dueAt(sent))
      if (sent < total) setTimeout(sendDue, Math.max(dueAt(sent) - performance.now(), 0))
    }

    function sendOne(due: number): void {
      sent += 1
      const connection = idle.pop() ?? new LoadConnection(job.shot)
      const now = performance.now()
      const from = now - due <= TIMER_GRAIN_MS ? now : due
      connection.send((outcome) => {
        tally.addTimed(outcome, from)
        idle.push(connection)
        settled += 1
        if (settled < total) return
        for (const each of idle) each.close()
        resolve(tally.result())
      })
    }
  })

  function dueAt(index: number): number {
    return firstAt + index * gapMs
  }
}

async function runStaged({ shot, stages }: StagedJob): Promise<LoadResult[]> {
  const results: Promise<LoadResult>[] = []
  for (const stage of stages) {
    results.push(runOpen({ kind: 'open', shot, ...stage }))
    await sleep(stage.seconds * 1000)
  }
  return Promise.all(results)
}

function runStreams(job: StreamsJob): Promise<LoadResult> {
  const tally = new Tally()
  const gaps = new GapHistogram()
  const everyMs = (job.rampSeconds * 1000) / job.streams
  let flowing = 0
  let mostAtOnce = 0
  let settled = 0

  return new Promise((resolve) => {
    for (let index = 0; index < job.streams; index += 1) setTimeout(begin, index * everyMs)

    function begin(): void {
      const begunAt = performance.now()
      let lastAt: number | undefined
      const connection = new LoadConnection(job.shot, () => {
        const now = performance.now()
        if (lastAt === undefined) mostAtOnce = Math.max(mostAtOnce, (flowing += 1))
        else gaps.add(now - lastAt)
        lastAt = now
      })
      connection.send((outcome) => {
        tally.addTimed(outcome, begunAt)
        connection.close()
        if (lastAt !== undefined) flowing -= 1
        settled += 1
        if (settled < job.streams) return
        resolve({ ...tally.result(), streams: { gaps: gaps.summary(), mostAtOnce } })
      })
    }
  })
}

function isLoadJob(message: unknown): message is LoadJob {
  return typeof message === 'object' && message !== null && 'kind' in message && 'shot' in message
}
