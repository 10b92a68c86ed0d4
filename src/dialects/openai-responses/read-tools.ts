import { asArray, asObject, asString, isObject, omit, type JsonObject } from '../../core/json.ts'
import type { FunctionTool, ResponseFormat, Tool, ToolChoice } from '../../core/request.ts'
import { readCustomTool } from './custom-tools.ts'
import { DIALECT } from './dialect-name.ts'

const TOOL_FIELDS: ReadonlySet<string> = new Set(['type', 'name', 'description', 'parameters', 'strict'])

export function readTools(tools: unknown): Tool[] {
  return asArray(tools).filter(isObject).map(readTool)
}

function readTool(tool: JsonObject): Tool {
  if (typeof tool['name'] !== 'string') return { type: 'hosted', dialect: DIALECT, value: tool }
  if (tool['type'] === 'function') return readFunction(tool)
  if (tool['type'] === 'custom') return readCustomTool(tool, omit(tool, TOOL_FIELDS))
  return { type: 'hosted', dialect: DIALECT, value: tool }
}

/** `strict: false` is said by its absence: functions are not strict elsewhere unless they say so. */
function readFunction(tool: JsonObject): FunctionTool {
  const extras = omit(tool, TOOL_FIELDS)
  const description = asString(tool['description'])
  return {
    type: 'function',
    name: asString(tool['name']) ?? '',
    ...(description !== undefined && { description }),
    parameters: asObject(tool['parameters']),
    ...(tool['strict'] === true && { strict: true }),
    ...(Object.keys(extras).length > 0 && { extras }),
  }
}

/** Undefined for a hosted tool. */
export function readToolChoice(choice: unknown): ToolChoice | undefined {
  if (choice === 'auto' || choice === 'none' || choice === 'required') return { type: choice }
  const { type, name, mode, tools } = asObject(choice)
  if ((type === 'function' || type === 'custom') && typeof name === 'string') return { type: 'tool', name }
  if (type !== 'allowed_tools') return undefined
  const names = asArray(tools).map((tool) => asString(asObject(tool)['name']))
  if (!names.every((named) => named !== undefined)) return undefined
  return { type: mode === 'required' ? 'required' : 'auto', names }
}

/** `text.format`. */
export function readFormat(format: unknown): ResponseFormat | undefined {
  const { type, name, description, schema, strict } = asObject(format)
  if (type === 'text') return { type: 'text' }
  if (type === 'json_object') return { type: 'json' }
  if (type !== 'json_schema') return undefined
  return {
    type: 'json-schema',
    schema: asObject(schema),
    ...(typeof name === 'string' && { name }),
    ...(typeof description === 'string' && { description }),
    ...(typeof strict === 'boolean' && { strict }),
  }
}
