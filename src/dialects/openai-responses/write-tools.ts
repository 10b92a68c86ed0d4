import type { JsonObject, JsonValue } from '../../core/json.ts'
import type { ChatRequest, FunctionTool, ResponseFormat, Tool, ToolChoice } from '../../core/request.ts'
import { customDefinition } from './custom-tools.ts'
import { DIALECT } from './dialect-name.ts'

/** Tools of a request. Hosted tools of other dialects are left out and named in `dropped`. */
export function writeTools(
  tools: readonly Tool[],
  extrasDialect: ChatRequest['extrasDialect'],
  dropped: Set<string>,
): JsonObject[] {
  const isOwn = extrasDialect === undefined || extrasDialect === DIALECT
  return tools.flatMap((tool): JsonObject[] => {
    if (tool.type === 'hosted') {
      if (tool.dialect === DIALECT) return [tool.value]
      dropped.add('tools.hosted')
      return []
    }
    if (tool.cache) dropped.add('cache')
    if (isOwn) return [customTool(tool) ?? { ...writeFunction(tool), ...tool.extras }]
    for (const name of Object.keys(tool.extras ?? {})) dropped.add(`tools.${name}`)
    return [writeFunction(tool)]
  })
}

function customTool(tool: FunctionTool): JsonObject | undefined {
  const definition = customDefinition(tool)
  if (!definition) return undefined
  const { name, description } = tool
  return { type: 'custom', name, ...(description !== undefined && { description }), ...definition }
}

function writeFunction({ name, description, parameters, strict = false }: FunctionTool): JsonObject {
  const isEmpty = Object.keys(parameters).length === 0
  return {
    type: 'function',
    name,
    ...(description !== undefined && { description }),
    parameters: isEmpty ? { type: 'object', properties: {} } : parameters,
    // Left out, the API would make them strict.
    strict,
  }
}

export function writeToolChoice(choice: ToolChoice, customTools: ReadonlySet<string>): JsonValue {
  const named = (name: string): JsonObject => ({ type: customTools.has(name) ? 'custom' : 'function', name })
  if (choice.type === 'tool') return named(choice.name)
  if (choice.type === 'none' || !choice.names) return choice.type
  return { type: 'allowed_tools', mode: choice.type, tools: choice.names.map(named) }
}

/** `text.format`. */
export function writeFormat(format: ResponseFormat): JsonObject {
  if (format.type === 'text') return { type: 'text' }
  if (format.type === 'json') return { type: 'json_object' }
  const { name = 'answer', description, schema, strict } = format
  return {
    type: 'json_schema',
    name,
    ...(description !== undefined && { description }),
    schema,
    ...(strict !== undefined && { strict }),
  }
}
