import {
  asArray,
  asObject,
  asString,
  isObject,
  omit,
  type JsonObject,
  type JsonValue,
} from '../../core/json.ts'
import type { FunctionTool, ResponseFormat, Tool, ToolChoice } from '../../core/request.ts'
import { readCustom } from './custom-tools.ts'
import { readCacheMark } from './read-parts.ts'

const FUNCTION_FIELDS: ReadonlySet<string> = new Set(['name', 'description', 'parameters', 'strict'])

/**
 * OpenAI's `tools`. Others than functions and custom tools are hosted by `dialect`; without it, one of them leaves the
 * whole list to the provider: undefined.
 */
export function readTools(tools: unknown, dialect?: string): Tool[] | undefined {
  if (!Array.isArray(tools)) return undefined
  const read = tools.filter(isObject).map((tool) => readTool(tool, dialect))
  return read.every((tool) => tool !== undefined) && read.length === tools.length ? read : undefined
}

function readTool(tool: JsonObject, dialect: string | undefined): Tool | undefined {
  const { function: definition, custom, cache_control: mark } = tool
  if (isObject(definition) && typeof definition['name'] === 'string') {
    const cache = readCacheMark(mark)
    return { ...readFunction(definition), ...(cache && { cache }) }
  }
  if (isObject(custom) && typeof custom['name'] === 'string') return readCustom(custom)
  return dialect === undefined ? undefined : { type: 'hosted', dialect, value: tool }
}

function readFunction(definition: JsonObject): FunctionTool {
  const { name, description, parameters, strict } = definition
  const extras = omit(definition, FUNCTION_FIELDS)
  return {
    type: 'function',
    name: asString(name) ?? '',
    ...(typeof description === 'string' && { description }),
    parameters: asObject(parameters),
    ...(typeof strict === 'boolean' && { strict }),
    ...(Object.keys(extras).length > 0 && { extras }),
  }
}

/** `functions`, OpenAI's tools of before. */
export function readFunctions(functions: JsonValue | undefined): FunctionTool[] | undefined {
  return Array.isArray(functions) ? functions.filter(isObject).map(readFunction) : undefined
}

/** `tool_choice`, and `function_call` of before; undefined for what cannot be read. */
export function readToolChoice(choice: JsonValue | undefined): ToolChoice | undefined {
  if (choice === 'auto' || choice === 'none' || choice === 'required') return { type: choice }
  if (!isObject(choice)) return undefined
  const name = nameIn(choice)
  if (name !== undefined) return { type: 'tool', name }
  const { mode, tools } = asObject(choice['allowed_tools'])
  if (mode !== 'auto' && mode !== 'required') return undefined
  return { type: mode, names: asArray(tools).flatMap((tool) => nameIn(asObject(tool)) ?? []) }
}

function nameIn(choice: JsonObject): string | undefined {
  const named = [choice['function'], choice['custom'], choice['type'] === undefined ? choice : undefined]
  return named.map((holder) => asString(asObject(holder)['name'])).find((name) => name !== undefined)
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
    ...(typeof name === 'string' && { name }),
    ...(typeof description === 'string' && { description }),
    ...(typeof strict === 'boolean' && { strict }),
  }
}
