import type { LoadResult, Shot } from './load-job.ts'
import type { Rig } from './rig.ts'
import { Errors } from './row.ts'
import type { Ways } from './shots.ts'
import { median } from './statistics.ts'

/** How the requests arrive. */
export interface Arrivals {
  readonly ratePerSecond: number
  readonly secondsPerRound: number
  readonly rounds: number
}

/** Open-loop load on the upstream alone, on bare and on the gateway in turns; one result per round and way. */
export async function compareLatency(
  rig: Rig,
  shots: Ways<Shot>,
  arrivals: Arrivals,
): Promise<{ rounds: Ways<LoadResult>[]; errors: Errors }> {
  const errors = new Errors()
  const { ratePerSecond, secondsPerRound: seconds } = arrivals
  for (const shot of [shots.direct, shots.bare, shots.gateway]) {
    errors.check(await rig.load({ kind: 'closed', shot, connections: 4, seconds: 0.3 }), shot.path)
  }
  const rounds: Ways<LoadResult>[] = []
  for (let round = 0; round < arrivals.rounds; round += 1) {
    const direct = await open(shots.direct, 'direct')
    const bare = await open(shots.bare, 'bare')
    rounds.push({ direct, bare, gateway: await open(shots.gateway, 'gateway') })
  }
  return { rounds, errors }

  async function open(shot: Shot, whose: string): Promise<LoadResult> {
    return errors.check(await rig.load({ kind: 'open', shot, ratePerSecond, seconds }), whose)
  }
}

/** All times of all rounds together, by way. */
export function pooled(
  rounds: readonly Ways<LoadResult>[],
  times: 'firstByteMs' | 'totalMs',
): Ways<number[]> {
  return {
    direct: rounds.flatMap((round) => round.direct[times]),
    bare: rounds.flatMap((round) => round.bare[times]),
    gateway: rounds.flatMap((round) => round.gateway[times]),
  }
}

/** Median over the rounds of a statistic of the gateway less the same of another way, in milliseconds. */
export function addedMs(
  rounds: readonly Ways<LoadResult>[],
  way: 'direct' | 'bare',
  statistic: (result: LoadResult) => number,
): number {
  return median(rounds.map((round) => statistic(round.gateway) - statistic(round[way])))
}
