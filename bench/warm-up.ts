import type { Gateway } from './gateway.ts'
import type { Rig } from './rig.ts'
import { mlflowApi, openaiShapedApi, shotsFor } from './shots.ts'

/**
 * Gives the compiler of a new gateway, and of bare, the requests that it needs before it has optimised; without it the
 * first row of a short run would measure the interpreter. Errors are left for the rows to find.
 */
export async function warmUp(rig: Rig, gateway: Gateway): Promise<void> {
  const prompt = { bytes: 1024 }
  const mlflow = shotsFor(rig, gateway, { api: mlflowApi, prompt })
  const openai = shotsFor(rig, gateway, { api: openaiShapedApi, prompt })
  const { connections, firstWarmSeconds: seconds } = rig.settings
  for (const shot of [openai.bare, mlflow.gateway, openai.gateway]) {
    await rig.load({ kind: 'closed', shot, connections, seconds })
  }
}
