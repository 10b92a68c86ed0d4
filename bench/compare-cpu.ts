import { setTimeout as sleep } from 'node:timers/promises'
import { cpuMicros } from './cpu.ts'
import type { Gateway } from './gateway.ts'
import type { Shot } from './load-job.ts'
import type { Rig } from './rig.ts'
import { Errors, type RowResult } from './row.ts'
import { median } from './statistics.ts'

/** One of the two that are compared: bare, or a route of the gateway. */
export interface Side {
  readonly name: string
  readonly shot: Shot
  /** Whose CPU counts. */
  readonly pid: number
}

/** The same work for both. */
export interface Comparison {
  /** What the ratios are to. */
  readonly reference: Side
  readonly ours: Side
  readonly connections: number
  readonly rounds: number
  readonly roundSeconds: number
}

/** A quantity of both, medians of the rounds; the ratio is the median of the rounds' own ratios. */
export interface Pair {
  readonly reference: number
  readonly ours: number
  readonly ratio: number
}

/** What a comparison found. */
export interface CpuComparison {
  /** Microseconds of CPU per request. */
  readonly cpu: Pair
  /** Requests per second. */
  readonly perSecond: Pair
  /** Microseconds of the primary's CPU per request of ours; absent when there is no primary beside the worker. */
  readonly primaryCpu?: number
  /** SSE events per request, as our side sent them. */
  readonly eventsPerRequest: number
  /** Lines of the gateway's log per request to it. */
  readonly logLines: number
  readonly errors: Pick<RowResult, 'errors' | 'firstError'>
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

interface Round {
  readonly reference: Sample
  readonly ours: Sample
}

/** CPU per request and requests per second of both in turns, so that they see the same machine. */
export async function compareCpu(rig: Rig, gateway: Gateway, comparison: Comparison): Promise<CpuComparison> {
  const errors = new Errors()
  const { reference, ours, connections } = comparison
  for (const { name, shot } of [reference, ours]) {
    const seconds = rig.settings.warmSeconds
    errors.check(await rig.load({ kind: 'closed', shot, connections, seconds }), name)
  }

  const worker = gateway.workerPid()
  await sleep(LAST_LOG_LINES_MS)
  const logLinesBefore = gateway.logLines()
  const rounds: Round[] = []
  for (let round = 0; round < comparison.rounds; round += 1) {
    if (round % 2 === 0) {
      const first = await measure(reference)
      rounds.push({ reference: first, ours: await measure(ours) })
    } else {
      const first = await measure(ours)
      rounds.push({ reference: await measure(reference), ours: first })
    }
  }
  await sleep(LAST_LOG_LINES_MS)
  const logLines = gateway.logLines() - logLinesBefore

  const requestsOfOurs = sum(rounds.map((round) => round.ours.requests))
  const logged =
    requestsOfOurs + (reference.pid === worker ? sum(rounds.map((round) => round.reference.requests)) : 0)
  return {
    cpu: pairOf(rounds, ({ cpuPerRequest }) => cpuPerRequest),
    perSecond: pairOf(rounds, ({ perSecond }) => perSecond),
    ...(worker === gateway.primaryPid
      ? {}
      : { primaryCpu: median(rounds.map((round) => round.ours.primaryPerRequest)) }),
    eventsPerRequest: sum(rounds.map((round) => round.ours.events)) / requestsOfOurs,
    logLines: logLines / logged,
    errors: errors.summary,
  }

  async function measure({ name, shot, pid }: Side): Promise<Sample> {
    const cpuBefore = cpuMicros(pid)
    const primaryBefore = cpuMicros(gateway.primaryPid)
    const job = { kind: 'closed', shot, connections, seconds: comparison.roundSeconds } as const
    const { requests, events, seconds } = errors.check(await rig.load(job), name)
    return {
      requests,
      events,
      cpuPerRequest: (cpuMicros(pid) - cpuBefore) / requests,
      primaryPerRequest: (cpuMicros(gateway.primaryPid) - primaryBefore) / requests,
      perSecond: requests / seconds,
    }
  }
}

function pairOf(rounds: readonly Round[], of: (sample: Sample) => number): Pair {
  return {
    reference: median(rounds.map(({ reference }) => of(reference))),
    ours: median(rounds.map(({ ours }) => of(ours))),
    ratio: median(rounds.map(({ reference, ours }) => of(ours) / of(reference))),
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
