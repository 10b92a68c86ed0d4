import { BOUND } from '../config.ts'
import type { LoadResult } from '../load-job.ts'
import { BOUNDED_ROUTE } from '../routes.ts'
import { Errors, type Row } from '../row.ts'
import { openaiShot } from '../shots.ts'
import { percentile } from '../statistics.ts'

const TIMES_OVER = 3
const NORMAL_SHARE = 0.5
const GOODPUT_SHARE = 0.8
const REFUSED_WITHIN_MS = 100
const RECOVERED_WITHIN_SECONDS = 3

/** A route of bounded concurrency at what it can take, at three times that, and at half of it again, without a break. */
export const overload: Row = {
  key: 'overload',
  title: 'overload',
  async run(rig, startGateway) {
    const { overloadSeconds, recoverySeconds } = rig.settings
    const gateway = await startGateway()
    const capacity = BOUND.max / (BOUND.answerMs / 1000)
    const results = await rig.loadStages({
      kind: 'staged',
      shot: { ...openaiShot(gateway.port, BOUNDED_ROUTE, { bytes: 1024 }), mayBeRefused: true },
      stages: [
        { ratePerSecond: capacity, seconds: overloadSeconds },
        { ratePerSecond: TIMES_OVER * capacity, seconds: overloadSeconds },
        { ratePerSecond: NORMAL_SHARE * capacity, seconds: recoverySeconds },
      ],
    })
    const errors = new Errors()
    const [peak, over, after] = results.map((result, index) => errors.check(result, `stage ${index + 1}`))
    if (!peak || !over || !after) throw new Error('a stage has no result')

    const refusalMs = over.refusals.map(({ tookMs }) => tookMs)
    const lastRefusalMs = after.refusals.at(-1)?.atMs ?? 0
    return {
      figures: [
        { name: 'answers/s at 1 x', gateway: goodput(peak) },
        {
          name: `answers/s at ${TIMES_OVER} x`,
          gateway: goodput(over),
          ratio: goodput(over) / goodput(peak),
          target: { of: 'ratio', atLeast: GOODPUT_SHARE },
        },
        { name: `answer p99 ms at ${TIMES_OVER} x`, gateway: percentile(over.totalMs, 99) },
        { name: `refusals/s at ${TIMES_OVER} x`, gateway: over.refusals.length / over.seconds },
        {
          name: 'refusal p99 ms',
          gateway: percentile(refusalMs, 99),
          target: { of: 'gateway', atMost: REFUSED_WITHIN_MS },
        },
        {
          name: 's from then until all are answered',
          gateway: lastRefusalMs / 1000,
          target: { of: 'gateway', atMost: RECOVERED_WITHIN_SECONDS },
        },
      ],
      notes: [
        `${capacity} requests/s are 1 x; ${peak.refusals.length} refused at 1 x, ${after.refusals.length} at ${NORMAL_SHARE} x`,
      ],
      ...errors.summary,
    }
  },
}

function goodput({ requests, seconds }: LoadResult): number {
  return requests / seconds
}
