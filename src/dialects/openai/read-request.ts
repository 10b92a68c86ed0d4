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
  ResponseFormat,
  Tool,
  ToolCallPart,
  ToolChoice,
} from '../../core/request.ts'
import { readCallState } from './call-state.ts'
import { readCacheMark, readContent } from './read-parts.ts'
import { readThinking, type Carried } from './thinking.ts'

const DIALECT = 'openai'

const MESSAGE_FIELDS: ReadonlySet<string> = new Set([
  'role',
  'content',
  'tool_calls',
  'tool_call_id',
  'function_call',
  'refusal',
])
const THINKING_FIELDS: ReadonlySet<string> = new Set(['reasoning_content', 'reasoning', 'reasoning_details'])

/**
 * One entry of OpenAI's `messages`, already known to be an object with a role and content in a shape of OpenAI's.
 * `dialect` is whose its unknown parts are; absent, as for MLflow's clients: anyone's.
 */
export function readMessage(message: JsonObject, dialect?: string): Message {
  const role = asString(message['role']) ?? 'user'
  const extras = omit(message, MESSAGE_FIELDS)
  if (role === 'tool' || role === 'function') return readResult(message, extras, dialect)
  if (role !== 'assistant') return { role, parts: readContent(message['content'], dialect), extras }
  const { parts: thinking, carried } = readThinking(message)
  const refusal = asString(message['refusal'])
  const parts: Part[] = [
    ...thinking,
    ...readContent(message['content'], dialect),
    ...(refusal === undefined ? [] : [{ type: 'refusal' as const, text: refusal }]),
    ...asArray(message['tool_calls']).map((call) => readToolCall(asObject(call))),
    ...(isObject(message['function_call']) ? [readFunctionCall(message['function_call'])] : []),
  ]
  return { role, parts: withCarried(parts, carried), extras: omit(extras, THINKING_FIELDS) }
}

/** A tool's answer. Older clients name the function in place of the call. */
function readResult(
  message: JsonObject,
  { name, ...extras }: JsonObject,
  dialect: string | undefined,
): Message {
  return {
    role: 'tool',
    parts: [
      {
        type: 'tool-result',
        callId: asString(message['tool_call_id']) ?? asString(name) ?? '',
        ...(typeof name === 'string' ? { name } : {}),
        parts: readContent(message['content'], dialect),
      },
    ],
    extras,
  }
}

function readToolCall(call: JsonObject): ToolCallPart {
  const custom = asObject(call['custom'])
  const { name, arguments: text } = asObject(call['function'])
  const state = readCallState(call)
  return {
    type: 'tool-call',
    id: asString(call['id']) ?? '',
    name: asString(name) ?? asString(custom['name']) ?? '',
    arguments:
      call['type'] === 'custom' ? JSON.stringify({ input: custom['input'] ?? '' }) : (asString(text) ?? '{}'),
    ...(state ? { state } : {}),
  }
}

/** The call of before there were several: the function's name is its id. */
function readFunctionCall({ name, arguments: text }: JsonObject): ToolCallPart {
  const called = asString(name) ?? ''
  return { type: 'tool-call', id: called, name: called, arguments: asString(text) ?? '{}' }
}

/** State of a text, put back on the last text; calls carry theirs themselves. */
function withCarried(parts: Part[], carried: readonly Carried[]): Part[] {
  const state = carried.find(({ place }) => place === 'previous')?.state
  const at = parts.findLastIndex(({ type }) => type === 'text')
  const text = parts[at]
  if (!state || text?.type !== 'text') return parts
  return parts.with(at, { ...text, state })
}

const FUNCTION_FIELDS: ReadonlySet<string> = new Set(['name', 'description', 'parameters', 'strict'])

/** OpenAI's `tools`: functions, and others that only its own API knows. Undefined when it is no list. */
export function readTools(tools: JsonValue | undefined): Tool[] | undefined {
  if (!Array.isArray(tools)) return undefined
  return tools.filter(isObject).map((tool) => {
    const definition = asObject(tool['function'])
    if (typeof definition['name'] !== 'string') return { type: 'hosted', dialect: DIALECT, value: tool }
    const cache = readCacheMark(tool['cache_control'])
    return { ...readFunction(definition), ...(cache ? { cache } : {}) }
  })
}

function readFunction(definition: JsonObject): FunctionTool {
  const { name, description, parameters, strict } = definition
  const extras = omit(definition, FUNCTION_FIELDS)
  return {
    type: 'function',
    name: asString(name) ?? '',
    ...(typeof description === 'string' ? { description } : {}),
    parameters: asObject(parameters),
    ...(typeof strict === 'boolean' ? { strict } : {}),
    ...(Object.keys(extras).length > 0 ? { extras } : {}),
  }
}

