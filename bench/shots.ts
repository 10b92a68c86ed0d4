import {
  anthropicRequest,
  invocationsRequest,
  openaiClientRequest,
  openaiRequest,
  type Prompt,
} from './bodies.ts'
import type { Gateway } from './gateway.ts'
import type { Shot } from './load-job.ts'
import type { Rig } from './rig.ts'
import { ROUTE } from './routes.ts'

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

/** How a client of the gateway asks. */
export interface Api {
  readonly path: string
  write(prompt: Prompt): string
}

/** MLflow's own APIs, where the path names the route. */
export const mlflowApi: Api = { path: MLFLOW_PATH, write: invocationsRequest }
export const openaiShapedApi: Api = { path: OPENAI_SHAPED_PATH, write: invocationsRequest }

/** OpenAI's SDK, asking for a route by name. */
export function openaiApi(route: string = ROUTE): Api {
  return { path: '/v1/chat/completions', write: (prompt) => openaiClientRequest(prompt, route) }
}

/** Anthropic's SDK, asking for a route by name. */
export function anthropicApi(route: string = ROUTE): Api {
  return { path: '/v1/messages', write: (prompt) => anthropicRequest(prompt, route) }
}

/** What OpenAI's SDK sends to a port, for a model there or a route. */
export function openaiShot(port: number, model: string, prompt: Prompt): Shot {
  return { port, path: '/v1/chat/completions', body: openaiClientRequest(prompt, model), minEvents: 0 }
}

/** One prompt as a request in the way of each. */
export function shotsFor(rig: Rig, gateway: Gateway, work: { api: Api; prompt: Prompt }): Ways<Shot> {
  const minEvents = work.prompt.stream === true ? rig.settings.chunks : 0
  const openai = { path: '/v1/chat/completions', body: openaiRequest(work.prompt), minEvents }
  return {
    direct: { ...openai, port: rig.upstreamPort },
    bare: { ...openai, port: rig.barePort },
    gateway: { port: gateway.port, path: work.api.path, body: work.api.write(work.prompt), minEvents },
  }
}
