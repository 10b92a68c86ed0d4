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
import { readUrl } from '../../core/media.ts'
import type { ChatRequest, FunctionTool, Message, Part, ToolChoice } from '../../core/request.ts'

const MESSAGE_FIELDS: ReadonlySet<string> = new Set(['role', 'content', 'tool_calls', 'tool_call_id'])

/** One entry of OpenAI's `messages`, already known to be an object with a role and content in a shape of OpenAI's. */
export function readMessage(message: JsonObject): Message {
  const role = asString(message['role']) ?? 'user'
  const content = readContent(message['content'])
  const extras = omit(message, MESSAGE_FIELDS)
  if (role === 'tool') {
    const callId = asString(message['tool_call_id']) ?? ''
    return { role, parts: [{ type: 'tool-result', callId, parts: content }], extras }
  }
  return { role, parts: [...content, ...asArray(message['tool_calls']).map(readToolCall)], extras }
}

function readContent(content: JsonValue | undefined): Part[] {
  if (content === undefined || content === null) return []
  if (typeof content === 'string') return [{ type: 'text', text: content }]
  return asArray(content).filter(isObject).map(readPart)
}

function readPart(part: JsonObject): Part {
  if (part['type'] === 'text') return { type: 'text', text: asString(part['text']) ?? '' }
  const { url, detail } = asObject(part['image_url'])
  if (part['type'] !== 'image_url' || typeof url !== 'string') return { type: 'opaque', value: part }
  return { type: 'image', source: readUrl(url), ...(typeof detail === 'string' ? { detail } : {}) }
}

function readToolCall(call: unknown): Part {
  const { id, function: called } = asObject(call)
  const { name, arguments: text } = asObject(called)
  return {
    type: 'tool-call',
    id: asString(id) ?? '',
    name: asString(name) ?? '',
    arguments: asString(text) ?? '{}',
  }
}

const FUNCTION_FIELDS: ReadonlySet<string> = new Set(['name', 'description', 'parameters', 'strict'])

/** OpenAI's `tools`, when all of them are functions: hosted tools have no counterpart elsewhere. */
export function readTools(tools: JsonValue | undefined): FunctionTool[] | undefined {
  if (!Array.isArray(tools)) return undefined
  const functions = tools.map((tool) => asObject(asObject(tool)['function']))
  if (functions.some(({ name }) => typeof name !== 'string')) return undefined
  return functions.map(readFunction)
}

function readFunction(definition: JsonObject): FunctionTool {
  const { name, description, parameters, strict } = definition
  const tool: FunctionTool = {
    type: 'function',
    name: asString(name) ?? '',
    parameters: asObject(parameters),
    extras: omit(definition, FUNCTION_FIELDS),
  }
  if (typeof description === 'string') tool.description = description
  if (typeof strict === 'boolean') tool.strict = strict
  return tool
}

export function readToolChoice(choice: JsonValue | undefined): ToolChoice | undefined {
  if (choice === 'auto' || choice === 'none' || choice === 'required') return { type: choice }
  const name = asString(asObject(asObject(choice)['function'])['name'])
  return name === undefined ? undefined : { type: 'tool', name }
}

/**
 * Moves `tools`, `tool_choice` and `top_p` from a request's extras to their places. What cannot be read stays among the
 * extras and goes to the provider as it came.
 */
export function readOptions(request: ChatRequest): void {
  const { extras } = request
  const tools = readTools(extras['tools'])
  const toolChoice = readToolChoice(extras['tool_choice'])
  const topP = asNumber(extras['top_p'])
  if (tools) {
    request.tools = tools
    delete extras['tools']
  }
  if (toolChoice) {
    request.toolChoice = toolChoice
    delete extras['tool_choice']
  }
  if (topP !== undefined) {
    request.topP = topP
    delete extras['top_p']
  }
}
