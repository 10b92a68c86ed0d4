import { asArray, asObject, asString, isObject, type JsonObject, type JsonValue } from '../../core/json.ts'
import type { Digest } from './random.ts'
import { invalid } from './refusal.ts'

/** What the mock reads of a chat request. */
export interface MockChat {
  model: string | undefined
  messages: readonly JsonObject[]
  candidates: number
  /** Infinity when the request sets none. */
  maxTokens: number
  stops: readonly string[]
  includeUsage: boolean
  tools: readonly MockTool[]
  toolChoice: { type: 'auto' } | { type: 'none' } | { type: 'required' } | { type: 'tool'; name: string }
  parallelCalls: boolean
  /** The JSON Schema an answer has to fit; an empty one for any JSON object; undefined for text. */
  schema: JsonObject | undefined
}

/** A function that the model may call. */
export interface MockTool {
  name: string
  description: string
  parameters: JsonObject
}

const MOST_CANDIDATES = 128

/** Reads a chat request in OpenAI's format. Throws a `Refusal` (400) for what the OpenAI API would refuse. */
export function readChat(body: JsonObject): MockChat {
  const tools = asArray(body['tools']).map(readTool)
  return {
    model: asString(body['model']),
    messages: readMessages(body['messages']),
    candidates: integer(body, { key: 'n', most: MOST_CANDIDATES }) ?? 1,
    maxTokens:
      integer(body, { key: 'max_completion_tokens' }) ?? integer(body, { key: 'max_tokens' }) ?? Infinity,
    stops: readStops(body['stop']),
    includeUsage: asObject(body['stream_options'])['include_usage'] === true,
    tools,
    toolChoice: readToolChoice(body['tool_choice'], tools),
    parallelCalls: body['parallel_tool_calls'] !== false,
    schema: readSchema(asObject(body['response_format'])),
  }
}

/** The fields that decide what is said. The others (`n`, `stop`, token limits) only cut or repeat it. */
const SAID: ReadonlySet<string> = new Set(['model', 'messages', 'temperature', 'top_p', 'seed'])
const DELIVERY: ReadonlySet<string> = new Set(['stream', 'stream_options'])

/** The fingerprint of what is said, and that of the whole request, which is the same streamed or not. */
export function digestChat(body: JsonObject, seed: Digest): { said: Digest; request: Digest } {
  const said = seed.fork()
  for (const key of SAID) said.addValue(body[key])
  const rest: JsonObject = {}
  for (const key in body) {
    const value = body[key]
    if (value !== undefined && !SAID.has(key) && !DELIVERY.has(key)) rest[key] = value
  }
  return { said, request: said.fork().addValue(rest) }
}

/** The text of a message, whether a string or a list of parts. */
export function textOf(message: JsonObject | undefined): string {
  const content = message?.['content']
  if (typeof content === 'string') return content
  return asArray(content)
    .map((part) => asString(asObject(part)['text']) ?? '')
    .filter((text) => text !== '')
    .join('\n')
}

function readMessages(given: JsonValue | undefined): JsonObject[] {
  if (!Array.isArray(given) || given.length === 0)
    throw invalid('messages', "'messages' has to be a list of at least one message.")
  return given.map((message, index) => {
    if (!isObject(message)) throw invalid(`messages[${index}]`, `'messages[${index}]' has to be an object.`)
    if (typeof message['role'] !== 'string')
      throw invalid(`messages[${index}].role`, `'messages[${index}].role' is missing or not a string.`)
    return message
  })
}

function integer(
  body: JsonObject,
  { key, most = Infinity }: { key: string; most?: number },
): number | undefined {
  const value = body[key]
  if (value === undefined || value === null) return undefined
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= most) return value
  const range = most === Infinity ? 'of at least 1' : `from 1 to ${most}`
  throw invalid(key, `'${key}' has to be a whole number ${range}, not ${JSON.stringify(value)}.`)
}

function readStops(given: JsonValue | undefined): string[] {
  const stops = typeof given === 'string' ? [given] : asArray(given)
  return stops.filter((stop) => typeof stop === 'string').filter((stop) => stop !== '')
}

function readTool(given: unknown, index: number): MockTool {
  const described = asObject(asObject(given)['function'])
  const name = asString(described['name'])
  if (name === undefined || name === '')
    throw invalid(`tools[${index}].function.name`, `'tools[${index}].function.name' is missing.`)
  return {
    name,
    description: asString(described['description']) ?? '',
    parameters: asObject(described['parameters']),
  }
}

function readToolChoice(given: JsonValue | undefined, tools: readonly MockTool[]): MockChat['toolChoice'] {
  if (given === undefined || given === null || given === 'auto') return { type: 'auto' }
  if (given === 'none') return { type: 'none' }
  const isForced = given !== 'none' && tools.length === 0
  if (isForced) throw invalid('tool_choice', "'tool_choice' is only allowed when 'tools' are given.")
  if (given === 'required') return { type: 'required' }
  const choice = asObject(given)
  if (choice['type'] === 'allowed_tools')
    return { type: asObject(choice['allowed_tools'])['mode'] === 'required' ? 'required' : 'auto' }
  const name = asString(asObject(choice['function'])['name']) ?? ''
  if (tools.some((tool) => tool.name === name)) return { type: 'tool', name }
  throw invalid('tool_choice', `'tool_choice' names the function '${name}', which is not among 'tools'.`)
}

function readSchema(format: JsonObject): JsonObject | undefined {
  if (format['type'] === 'json_object') return {}
  if (format['type'] !== 'json_schema') return undefined
  const schema = asObject(format['json_schema'])['schema']
  if (isObject(schema)) return schema
  throw invalid('response_format', "'response_format.json_schema.schema' has to be an object.")
}
