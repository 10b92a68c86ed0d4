import { asString, type JsonObject } from '../../core/json.ts'
import type { ChatRequest, FunctionTool, Tool } from '../../core/request.ts'
import type { ModelTraits } from './models.ts'
import { writeCacheMark } from './write-parts.ts'
import { forcesTool } from './write-reasoning.ts'

export interface WrittenTools {
  tools: JsonObject[]
  toolChoice?: JsonObject
}

/** The tools and how to choose among them. There is no choice of some: the others are not shown to the model. */
export function writeTools(request: ChatRequest, traits: ModelTraits, dropped: Set<string>): WrittenTools {
  const { tools = [], toolChoice } = request
  const names = toolChoice && 'names' in toolChoice ? toolChoice.names : undefined
  if (names) dropped.add('toolChoice.names')
  const shown = names ? tools.filter((tool) => tool.type === 'hosted' || names.includes(tool.name)) : tools
  const isOwn = request.extrasDialect === undefined || request.extrasDialect === 'anthropic'
  const written = shown.flatMap((tool) => writeTool(tool, { traits, dropped, isOwn }))
  const choice = writeToolChoice(request, traits, dropped)
  // Without tools there is nothing to choose; whoever chose all the same is told so by Anthropic.
  const isMoot = written.length === 0 && (tools.length > 0 || !toolChoice)
  return { tools: written, ...(choice && !isMoot ? { toolChoice: choice } : {}) }
}

interface ToolContext {
  traits: ModelTraits
  dropped: Set<string>
  isOwn: boolean
}

function writeTool(tool: Tool, { traits, dropped, isOwn }: ToolContext): JsonObject[] {
  if (tool.type === 'hosted') {
    if (tool.dialect === 'anthropic') return [{ ...tool.value }]
    dropped.add(`tools.${asString(tool.value['type']) ?? 'hosted'}`)
    return []
  }
  if (!isOwn) for (const name of Object.keys(tool.extras ?? {})) dropped.add(`tools.${name}`)
  const takesStrict = tool.strict !== true || traits.takesSchemas
  if (!takesStrict) dropped.add('tools.strict')
  return [
    {
      name: tool.name,
      ...(tool.description === undefined ? {} : { description: tool.description }),
      input_schema: writeSchema(tool),
      ...(tool.strict !== undefined && traits.takesSchemas ? { strict: tool.strict } : {}),
      ...(isOwn ? tool.extras : {}),
      ...writeCacheMark(tool.cache),
    },
  ]
}

/** A tool without parameters may come as `{}`; Anthropic wants the type spelt out. */
function writeSchema({ parameters }: FunctionTool): JsonObject {
  return 'type' in parameters ? parameters : { type: 'object', ...parameters }
}

function writeToolChoice(
  { toolChoice, parallelToolCalls }: ChatRequest,
  { takesForcedTool }: ModelTraits,
  dropped: Set<string>,
): JsonObject | undefined {
  const isRefused = forcesTool(toolChoice) && !takesForcedTool
  if (isRefused) dropped.add('toolChoice')
  const choice = isRefused ? ({ type: 'auto' } as const) : toolChoice
  if (choice?.type === 'none') return { type: 'none' }
  // Several at once are the default.
  if (!choice && parallelToolCalls !== false) return undefined
  return {
    ...(choice?.type === 'tool'
      ? { type: 'tool', name: choice.name }
      : { type: choice?.type === 'required' ? 'any' : 'auto' }),
    ...(parallelToolCalls === undefined ? {} : { disable_parallel_tool_use: !parallelToolCalls }),
  }
}
