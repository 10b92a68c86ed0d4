import type { WrittenRequest } from '../../core/dialect.ts'
import type { JsonObject } from '../../core/json.ts'
import type { ChatRequest } from '../../core/request.ts'
import {
  foreignExtras,
  freeExtras,
  notForPrompts,
  promptOf,
  refuse,
  refuseOwnNames,
} from '../single-prompt.ts'

/** A prompt and its parameters. The details are asked for, because they say why the text ended and how long it is. */
export function writeChat(request: ChatRequest): WrittenRequest {
  const { temperature, topP, topK, maxTokens, stop, seed, candidates, frequencyPenalty } = request
  if (candidates !== undefined && candidates !== 1) {
    throw refuse(
      `'{parameter}' must be '1' for the Text Generation Inference provider. Received value: '${candidates}'.`,
      'candidates',
    )
  }
  const extras = freeExtras(request)
  refuseOwnNames(extras, { maxTokens: 'max_new_tokens' })
  const parameters: JsonObject = { ...extras, details: true }
  // The prompt's tokens, to count them: not to be had in a stream, which tells their number itself.
  if (!request.stream) parameters['decoder_input_details'] = true
  if (temperature !== undefined) parameters['temperature'] = Math.max(temperature, LOWEST_TEMPERATURE)
  // Both ends are excluded, and 1 means the same as nothing.
  if (topP !== undefined && topP < 1) parameters['top_p'] = topP
  if (topK !== undefined) parameters['top_k'] = topK
  if (maxTokens !== undefined) parameters['max_new_tokens'] = maxTokens
  if (stop) parameters['stop'] = stop
  if (seed !== undefined) parameters['seed'] = seed
  if (frequencyPenalty !== undefined) parameters['frequency_penalty'] = frequencyPenalty
  const dropped = [...notForPrompts(request, CARRIED), ...foreignExtras(request)]
  return { body: JSON.stringify({ inputs: promptOf(request), parameters }), dropped }
}

/** A temperature of 0 is refused. */
const LOWEST_TEMPERATURE = 0.001

const CARRIED: ReadonlySet<keyof ChatRequest> = new Set<keyof ChatRequest>([
  'temperature',
  'topP',
  'topK',
  'maxTokens',
  'stop',
  'seed',
  'candidates',
  'frequencyPenalty',
])
