/** The load generator, a process of its own: takes one `LoadJob` at a time from its parent and answers its `LoadResult`. */
import { endWithParent } from './announce-port.ts'
import { LoadConnection, type Outcome } from './load-connection.ts'
import type { ClosedJob, LoadJob, LoadResult, OpenJob } from './load-job.ts'

/** Timers fire on whole milliseconds; a request sent later than this was held up, and the wait counts as latency. */
const TIMER_GRAIN_MS = 2

/** After so many failures in one job the target is taken for dead. */
const GIVE_UP_AFTER_ERRORS = 100

process.on('message', (message: unknown) => {
  if (!isLoadJob(message)) return
  const done = message.kind === 'closed' ? runClosed(message) : runOpen(message)
  void done.then((result) => process.send?.(result))
})
endWithParent()
process.send?.({ ready: true })

class Tally {
  requests = 0
  errors = 0
  events = 0
  firstError: string | undefined
  readonly firstByteMs: number[] = []
  readonly totalMs: number[] = []
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
    this.add(outcome)
    if (outcome.problem !== undefined) return
    this.firstByteMs.push(outcome.firstByteAt - dueAt)
    this.totalMs.push(outcome.endAt - dueAt)
  }

  result(): LoadResult {
    const { requests, errors, events, firstByteMs, totalMs, firstError } = this
    const seconds = (performance.now() - this.startedAt) / 1000
    const result = { requests, seconds, errors, events, firstByteMs, totalMs }
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

function isLoadJob(message: unknown): message is LoadJob {
  return typeof message === 'object' && message !== null && 'kind' in message && 'shot' in message
}
