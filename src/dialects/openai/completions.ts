import type { TargetModel, WrittenRequest } from '../../core/dialect.ts'
import type { JsonObject } from '../../core/json.ts'
import type { ChatRequest } from '../../core/request.ts'
import { notForPrompts, promptOf } from '../single-prompt.ts'
import { DIALECT } from './dialect-name.ts'
import { parameterName } from './parameter-names.ts'
import { modelMember } from './write-request.ts'

/** What a completion has a place for, beside `logprobs`. */
const FIELDS = [
  'temperature',
  'topP',
  'maxTokens',
  'stop',
  'candidates',
  'seed',
  'presencePenalty',
  'frequencyPenalty',
  'logitBias',
  'endUser',
] as const satisfies readonly (keyof ChatRequest)[]

const CARRIED: ReadonlySet<keyof ChatRequest> = new Set<keyof ChatRequest>([...FIELDS, 'logprobs'])

/**
 * A canonical chat of one text as the body of `POST /v1/completions`. Throws a 422 for any other chat.
 * Spec: https://platform.openai.com/docs/api-reference/completions/create
 */
export function writeCompletion(request: ChatRequest, target: TargetModel): WrittenRequest {
  const { extras, extrasDialect = DIALECT, logprobs, stream } = request
  const isOwn = extrasDialect === DIALECT
  const body: JsonObject = { ...(isOwn && extras), ...modelMember(target), prompt: promptOf(request) }
  for (const field of FIELDS) {
    const value = request[field]
    if (value !== undefined) body[parameterName(field)] = value
  }
  if (logprobs) body['logprobs'] = logprobs.alternatives
  if (stream) body['stream'] = true
  const dropped = [...notForPrompts(request, CARRIED), ...(isOwn ? [] : Object.keys(extras))]
  return { body: JSON.stringify(body), dropped }
}
