import type { Prompt } from './bodies.ts'
import { compareToBare } from './compare-to-bare.ts'
import type { Row } from './row.ts'
import { shotsFor, type Api } from './shots.ts'

/** One kind of request, asked again and again. */
export interface Work {
  readonly key: string
  readonly title: string
  readonly api: Api
  readonly prompt: Prompt
  /** The most CPU per request or stream that is wanted, as a multiple of bare's. */
  readonly target: number
  readonly connections?: number
}

/** A row that compares the CPU of one kind of work with bare's. */
export function cpuRow({ key, title, target, ...work }: Work): Row {
  return {
    key,
    title,
    async run(rig, startGateway) {
      const gateway = await startGateway()
      const shots = shotsFor(rig, gateway, work)
      const connections = work.connections ?? rig.settings.connections
      const unit = work.prompt.stream === true ? 'stream' : 'request'
      const { result } = await compareToBare(rig, gateway, { shots, connections, unit, target })
      return result
    },
  }
}
