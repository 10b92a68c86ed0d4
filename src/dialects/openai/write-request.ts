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
  const body: JsonObject = {
    ...writeExtras(request, dropped),
    ...modelMember(target),
    ...writeSampling(request, target, writing),
    ...(request.reasoning && writeReasoning(request.reasoning, target, dropped)),
    ...(responseFormat && { response_format: writeResponseFormat(responseFormat) }),
    ...writeTools(request, writing),
    ...(stream && { stream }),
    ...given('user', endUser),
    ...(cache && options.takesCacheMarks && { cache_control: { type: 'ephemeral', ...cache } }),
    messages: writeMessages(request.messages, writing),
  }
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
  request: ChatRequest,
  { model }: TargetModel,
  { dropped, takesTopK = false }: Writing,
): JsonObject {
  const { temperature, temperatureIsDefault = false, topK, logprobs } = request
  const reasons = isReasoningModel(model)
  const refuses = !takesSampling(model, request.reasoning && effortOf(request.reasoning))
  /** `neutral` changes nothing, and is taken by every model. */
  const sampled = (field: keyof ChatRequest, name: string, neutral?: number): JsonObject => {
    const value = request[field]
    if (value === undefined || !refuses || value === neutral)
      return given(name, value as JsonValue | undefined)
    dropped.add(field)
    return {}
  }
  if (topK !== undefined && !takesTopK) dropped.add('topK')
  const writesStop = takesStop(model)
  if (request.stop && !writesStop) dropped.add('stop')
  const leavesTemperature = reasons && temperatureIsDefault && temperature !== undefined
  return {
    ...(leavesTemperature ? {} : sampled('temperature', 'temperature', 1)),
    ...sampled('topP', 'top_p', 1),
    ...(takesTopK && given('top_k', topK)),
    ...(writesStop && given('stop', request.stop)),
    ...given(reasons ? 'max_completion_tokens' : 'max_tokens', request.maxTokens),
    ...given('n', request.candidates),
    ...given('seed', request.seed),
    ...sampled('presencePenalty', 'presence_penalty', 0),
    ...sampled('frequencyPenalty', 'frequency_penalty', 0),
    ...sampled('logitBias', 'logit_bias'),
    ...(logprobs && { logprobs: true }),
    ...(logprobs && logprobs.alternatives > 0 && { top_logprobs: logprobs.alternatives }),
  }
}

function given(name: string, value: JsonValue | undefined): JsonObject {
  return value === undefined ? {} : { [name]: value }
}

function writeReasoning(reasoning: Reasoning, { model }: TargetModel, dropped: Set<string>): JsonObject {
  const asked = effortOf(reasoning)
  if (reasoning.budgetTokens !== undefined) dropped.add('reasoning.budgetTokens')
  if (reasoning.isAdaptive && asked === undefined) dropped.add('reasoning.isAdaptive')
  if (asked === undefined) return {}
  const effort = effortFor(model, asked)
  if (effort === undefined) {
    // Not to think is all that such a model does.
    if (wantsThinking(reasoning)) dropped.add('reasoning')
    return {}
  }
  if (effort !== asked) dropped.add('reasoning.effort')
  return { reasoning_effort: effort }
}
