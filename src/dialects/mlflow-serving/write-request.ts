import type { WrittenRequest } from '../../core/dialect.ts'
import type { JsonObject } from '../../core/json.ts'
import type { ChatRequest, EmbeddingsRequest } from '../../core/request.ts'
import { foreignExtras, freeExtras, notForPrompts, promptOf, refuse } from '../single-prompt.ts'

/** One message becomes the one row of `inputs`; all else goes to the model as `params`. */
export function writeChat(request: ChatRequest): WrittenRequest {
  const { messages, temperature, candidates, maxTokens, stop } = request
  if (messages.length > 1) {
    throw refuse(
      `MLflow chat models are only capable of processing a single query at a time. The request submitted consists of ${messages.length} queries.`,
    )
  }
  const params: JsonObject = { ...freeExtras(request) }
  if (temperature !== undefined) params['temperature'] = temperature
  if (candidates !== undefined) params['candidate_count'] = candidates
  if (maxTokens !== undefined) params['max_tokens'] = maxTokens
  if (stop) params['stop'] = stop
  const dropped = [...notForPrompts(request, CARRIED), ...foreignExtras(request)]
  return { body: writeInputs([promptOf(request)], params), dropped }
}

/** Texts become the rows of `inputs`. */
export function writeEmbeddings(request: EmbeddingsRequest): WrittenRequest {
  const inputs = typeof request.input === 'string' ? [request.input] : request.input
  const dropped = [
    ...(request.dimensions === undefined ? [] : ['dimensions']),
    ...(request.purpose === undefined ? [] : ['purpose']),
    ...foreignExtras(request),
  ]
  return { body: writeInputs(inputs, freeExtras(request)), dropped }
}

const CARRIED: ReadonlySet<keyof ChatRequest> = new Set<keyof ChatRequest>([
  'temperature',
  'candidates',
  'maxTokens',
  'stop',
])

function writeInputs(inputs: string[], params: JsonObject): string {
  return JSON.stringify(Object.keys(params).length === 0 ? { inputs } : { inputs, params })
}
