import type { TargetModel, WrittenRequest } from '../../core/dialect.ts'
import type { JsonObject, JsonValue } from '../../core/json.ts'
import { effortOf, wantsThinking } from '../../core/reasoning.ts'
import type { ChatRequest, Reasoning } from '../../core/request.ts'
import { knowsExtra } from '../openai-responses/shared-extras.ts'
import { DIALECT } from './dialect-name.ts'
import { effortFor, isReasoningModel, takesSampling, takesStop } from './reasoning-models.ts'
import { writeMessages } from './write-messages.ts'
import { customNames, writeResponseFormat, writeTools } from './write-tools.ts'
import type { OpenAiChatOptions, Writing } from './writing.ts'

/**
 * A canonical chat as the body of `POST /v1/chat/completions`.
 * Spec: https://platform.openai.com/docs/api-reference/chat/create
 */
export function writeChat(
  request: ChatRequest,
  target: TargetModel,
  options: OpenAiChatOptions = {},
): WrittenRequest {
  const { extrasDialect, responseFormat, cache, stream, endUser } = request
  const dropped = new Set<string>()
  const isOwn = extrasDialect === undefined || extrasDialect === DIALECT
  const writing: Writing = {
    ...options,
    isOwn,
    namesResults: extrasDialect === DIALECT,
    custom: isOwn ? customNames(request) : NONE,
    dropped,
  }
  if (cache && !options.takesCacheMarks) dropped.add('cache')
  // One object, filled in place: this is done for each translated request, and spreads cost more than the rest of it.
  const body = writeExtras(request, dropped)
  Object.assign(body, modelMember(target))
  writeSampling(body, request, { target, writing })
  if (request.reasoning) put(body, 'reasoning_effort', writeReasoning(request.reasoning, target, dropped))
  if (responseFormat) body['response_format'] = writeResponseFormat(responseFormat)
  if (request.tools) Object.assign(body, writeTools(request, writing))
  if (stream) body['stream'] = stream
  put(body, 'user', endUser)
  if (cache && options.takesCacheMarks) body['cache_control'] = { type: 'ephemeral', ...cache }
  body['messages'] = writeMessages(request.messages, writing)
  return { body: JSON.stringify(body), dropped: [...dropped] }
}

const NONE: ReadonlySet<string> = new Set()

/** `model`, where the body names it. */
export function modelMember({ model, omitsModel = false }: TargetModel): JsonObject {
  return model === null || omitsModel ? {} : { model }
}

function writeExtras(request: ChatRequest, dropped: Set<string>): JsonObject {
  const kept: JsonObject = {}
  for (const [name, value] of Object.entries(request.extras)) {
    if (knowsExtra(request, name, DIALECT)) kept[name] = value
    else dropped.add(name)
  }
  return kept
}

function writeSampling(
  body: JsonObject,
  request: ChatRequest,
  { target: { model }, writing }: { target: TargetModel; writing: Writing },
): void {
  const { dropped, takesTopK = false } = writing
  const { temperature, temperatureIsDefault = false, topK, logprobs } = request
  const reasons = isReasoningModel(model)
  const refuses = !takesSampling(model, request.reasoning && effortOf(request.reasoning))
  /** `neutral` changes nothing, and is taken by every model. */
  const sampled = (field: SamplingField, neutral?: number): JsonValue | undefined => {
    const value = request[field]
    if (value === undefined || !refuses || value === neutral) return value
    dropped.add(field)
    return undefined
  }
  if (topK !== undefined && !takesTopK) dropped.add('topK')
  const writesStop = takesStop(model)
  if (request.stop && !writesStop) dropped.add('stop')
  const leavesTemperature = reasons && temperatureIsDefault && temperature !== undefined
  if (!leavesTemperature) put(body, 'temperature', sampled('temperature', 1))
  put(body, 'top_p', sampled('topP', 1))
  if (takesTopK) put(body, 'top_k', topK)
  if (writesStop) put(body, 'stop', request.stop)
  put(body, reasons ? 'max_completion_tokens' : 'max_tokens', request.maxTokens)
  put(body, 'n', request.candidates)
  put(body, 'seed', request.seed)
  put(body, 'presence_penalty', sampled('presencePenalty', 0))
  put(body, 'frequency_penalty', sampled('frequencyPenalty', 0))
  put(body, 'logit_bias', sampled('logitBias'))
  if (!logprobs) return
  body['logprobs'] = true
  if (logprobs.alternatives > 0) body['top_logprobs'] = logprobs.alternatives
}

function put(body: JsonObject, name: string, value: JsonValue | undefined): void {
  if (value !== undefined) body[name] = value
}

type SamplingField = 'temperature' | 'topP' | 'presencePenalty' | 'frequencyPenalty' | 'logitBias'

function writeReasoning(
  reasoning: Reasoning,
  { model }: TargetModel,
  dropped: Set<string>,
): string | undefined {
  const asked = effortOf(reasoning)
  if (reasoning.budgetTokens !== undefined) dropped.add('reasoning.budgetTokens')
  if (reasoning.isAdaptive && asked === undefined) dropped.add('reasoning.isAdaptive')
  if (asked === undefined) return undefined
  const effort = effortFor(model, asked)
  if (effort === undefined) {
    // Not to think is all that such a model does.
    if (wantsThinking(reasoning)) dropped.add('reasoning')
    return undefined
  }
  if (effort !== asked) dropped.add('reasoning.effort')
  return effort
}
