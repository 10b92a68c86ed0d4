import type { TargetModel, WrittenRequest } from '../../core/dialect.ts'
import type { JsonObject, JsonValue } from '../../core/json.ts'
import { effortOf } from '../../core/reasoning.ts'
import type { ChatRequest, Reasoning, ResponseFormat, Tool, ToolChoice } from '../../core/request.ts'
import { knowsExtra } from '../openai-responses/shared-extras.ts'
import { isReasoningModel } from './reasoning-models.ts'
import { writeMessages } from './write-messages.ts'

/**
 * A canonical chat as the body of `POST /v1/chat/completions`.
 * Spec: https://platform.openai.com/docs/api-reference/chat/create
 */
export function writeChat(request: ChatRequest, target: TargetModel): WrittenRequest {
  const dropped = new Set<string>()
  const body: JsonObject = {
    ...ownExtras(request, dropped),
    ...modelMember(target),
    ...writeSampling(request, target, dropped),
    ...writeTools(request, dropped),
    ...(request.stream ? { stream: true } : {}),
    ...(request.endUser === undefined ? {} : { user: request.endUser }),
    messages: writeMessages(request.messages, { extrasDialect: request.extrasDialect, dropped }),
  }
  return { body: JSON.stringify(body), dropped: [...dropped] }
}

/** `model`, where the body names it. */
export function modelMember({ model, omitsModel = false }: TargetModel): JsonObject {
  return model === null || omitsModel ? {} : { model }
}

function ownExtras(request: ChatRequest, dropped: Set<string>): JsonObject {
  const kept: JsonObject = {}
  for (const [name, value] of Object.entries(request.extras)) {
    if (knowsExtra(request, name, 'openai')) kept[name] = value
    else dropped.add(name)
  }
  return kept
}

function writeSampling(request: ChatRequest, { model }: TargetModel, dropped: Set<string>): JsonObject {
  const { temperature, topP, topK, maxTokens, stop, candidates, seed, logprobs, logitBias } = request
  const { presencePenalty, frequencyPenalty, responseFormat, reasoning, cache } = request
  const reasons = isReasoningModel(model)
  // Servers other than OpenAI's have it, and MLflow's clients may know which one they speak to.
  const takesTopK = request.extrasDialect === undefined
  if (topK !== undefined && !takesTopK) dropped.add('topK')
  if (cache) dropped.add('cache')
  const takesTemperature = temperature !== undefined && !(reasons && request.temperatureIsDefault)
  const effort = reasoning && writeEffort(reasoning, dropped)
  return {
    ...(takesTemperature ? { temperature } : {}),
    ...given('top_p', topP),
    ...(takesTopK ? given('top_k', topK) : {}),
    ...given('stop', stop),
    ...given(reasons ? 'max_completion_tokens' : 'max_tokens', maxTokens),
    ...given('n', candidates),
    ...given('seed', seed),
    ...given('presence_penalty', presencePenalty),
    ...given('frequency_penalty', frequencyPenalty),
    ...given('logit_bias', logitBias),
    ...(logprobs ? { logprobs: true } : {}),
    ...(logprobs && logprobs.alternatives > 0 ? { top_logprobs: logprobs.alternatives } : {}),
    ...(responseFormat ? { response_format: writeFormat(responseFormat) } : {}),
    ...given('reasoning_effort', effort),
  }
}

function given(name: string, value: JsonValue | undefined): JsonObject {
  return value === undefined ? {} : { [name]: value }
}

function writeEffort(reasoning: Reasoning, dropped: Set<string>): string | undefined {
  const effort = effortOf(reasoning)
  if (reasoning.budgetTokens !== undefined) dropped.add('reasoning.budgetTokens')
  if (reasoning.isAdaptive && effort === undefined) dropped.add('reasoning.isAdaptive')
  return effort === 'max' ? 'xhigh' : effort
}

function writeFormat(format: ResponseFormat): JsonObject {
  if (format.type !== 'json-schema') return { type: format.type === 'json' ? 'json_object' : 'text' }
  const { schema, name = 'answer', description, strict } = format
  return {
    type: 'json_schema',
    json_schema: { name, ...given('description', description), schema, ...given('strict', strict) },
  }
}

function writeTools(request: ChatRequest, dropped: Set<string>): JsonObject {
  const tools = request.tools?.flatMap((tool) => writeTool(tool, request, dropped) ?? [])
  const { toolChoice, parallelToolCalls } = request
  return {
    ...(tools && tools.length > 0 ? { tools } : {}),
    ...(toolChoice ? { tool_choice: writeToolChoice(toolChoice) } : {}),
    ...given('parallel_tool_calls', parallelToolCalls),
  }
}

function writeTool(tool: Tool, { extrasDialect }: ChatRequest, dropped: Set<string>): JsonObject | undefined {
  if (tool.type === 'hosted') {
    if (tool.dialect === 'openai') return tool.value
    dropped.add(`tools.${String(tool.value['type'] ?? 'hosted')}`)
    return undefined
  }
  const { name, description, parameters, strict, cache, extras = {} } = tool
  if (cache) dropped.add('cache')
  const isOwn = extrasDialect === undefined || extrasDialect === 'openai'
  if (!isOwn) for (const extra of Object.keys(extras)) dropped.add(`tools.${extra}`)
  return {
    type: 'function',
    function: {
      name,
      ...given('description', description),
      parameters,
      ...given('strict', strict),
      ...(isOwn ? extras : {}),
    },
  }
}

function writeToolChoice(choice: ToolChoice): JsonValue {
  if (choice.type === 'tool') return writeName(choice.name)
  if (choice.type === 'none' || choice.names === undefined) return choice.type
  return { type: 'allowed_tools', allowed_tools: { mode: choice.type, tools: choice.names.map(writeName) } }
}

function writeName(name: string): JsonObject {
  return { type: 'function', function: { name } }
}
