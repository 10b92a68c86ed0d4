import { basicConfig } from '../config.ts'
import { spawnGateway, untilOk } from '../gateway.ts'
import type { Row } from '../row.ts'
import { openaiShapedApi, shotsFor } from '../shots.ts'
import { median } from '../statistics.ts'

const WORKERS = 2
const MOST_SECONDS = 1.5

/** From the spawn of the command to the first answer of a model through it, on all cores. */
export const start: Row = {
  key: 'start',
  title: 'start',
  async run(rig) {
    const seconds: number[] = []
    for (let index = 0; index < rig.settings.starts; index += 1) {
      const gateway = await spawnGateway({
        command: rig.gatewayCommand,
        config: basicConfig(rig.upstreamPort),
        workers: WORKERS,
        cores: rig.pinning.all,
      })
      const { gateway: shot } = shotsFor(rig, gateway, { api: openaiShapedApi, prompt: { bytes: 1024 } })
      await untilOk(gateway, () =>
        fetch(`http://127.0.0.1:${shot.port}${shot.path}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: shot.body,
        }),
      )
      seconds.push((performance.now() - gateway.startedAt) / 1000)
      await gateway.stop()
    }
    return {
      figures: [
        {
          name: `s to first answer, ${WORKERS} workers`,
          gateway: median(seconds),
          target: { of: 'gateway', atMost: MOST_SECONDS },
        },
      ],
      notes: [`median of ${seconds.map((each) => each.toFixed(2)).join(', ')}`],
      errors: 0,
    }
  },
}