/** `tool_choice`, and `function_call` of before; undefined for what cannot be read. */
export function readToolChoice(choice: JsonValue | undefined): ToolChoice | undefined {
  if (choice === 'auto' || choice === 'none' || choice === 'required') return { type: choice }
  const chosen = asObject(choice)
  const name = asString(asObject(chosen['function'])['name']) ?? asString(chosen['name'])
  if (name !== undefined) return { type: 'tool', name }
  const { mode, tools } = asObject(chosen['allowed_tools'])
  if (mode !== 'auto' && mode !== 'required') return undefined
  const names = asArray(tools).flatMap((tool) => asString(asObject(asObject(tool)['function'])['name']) ?? [])
  return { type: mode, names }
}

/** `response_format`; undefined for what cannot be read. */
export function readResponseFormat(format: JsonValue | undefined): ResponseFormat | undefined {
  const { type, json_schema: wrapped } = asObject(format)
  if (type === 'text') return { type }
  if (type === 'json_object') return { type: 'json' }
  const { schema, name, description, strict } = asObject(wrapped)
  if (type !== 'json_schema' || !isObject(schema)) return undefined
  return {
    type: 'json-schema',
    schema,
    ...(typeof name === 'string' ? { name } : {}),
    ...(typeof description === 'string' ? { description } : {}),
    ...(typeof strict === 'boolean' ? { strict } : {}),
  }
}

/**
 * Moves the options of a chat from a request's extras to their places. What cannot be read stays among the extras and goes
 * to the provider as it came.
 */
export function readOptions(request: ChatRequest): void {
  const { extras } = request
  const take = <Value>(name: string, value: Value | undefined, put: (value: Value) => void): void => {
    if (value === undefined) return
    put(value)
    delete extras[name]
  }
  const tools = readTools(extras['tools'])
  // MLflow's clients may send any provider's own tools; they go on as they came.
  const isForeign = request.extrasDialect === undefined && tools?.some(({ type }) => type !== 'function')
  take('tools', isForeign ? undefined : tools, (tools) => (request.tools = tools))
  take('functions', readFunctions(extras['functions']), (tools) => (request.tools = tools))
  take('tool_choice', readToolChoice(extras['tool_choice']), (choice) => (request.toolChoice = choice))
  take('function_call', readToolChoice(extras['function_call']), (choice) => (request.toolChoice = choice))
  take(
    'parallel_tool_calls',
    asBoolean(extras['parallel_tool_calls']),
    (may) => (request.parallelToolCalls = may),
  )
  take('response_format', readResponseFormat(extras['response_format']), (format) => {
    request.responseFormat = format
  })
  take('reasoning_effort', asEffort(extras['reasoning_effort']), (effort) => (request.reasoning = { effort }))
  take('top_p', asNumber(extras['top_p']), (topP) => (request.topP = topP))
  take('top_k', asNumber(extras['top_k']), (topK) => (request.topK = topK))
  take('seed', asNumber(extras['seed']), (seed) => (request.seed = seed))
  take(
    'presence_penalty',
    asNumber(extras['presence_penalty']),
    (penalty) => (request.presencePenalty = penalty),
  )
  take(
    'frequency_penalty',
    asNumber(extras['frequency_penalty']),
    (penalty) => (request.frequencyPenalty = penalty),
  )
  take('logit_bias', readBias(extras['logit_bias']), (bias) => (request.logitBias = bias))
  take('user', asString(extras['user']), (user) => (request.endUser = user))
  take('cache_control', readCacheMark(extras['cache_control']), (cache) => (request.cache = cache))
  readLogprobs(request)
}

function readFunctions(functions: JsonValue | undefined): Tool[] | undefined {
  return Array.isArray(functions) ? functions.filter(isObject).map(readFunction) : undefined
}

function asBoolean(value: JsonValue | undefined): boolean | undefined {
  return typeof value === 'boolean' ? value : undefined
}

function readBias(bias: JsonValue | undefined): Record<string, number> | undefined {
  if (!isObject(bias)) return undefined
  const entries = Object.entries(bias)
  const numbers = entries.filter((entry): entry is [string, number] => typeof entry[1] === 'number')
  return numbers.length === entries.length ? Object.fromEntries(numbers) : undefined
}

/** `logprobs` is a switch here and `top_logprobs` the number; completions of before have one number for both. */
function readLogprobs(request: ChatRequest): void {
  const { extras } = request
  const { logprobs, top_logprobs: top } = extras
  if (logprobs !== true) {
    if (logprobs === false) delete extras['logprobs']
    return
  }
  request.logprobs = { alternatives: asNumber(top) ?? 0 }
  delete extras['logprobs']
  delete extras['top_logprobs']
}
