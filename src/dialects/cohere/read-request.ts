import { asArray, asNumber, asObject, asString, isObject, omit, type JsonObject } from '../../core/json.ts'
import type { ChatRequest, FunctionTool, Reasoning, ResponseFormat, ToolChoice } from '../../core/request.ts'
import { invalidRequest } from '../../wire/open-body.ts'
import { readMessages } from './read-messages.ts'

/** The fields that have a place of their own in the canonical request. */
const FIELDS: ReadonlySet<string> = new Set([
  'model',
  'messages',
  'stream',
  'temperature',
  'p',
  'k',
  'max_tokens',
  'stop_sequences',
  'seed',
  'presence_penalty',
  'frequency_penalty',
  'logprobs',
  'tools',
  'strict_tools',
  'tool_choice',
  'response_format',
  'thinking',
])

/**
 * The body of `POST /v2/chat`. Its temperature is taken as it is: Cohere's second version names no upper end.
 * Spec: https://docs.cohere.com/reference/chat
 */
export function readChatRequest(body: JsonObject): ChatRequest {
  const request: ChatRequest = {
    messages: readMessages(body['messages']),
    stream: body['stream'] === true,
    extras: omit(body, FIELDS),
    extrasDialect: 'cohere',
  }
  readSampling(request, body)
  if (body['logprobs'] === true) request.logprobs = { alternatives: 0 }
  const tools = asArray(body['tools']).map((tool) => readTool(asObject(tool), body['strict_tools']))
  const toolChoice = readToolChoice(body['tool_choice'])
  const responseFormat = readResponseFormat(body['response_format'])
  const reasoning = readThinking(body['thinking'])
  if (tools.length > 0) request.tools = tools
  if (toolChoice) request.toolChoice = toolChoice
  if (responseFormat) request.responseFormat = responseFormat
  if (reasoning) request.reasoning = reasoning
  return request
}

function readSampling(request: ChatRequest, body: JsonObject): void {
  const temperature = asNumber(body['temperature'])
  const topP = asNumber(body['p'])
  const topK = asNumber(body['k'])
  const maxTokens = asNumber(body['max_tokens'])
  const seed = asNumber(body['seed'])
  const presencePenalty = asNumber(body['presence_penalty'])
  const frequencyPenalty = asNumber(body['frequency_penalty'])
  const stop = asArray(body['stop_sequences']).filter((word) => typeof word === 'string')
  if (temperature !== undefined) request.temperature = temperature
  if (topP !== undefined) request.topP = topP
  if (topK !== undefined) request.topK = topK
  if (maxTokens !== undefined) request.maxTokens = maxTokens
  if (seed !== undefined) request.seed = seed
  if (presencePenalty !== undefined) request.presencePenalty = presencePenalty
  if (frequencyPenalty !== undefined) request.frequencyPenalty = frequencyPenalty
  if (stop.length > 0) request.stop = stop
}

function readTool(tool: JsonObject, strict: unknown): FunctionTool {
  const definition = asObject(tool['function'])
  const { name, description, parameters } = definition
  const read: FunctionTool = {
    type: 'function',
    name: asString(name) ?? '',
    parameters: asObject(parameters),
    extras: omit(definition, TOOL_FIELDS),
  }
  if (typeof description === 'string') read.description = description
  if (typeof strict === 'boolean') read.strict = strict
  return read
}

const TOOL_FIELDS: ReadonlySet<string> = new Set(['name', 'description', 'parameters'])

function readToolChoice(choice: unknown): ToolChoice | undefined {
  if (choice === undefined || choice === null) return undefined
  if (choice === 'REQUIRED') return { type: 'required' }
  if (choice === 'NONE') return { type: 'none' }
  throw invalidRequest(
    "'tool_choice' must be 'REQUIRED' or 'NONE'; without it the model is free.",
    'tool_choice',
  )
}

function readResponseFormat(format: unknown): ResponseFormat | undefined {
  if (!isObject(format)) return undefined
  if (format['type'] !== 'json_object') return { type: 'text' }
  const schema = format['json_schema'] ?? format['schema']
  return isObject(schema) ? { type: 'json-schema', schema } : { type: 'json' }
}

function readThinking(thinking: unknown): Reasoning | undefined {
  if (!isObject(thinking)) return undefined
  if (thinking['type'] === 'disabled') return { effort: 'none' }
  const budgetTokens = asNumber(thinking['token_budget'])
  return budgetTokens === undefined ? { isAdaptive: true } : { budgetTokens }
}
