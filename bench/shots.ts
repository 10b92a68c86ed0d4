import { invocationsRequest, openaiRequest, type Prompt } from './bodies.ts'
import { ROUTE, type Gateway } from './gateway.ts'
import type { Shot } from './load-job.ts'
import type { Rig } from './rig.ts'

/** The three ways to the same answer: the upstream itself, the bare proxy, the gateway. */
export interface Ways<T> {
  readonly direct: T
  readonly bare: T
  readonly gateway: T
}

/** MLflow's path of 2.5, whose answers have `candidates`. */
export const MLFLOW_PATH: string = `/gateway/${ROUTE}/invocations`

/** MLflow's path of 2.9, whose answers have OpenAI's shape. */
export const OPENAI_SHAPED_PATH: string = `/endpoints/${ROUTE}/invocations`

/** One prompt as a request in the way of each. */
export function shotsFor(rig: Rig, gateway: Gateway, work: { path: string; prompt: Prompt }): Ways<Shot> {
  const minEvents = work.prompt.stream === true ? rig.settings.chunks : 0
  const openai = { path: '/v1/chat/completions', body: openaiRequest(work.prompt), minEvents }
  return {
    direct: { ...openai, port: rig.upstreamPort },
    bare: { ...openai, port: rig.barePort },
    gateway: { port: gateway.port, path: work.path, body: invocationsRequest(work.prompt), minEvents },
  }
}
