import type { TargetModel, WrittenRequest } from '../../core/dialect.ts'
import { GatewayError } from '../../core/error.ts'
import { asArray, asObject, type JsonObject } from '../../core/json.ts'
import { effortOf } from '../../core/reasoning.ts'
import type { ChatRequest, Message, Reasoning } from '../../core/request.ts'
import { isReasoningModel } from '../openai/reasoning-models.ts'
import { customDefinition } from './custom-tools.ts'
import { DIALECT } from './dialect-name.ts'
import { ENCRYPTED, LOGPROBS } from './read-request.ts'
import { knowsExtra } from './shared-extras.ts'
import { writeItems } from './write-items.ts'
import { writeFormat, writeToolChoice, writeTools } from './write-tools.ts'

/** The API refuses a smaller bound. */
const LEAST_TOKENS = 16

/** What the API has no field for. */
const WITHOUT_FIELD = [
  'topK',
  'stop',
  'seed',
  'presencePenalty',
  'frequencyPenalty',
  'logitBias',
  'cache',
] as const

/**
 * A canonical chat as the body of `POST /v1/responses`, for an API that keeps nothing: state comes back encrypted.
 * Throws a 422 for several candidates.
 */
export function writeChat(request: ChatRequest, target: TargetModel): WrittenRequest {
  const dropped = new Set<string>()
  const body: JsonObject = {
    ...writePrompt(request, target, dropped),
    ...writeSampling(request, target, dropped),
  }
  if (request.stream) body['stream'] = true
  if (request.endUser !== undefined) body['user'] = request.endUser
  body['store'] = false
  body['include'] = request.logprobs ? [ENCRYPTED, LOGPROBS] : [ENCRYPTED]
  addExtras(request, body, dropped)
  return { body: JSON.stringify(body), dropped: [...dropped] }
}

/** The same as the body of `POST /v1/responses/input_tokens`: what the count depends on. */
export function writeCount(request: ChatRequest, target: TargetModel): WrittenRequest {
  return { body: JSON.stringify(writePrompt(request, target, new Set())), dropped: [] }
}

/** All that the model reads. */
function writePrompt(request: ChatRequest, target: TargetModel, dropped: Set<string>): JsonObject {
  const { extrasDialect, tools = [], toolChoice, parallelToolCalls, responseFormat, reasoning } = request
  const customTools = customNames(request)
  const [instructions, messages] = splitInstructions(request.messages, dropped)
  const ownExtras = extrasDialect === undefined || extrasDialect === DIALECT
  const written = writeTools(tools, extrasDialect, dropped)
  const thinking = reasoning && writeReasoning(reasoning, dropped)
  return {
    ...(target.model !== null && !target.omitsModel && { model: target.model }),
    ...(instructions !== undefined && { instructions }),
    input: writeItems(messages, { customTools, ownExtras, dropped }),
    ...(written.length > 0 && { tools: written }),
    ...(toolChoice && { tool_choice: writeToolChoice(toolChoice, customTools) }),
    ...(parallelToolCalls !== undefined && { parallel_tool_calls: parallelToolCalls }),
    ...(responseFormat && { text: { format: writeFormat(responseFormat) } }),
    ...(thinking && { reasoning: thinking }),
  }
}

function customNames({ tools = [], extrasDialect = DIALECT }: ChatRequest): ReadonlySet<string> {
  const isCustom = extrasDialect === DIALECT
  return new Set(
    tools.flatMap((tool) =>
      isCustom && tool.type === 'function' && customDefinition(tool) ? [tool.name] : [],
    ),
  )
}

/** Leading system texts are the instructions; others stay where they stand. */
function splitInstructions(
  messages: readonly Message[],
  dropped: Set<string>,
): [string | undefined, readonly Message[]] {
  const [first, ...rest] = messages
  const texts = first?.parts.filter((part) => part.type === 'text') ?? []
  if (first?.role !== 'system' || texts.length === 0 || texts.length < first.parts.length)
    return [undefined, messages]
  if (texts.some(({ cache }) => cache)) dropped.add('cache')
  for (const name of Object.keys(first.extras)) dropped.add(`messages.${name}`)
  return [texts.map(({ text }) => text).join('\n\n'), rest]
}

function writeReasoning(reasoning: Reasoning, dropped: Set<string>): JsonObject | undefined {
  const effort = effortOf(reasoning)
  if (reasoning.budgetTokens !== undefined) dropped.add('reasoning.budgetTokens')
  if (reasoning.isAdaptive && effort === undefined) dropped.add('reasoning.isAdaptive')
  const shows = reasoning.shows === 'full' || reasoning.shows === 'summary'
  const summary = SUMMARIES.find((word) => word === reasoning.summary) ?? 'auto'
  if (effort === undefined && !shows) return undefined
  return { ...(effort !== undefined && { effort }), ...(shows && { summary }) }
}

const SUMMARIES = ['auto', 'concise', 'detailed'] as const

function writeSampling(request: ChatRequest, target: TargetModel, dropped: Set<string>): JsonObject {
  const { candidates, maxTokens, temperature, topP, logprobs } = request
  if (candidates !== undefined && candidates !== 1) {
    throw new GatewayError(
      `'{parameter}' is ${candidates}, but this route's provider gives one answer per request.`,
      { kind: 'bad_request', status: 422, parameter: 'candidates' },
    )
  }
  for (const field of WITHOUT_FIELD) if (request[field] !== undefined) dropped.add(field)
  if (maxTokens !== undefined && maxTokens < LEAST_TOKENS) dropped.add('maxTokens')
  const refuses = request.temperatureIsDefault === true && isReasoningModel(target.model)
  return {
    ...(maxTokens !== undefined && { max_output_tokens: Math.max(maxTokens, LEAST_TOKENS) }),
    ...(temperature !== undefined && !refuses && { temperature }),
    ...(topP !== undefined && { top_p: topP }),
    ...(logprobs && logprobs.alternatives > 0 && { top_logprobs: logprobs.alternatives }),
  }
}

function addExtras(request: ChatRequest, body: JsonObject, dropped: Set<string>): void {
  for (const [name, value] of Object.entries(request.extras)) {
    if (!knowsExtra(request, name, DIALECT)) dropped.add(name)
    else if (name === 'verbosity') body['text'] = { ...asObject(body['text']), verbosity: value }
    else if (name === 'include')
      body['include'] = [...asArray(body['include']), ...asArray(value)].map(String)
    else if (name in body && name !== 'store') dropped.add(name)
    else body[name] = value
  }
}
