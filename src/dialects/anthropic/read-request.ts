import {
  asArray,
  asNumber,
  asObject,
  asString,
  isObject,
  omit,
  type JsonObject,
  type JsonValue,
} from '../../core/json.ts'
import { asEffort } from '../../core/reasoning.ts'
import type {
  ChatRequest,
  FunctionTool,
  Message,
  Part,
  Reasoning,
  ResponseFormat,
  Tool,
} from '../../core/request.ts'
import { invalidRequest } from '../../wire/open-body.ts'
import { readCacheMark, readContent } from './read-parts.ts'

/** From Anthropic's 0..1 to OpenAI's 0..2. */
const TEMPERATURE_SCALE = 2

/** The fields that have a place of their own in the canonical request. */
const OWN_FIELDS: ReadonlySet<string> = new Set([
  'model',
  'messages',
  'system',
  'stream',
  'max_tokens',
  'temperature',
  'top_p',
  'top_k',
  'stop_sequences',
  'tools',
  'tool_choice',
  'cache_control',
  'thinking',
  'output_config',
  'output_format',
  'metadata',
])

/**
 * The body of `POST /v1/messages` in canonical form. Throws a 400 for messages that are none.
 * Spec: https://docs.anthropic.com/en/api/messages
 */
export function readRequest(json: JsonObject): ChatRequest {
  const request: ChatRequest = {
    messages: [...readSystem(json['system']), ...readMessages(json['messages'])],
    stream: json['stream'] === true,
    extras: omit(json, OWN_FIELDS),
    extrasDialect: 'anthropic',
  }
  readSampling(json, request)
  readTools(json, request)
  readThinking(json, request)
  readOutput(json, request)
  const cache = readCacheMark(json['cache_control'])
  if (cache) request.cache = cache
  const metadata = asObject(json['metadata'])
  const user = asString(metadata['user_id'])
  if (user !== undefined) request.endUser = user
  keepRest(request, 'metadata', omit(metadata, new Set(['user_id'])))
  return request
}

function readSystem(system: JsonValue | undefined): Message[] {
  const parts = readContent(system)
  return parts.length === 0 ? [] : [{ role: 'system', parts, extras: {} }]
}

function readMessages(messages: JsonValue | undefined): Message[] {
  if (!Array.isArray(messages)) throw invalidRequest("'messages' must be a list of messages.", 'messages')
  return messages.flatMap((message, index) => {
    if (isObject(message) && typeof message['role'] === 'string') return readMessage(message)
    throw invalidRequest(`'messages[${index}]' must be an object with a role.`, `messages[${index}]`)
  })
}

const MESSAGE_FIELDS: ReadonlySet<string> = new Set(['role', 'content'])

/** A user's turn holds the results of tools, which elsewhere are messages of their own, beside what the user says. */
function readMessage(message: JsonObject): Message[] {
  const role = asString(message['role']) ?? 'user'
  const extras = omit(message, MESSAGE_FIELDS)
  const parts = readContent(message['content'])
  if (role !== 'user' || !parts.some(isToolResult)) return [{ role, parts, extras }]
  const messages: Message[] = []
  for (const part of parts) {
    const role = isToolResult(part) ? 'tool' : 'user'
    const last = messages.at(-1)
    if (last?.role === 'user' && role === 'user') last.parts.push(part)
    else messages.push({ role, parts: [part], extras })
  }
  return messages
}

function isToolResult(part: Part): boolean {
  return part.type === 'tool-result'
}

function readSampling(json: JsonObject, request: ChatRequest): void {
  const maxTokens = asNumber(json['max_tokens'])
  const temperature = asNumber(json['temperature'])
  const topP = asNumber(json['top_p'])
  const topK = asNumber(json['top_k'])
  const stop = asArray(json['stop_sequences']).filter((sequence) => typeof sequence === 'string')
  if (maxTokens !== undefined) request.maxTokens = maxTokens
  if (temperature !== undefined) request.temperature = temperature * TEMPERATURE_SCALE
  if (topP !== undefined) request.topP = topP
  if (topK !== undefined) request.topK = topK
  if (stop.length > 0) request.stop = stop
}

