import type { WrittenRequest } from '../../core/dialect.ts'
import type { JsonObject } from '../../core/json.ts'
import type { ChatRequest } from '../../core/request.ts'
import { foreignExtras, freeExtras, notForPrompts, promptOf, refuseOwnNames } from '../single-prompt.ts'

/** A prompt and its parameters, in AI21's names. The model stands in the URL. */
export function writeChat(request: ChatRequest): WrittenRequest {
  const { temperature, topP, maxTokens, stop, candidates } = request
  const extras = freeExtras(request)
  refuseOwnNames(extras, { stop: 'stopSequences', candidates: 'numResults', maxTokens: 'maxTokens' })
  const body: JsonObject = { ...extras, prompt: promptOf(request) }
  if (temperature !== undefined) body['temperature'] = temperature / 2
  if (topP !== undefined) body['topP'] = topP
  if (maxTokens !== undefined) body['maxTokens'] = maxTokens
  if (stop) body['stopSequences'] = stop
  if (candidates !== undefined) body['numResults'] = candidates
  return {
    body: JSON.stringify(body),
    dropped: [...notForPrompts(request, CARRIED), ...foreignExtras(request)],
  }
}

const CARRIED: ReadonlySet<keyof ChatRequest> = new Set<keyof ChatRequest>([
  'temperature',
  'topP',
  'maxTokens',
  'stop',
  'candidates',
])
