import type { JsonObject, JsonValue } from '../../core/json.ts'
import type { ChatRequest, ResponseFormat, Tool, ToolChoice } from '../../core/request.ts'
import { customDefinition } from '../openai-responses/custom-tools.ts'
import { writeCustom } from './custom-tools.ts'
import { DIALECT } from './dialect-name.ts'
import type { Writing } from './writing.ts'

/** `tools` and what belongs to them. */
export function writeTools(request: ChatRequest, writing: Writing): JsonObject {
  const tools = (request.tools ?? []).flatMap((tool) => writeTool(tool, writing) ?? [])
  // OpenAI refuses both without tools.
  if (tools.length === 0) return {}
  const { toolChoice, parallelToolCalls } = request
  return {
    tools,
    ...(toolChoice && { tool_choice: writeToolChoice(toolChoice, customNames(request)) }),
    ...(parallelToolCalls !== undefined && { parallel_tool_calls: parallelToolCalls }),
  }
}

/** The tools whose calls hold text in place of JSON. */
export function customNames({ tools = [] }: Pick<ChatRequest, 'tools'>): ReadonlySet<string> {
  return new Set(
    tools.flatMap((tool) => (tool.type === 'function' && customDefinition(tool) ? [tool.name] : [])),
  )
}

function writeTool(tool: Tool, { isOwn, dropped, takesCacheMarks }: Writing): JsonObject | undefined {
  if (tool.type === 'hosted') {
    if (tool.dialect === DIALECT) return tool.value
    dropped.add('tools.hosted')
    return undefined
  }
  const { name, description, parameters, strict, cache, extras = {} } = tool
  if (cache && !takesCacheMarks) dropped.add('cache')
  // For a client of another API a custom tool is the function that stands for it: not every server knows the others.
  const custom = isOwn ? writeCustom(tool) : undefined
  if (custom) return custom
  if (!isOwn && Object.keys(extras).some((extra) => extra !== 'custom')) dropped.add('tools.extras')
  return {
    type: 'function',
    function: {
      name,
      ...(description !== undefined && { description }),
      parameters,
      ...(strict !== undefined && { strict }),
      ...(isOwn && extras),
    },
    ...(cache && takesCacheMarks && { cache_control: { type: 'ephemeral', ...cache } }),
  }
}

function writeToolChoice(choice: ToolChoice, custom: ReadonlySet<string>): JsonValue {
  const write = (name: string): JsonObject =>
    custom.has(name) ? { type: 'custom', custom: { name } } : { type: 'function', function: { name } }
  if (choice.type === 'tool') return write(choice.name)
  if (choice.type === 'none' || choice.names === undefined) return choice.type
  return { type: 'allowed_tools', allowed_tools: { mode: choice.type, tools: choice.names.map(write) } }
}

/** `response_format`. A schema must have a name. */
export function writeResponseFormat(format: ResponseFormat): JsonObject {
  if (format.type !== 'json-schema') return { type: format.type === 'json' ? 'json_object' : 'text' }
  const { schema, name = 'answer', description, strict } = format
  return {
    type: 'json_schema',
    json_schema: {
      name,
      ...(description !== undefined && { description }),
      schema,
      ...(strict !== undefined && { strict }),
    },
  }
}
