import { asObject, isObject, omit, type JsonObject } from '../../core/json.ts'
import type { FunctionTool } from '../../core/request.ts'
import { customDefinition, readCustomTool } from '../openai-responses/custom-tools.ts'

const KNOWN: ReadonlySet<string> = new Set(['name', 'description'])

/**
 * A custom tool in the canonical form that it shares with the Responses API, whose definitions are flat.
 * Spec: https://platform.openai.com/docs/api-reference/chat/create#chat-create-tools
 */
export function readCustom(custom: JsonObject): FunctionTool {
  const { grammar, ...format } = asObject(custom['format'])
  const flat: JsonObject = isObject(grammar) ? { ...format, ...grammar } : format
  const more = omit(custom, KNOWN)
  return readCustomTool({ ...custom, format: flat }, 'format' in more ? { ...more, format: flat } : more)
}

/** The other way; undefined for a tool that is no custom one. */
export function writeCustom(tool: FunctionTool): JsonObject | undefined {
  const definition = customDefinition(tool)
  if (!definition) return undefined
  const { type, ...grammar } = asObject(definition['format'])
  const format = type === 'grammar' ? { format: { type, grammar } } : {}
  const { name, description } = tool
  return {
    type: 'custom',
    custom: { ...definition, ...format, name, ...(description !== undefined && { description }) },
  }
}
