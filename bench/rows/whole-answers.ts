import type { Prompt } from '../bodies.ts'
import { compareCpu } from '../compare-cpu.ts'
import type { Row } from '../row.ts'
import { MLFLOW_PATH, OPENAI_SHAPED_PATH, shotsFor } from '../shots.ts'

const LARGE_CONNECTIONS = 4

/** The 2023 API: the gateway translates both ways. */
export const mlflowChat: Row = row({
  key: 'mlflow',
  title: 'mlflow chat 1 KB',
  path: MLFLOW_PATH,
  prompt: { bytes: 1024 },
  target: 2,
})

/** The gateway speaks the provider's own shape, so bytes can pass. */
export const openaiShaped: Row = row({
  key: 'openai',
  title: 'openai-shaped invocations 1 KB',
  path: OPENAI_SHAPED_PATH,
  prompt: { bytes: 1024 },
  target: 1.6,
})

/** A prompt so long that reading it is most of the work. */
export const largePrompt: Row = row({
  key: 'large',
  title: '1 MB prompt',
  path: OPENAI_SHAPED_PATH,
  prompt: { bytes: 1024 * 1024 },
  target: 1.2,
  connections: LARGE_CONNECTIONS,
})

function row(work: {
  key: string
  title: string
  path: string
  prompt: Prompt
  target: number
  connections?: number
}): Row {
  return {
    key: work.key,
    title: work.title,
    async run(rig, startGateway) {
      const gateway = await startGateway()
      const { bare, gateway: ours } = shotsFor(rig, gateway, work)
      const connections = work.connections ?? rig.settings.connections
      const { result } = await compareCpu(rig, gateway, {
        bare,
        gateway: ours,
        connections,
        unit: 'request',
        target: work.target,
      })
      return result
    },
  }
}
