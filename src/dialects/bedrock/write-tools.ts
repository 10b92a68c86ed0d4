import type { JsonObject } from '../../core/json.ts'
import type { ChatRequest, FunctionTool, Tool, ToolChoice } from '../../core/request.ts'
import { calledTools, hasToolBlocks, type Turn, type WriteContext } from './write-messages.ts'

/**
 * `toolConfig`. There is no choice of none: then no tools are shown, unless the conversation has used some, which Converse
 * must know. Nor is there a choice of some: the others are not shown.
 * Spec: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ToolConfiguration.html
 */
export function writeTools(
  request: ChatRequest,
  turns: readonly Turn[],
  context: WriteContext,
): JsonObject | undefined {
  const { toolChoice: choice, parallelToolCalls } = request
  const { traits, dropped } = context
  if (parallelToolCalls === false) dropped.add('parallelToolCalls')
  const used = turns.some(hasToolBlocks)
  if (choice?.type === 'none') {
    if (!used) return undefined
    dropped.add('toolChoice')
  }
  const names = choice && 'names' in choice ? choice.names : undefined
  if (names) dropped.add('toolChoice.names')
  const shown = (request.tools ?? []).filter(
    (tool) => !names || tool.type === 'hosted' || names.includes(tool.name),
  )
  const tools = shown.flatMap((tool) => writeTool(tool, request, context))
  if (tools.length === 0) return used ? { tools: calledTools(turns).map(unknownTool) } : undefined
  const isRefused = choice?.type !== 'auto' && !traits.claude.takesForcedTool
  const written = choice && !isRefused ? writeChoice(choice) : undefined
  if (choice && choice.type !== 'none' && isRefused) dropped.add('toolChoice')
  return { tools, ...(written ? { toolChoice: written } : {}) }
}

function writeChoice(choice: ToolChoice): JsonObject | undefined {
  if (choice.type === 'none') return undefined
  if (choice.type === 'tool') return { tool: { name: choice.name } }
  return choice.type === 'required' ? { any: {} } : { auto: {} }
}

function writeTool(tool: Tool, { extrasDialect }: ChatRequest, context: WriteContext): JsonObject[] {
  const { cachePoints, dropped } = context
  if (tool.type === 'hosted') {
    if (tool.dialect === 'bedrock') return [{ ...tool.value }]
    dropped.add(`tools.${typeof tool.value['type'] === 'string' ? tool.value['type'] : 'hosted'}`)
    return []
  }
  if (extrasDialect !== 'bedrock')
    for (const name of Object.keys(tool.extras ?? {})) dropped.add(`tools.${name}`)
  return [{ toolSpec: writeSpec(tool, context) }, ...cachePoints.afterTool(tool.cache)]
}

function writeSpec(tool: FunctionTool, { traits, dropped }: WriteContext): JsonObject {
  const { name, description, parameters, strict } = tool
  const { takesSchemas } = traits.claude
  if (strict === true && !takesSchemas) dropped.add('tools.strict')
  return {
    name,
    // An empty description is refused.
    ...(description ? { description } : {}),
    inputSchema: { json: 'type' in parameters ? parameters : { type: 'object', ...parameters } },
    ...(strict !== undefined && takesSchemas ? { strict } : {}),
  }
}

/** A tool of which only its calls are known. */
function unknownTool(name: string): JsonObject {
  return { toolSpec: { name, inputSchema: { json: { type: 'object' } } } }
}
