import type { TargetModel, WrittenRequest } from '../../core/dialect.ts'
import { omit, type JsonObject, type JsonValue } from '../../core/json.ts'
import { budgetOf, wantsThinking } from '../../core/reasoning.ts'
import type { ChatRequest, FunctionTool, Reasoning, ResponseFormat, ToolChoice } from '../../core/request.ts'
import { refuse } from '../single-prompt.ts'
import { writeConversation } from './write-messages.ts'

/** What belongs to the gateway: an extra of the same name is dropped. */
const OWN_FIELDS: ReadonlySet<string> = new Set(['model', 'messages', 'stream'])

/** Canonical fields that Cohere has no word for. */
const FOREIGN_FIELDS = ['logitBias', 'endUser', 'cache'] as const

/**
 * A canonical chat as the body of `POST /v2/chat`. Throws a 422 for several candidates, for files and sound, and for a
 * choice of a tool that is not there.
 * Spec: https://docs.cohere.com/reference/chat
 */
export function writeChatRequest(request: ChatRequest, { model }: TargetModel): WrittenRequest {
  const { candidates, extras, extrasDialect = 'cohere' } = request
  if (candidates !== undefined && candidates !== 1) {
    throw refuse(
      `'{parameter}' must be '1' for the Cohere provider. Received value: '${candidates}'.`,
      'candidates',
    )
  }
  const ownExtras = extrasDialect === 'cohere' || extrasDialect === 'mlflow'
  const dropped = new Set<string>(FOREIGN_FIELDS.filter((name) => request[name] !== undefined))
  if (request.parallelToolCalls === false) dropped.add('parallelToolCalls')
  const { messages, documents } = writeConversation(request.messages, { ownExtras, dropped })
  const body: JsonObject = { ...(model === null ? {} : { model }), messages }
  if (request.stream) body['stream'] = true
  Object.assign(body, writeSampling(request, dropped), writeTools(request, dropped))
  if (request.logprobs) {
    body['logprobs'] = true
    if (request.logprobs.alternatives > 0) dropped.add('logprobs.alternatives')
  }
  if (request.responseFormat) body['response_format'] = writeResponseFormat(request.responseFormat)
  const thinking = request.reasoning && writeThinking(request.reasoning, request.maxTokens)
  if (thinking) body['thinking'] = thinking
  const free = ownExtras ? omit(extras, OWN_FIELDS) : {}
  for (const name of Object.keys(extras)) if (!(name in free)) dropped.add(name)
  Object.assign(body, free)
  if (documents.length > 0) body['documents'] = [...asList(free['documents']), ...documents]
  return { body: JSON.stringify(body), dropped: [...dropped] }
}

function asList(value: JsonValue | undefined): JsonValue[] {
  return Array.isArray(value) ? value : []
}

function writeSampling(request: ChatRequest, dropped: Set<string>): JsonObject {
  const { temperature, topP, topK, maxTokens, stop = [], seed } = request
  const written: JsonObject = {}
  if (maxTokens !== undefined) written['max_tokens'] = maxTokens
  if (temperature !== undefined) written['temperature'] = temperature
  if (topP !== undefined) written['p'] = Math.min(Math.max(topP, LEAST_P), MOST_P)
  if (topK !== undefined) written['k'] = topK
  if (seed !== undefined) written['seed'] = seed
  if (stop.length > 0) written['stop_sequences'] = stop
  const penalties = { presencePenalty: 'presence_penalty', frequencyPenalty: 'frequency_penalty' } as const
  for (const field of ['presencePenalty', 'frequencyPenalty'] as const) {
    const penalty = request[field]
    if (penalty === undefined) continue
    const allowed = Math.min(Math.max(penalty, 0), 1)
    if (allowed !== penalty) dropped.add(field)
    written[penalties[field]] = allowed
  }
  return written
}

/** Cohere refuses both ends of the scale; these mean nearly the same. */
const LEAST_P = 0.01
const MOST_P = 0.99

/** Cohere chooses no single tool: it is given only those that are wanted. */
function writeTools({ tools = [], toolChoice }: ChatRequest, dropped: Set<string>): JsonObject {
  let functions = tools.filter((tool) => tool.type === 'function')
  if (functions.length < tools.length) dropped.add('tools.hosted')
  if (functions.some(({ cache }) => cache)) dropped.add('cache')
  const names = namesOf(toolChoice)
  if (names) {
    functions = functions.filter(({ name }) => names.includes(name))
    dropped.add('toolChoice')
    if (functions.length === 0) {
      throw refuse(`'{parameter}' names no tool of the request: ${names.join(', ')}.`, 'toolChoice')
    }
  }
  if (functions.length === 0) return {}
  const written: JsonObject = { tools: functions.map((tool) => writeTool(tool, dropped)) }
  const [strict] = functions.map((tool) => tool.strict)
  if (functions.some((tool) => tool.strict !== strict)) dropped.add('tools.strict')
  else if (strict !== undefined) written['strict_tools'] = strict
  if (toolChoice && toolChoice.type !== 'auto') {
    written['tool_choice'] = toolChoice.type === 'none' ? 'NONE' : 'REQUIRED'
  }
  return written
}

function namesOf(choice: ToolChoice | undefined): string[] | undefined {
  if (!choice || choice.type === 'none') return undefined
  return choice.type === 'tool' ? [choice.name] : choice.names
}

function writeTool(tool: FunctionTool, dropped: Set<string>): JsonObject {
  const { name, description, parameters, extras = {} } = tool
  for (const extra of Object.keys(extras)) dropped.add(`tools.${extra}`)
  const about = description === undefined ? {} : { description }
  // A tool without parameters may come as `{}`; Cohere wants the type spelt out.
  const schema = 'type' in parameters ? parameters : { type: 'object', properties: {}, ...parameters }
  return { type: 'function', function: { name, ...about, parameters: schema } }
}

/** Cohere holds every schema strictly, and has no name for it. */
function writeResponseFormat(format: ResponseFormat): JsonObject {
  if (format.type === 'text') return { type: 'text' }
  if (format.type === 'json') return { type: 'json_object' }
  return { type: 'json_object', json_schema: format.schema }
}

/** An effort whose budget is more than the whole answer may have is left to the model. */
function writeThinking(reasoning: Reasoning, maxTokens = Infinity): JsonObject | undefined {
  if (wantsThinking(reasoning)) {
    const budget = budgetOf(reasoning)
    const isGiven = reasoning.budgetTokens !== undefined
    const fits = budget !== undefined && (isGiven || budget < maxTokens)
    return fits ? { type: 'enabled', token_budget: budget } : { type: 'enabled' }
  }
  const isOff = reasoning.effort === 'none' || reasoning.budgetTokens === 0
  return isOff ? { type: 'disabled' } : undefined
}