function readTools(json: JsonObject, request: ChatRequest): void {
  if (Array.isArray(json['tools'])) request.tools = json['tools'].filter(isObject).map(readTool)
  const { type, name, disable_parallel_tool_use } = asObject(json['tool_choice'])
  if (type === 'auto' || type === 'none') request.toolChoice = { type }
  else if (type === 'any') request.toolChoice = { type: 'required' }
  else if (type === 'tool') request.toolChoice = { type, name: asString(name) ?? '' }
  if (typeof disable_parallel_tool_use === 'boolean') request.parallelToolCalls = !disable_parallel_tool_use
}

const TOOL_FIELDS: ReadonlySet<string> = new Set([
  'type',
  'name',
  'description',
  'input_schema',
  'strict',
  'cache_control',
])

/** Tools whose schema only Anthropic knows, whoever runs them, are its own. */
function readTool(tool: JsonObject): Tool {
  const type = tool['type'] ?? 'custom'
  if (type !== 'custom') return { type: 'hosted', dialect: 'anthropic', value: tool }
  const read: FunctionTool = {
    type: 'function',
    name: asString(tool['name']) ?? '',
    parameters: asObject(tool['input_schema']),
  }
  const description = asString(tool['description'])
  const cache = readCacheMark(tool['cache_control'])
  const extras = omit(tool, TOOL_FIELDS)
  if (description !== undefined) read.description = description
  if (typeof tool['strict'] === 'boolean') read.strict = tool['strict']
  if (cache) read.cache = cache
  if (Object.keys(extras).length > 0) read.extras = extras
  return read
}

/** How to think, and with how much effort to do all of it, are two fields here. */
function readThinking(json: JsonObject, request: ChatRequest): void {
  const reasoning: Reasoning = {}
  const thinking = asObject(json['thinking'])
  const effort = asEffort(asObject(json['output_config'])['effort'])
  if (effort !== undefined) reasoning.effort = effort
  const budget = asNumber(thinking['budget_tokens'])
  if (thinking['type'] === 'disabled') reasoning.effort = 'none'
  else if (thinking['type'] === 'adaptive') reasoning.isAdaptive = true
  else if (thinking['type'] === 'enabled' && budget !== undefined) reasoning.budgetTokens = budget
  else keepRest(request, 'thinking', thinking)
  if (thinking['display'] === 'omitted') reasoning.shows = 'nothing'
  if (thinking['display'] === 'summarized') reasoning.shows = 'summary'
  if (Object.keys(reasoning).length > 0) request.reasoning = reasoning
}

const OUTPUT_FIELDS: ReadonlySet<string> = new Set(['format', 'effort'])
const FORMAT_ALONE: ReadonlySet<string> = new Set(['format'])

function readOutput(json: JsonObject, request: ChatRequest): void {
  const output = asObject(json['output_config'])
  // The name that the field had in its beta.
  const format = readFormat(output['format'] ?? json['output_format'])
  if (format) request.responseFormat = format
  // Without thinking there may still be an effort, for all the rest.
  const isOff = request.reasoning?.effort === 'none'
  keepRest(request, 'output_config', omit(output, isOff ? FORMAT_ALONE : OUTPUT_FIELDS))
}

function readFormat(format: JsonValue | undefined): ResponseFormat | undefined {
  const { type, schema } = asObject(format)
  return type === 'json_schema' ? { type: 'json-schema', schema: asObject(schema) } : undefined
}

/** What a field says beyond the canonical form. */
function keepRest(request: ChatRequest, field: string, rest: JsonObject): void {
  if (Object.keys(rest).length > 0) request.extras[field] = rest
}
