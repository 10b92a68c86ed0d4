import { asObject, asString, isObject, type JsonObject } from '../../core/json.ts'
import type { FunctionTool } from '../../core/request.ts'

/**
 * A custom tool takes free text where a function takes JSON. In the canonical form it is a function with one text
 * parameter, and `extras.custom` holds what else its definition says, so that providers that know custom tools get it back.
 * Spec: https://platform.openai.com/docs/guides/function-calling#custom-tools
 */
export function readCustomTool(tool: JsonObject, extras: JsonObject): FunctionTool {
  const format = asObject(tool['format'])
  const definition = asString(format['definition'])
  const grammar =
    definition === undefined
      ? undefined
      : `The whole input follows this ${asString(format['syntax']) ?? ''} grammar:\n${definition}`
  return {
    type: 'function',
    name: asString(tool['name']) ?? '',
    ...(typeof tool['description'] === 'string' && { description: tool['description'] }),
    parameters: {
      type: 'object',
      properties: { [INPUT]: { type: 'string', ...(grammar !== undefined && { description: grammar }) } },
      required: [INPUT],
      additionalProperties: false,
    },
    extras: { custom: extras },
  }
}

/** The definition of a custom tool apart from its name and description; undefined for any other function. */
export function customDefinition({ extras }: FunctionTool): JsonObject | undefined {
  const custom = extras?.['custom']
  return isObject(custom) ? custom : undefined
}

const INPUT = 'input'

/** A custom tool's input as a function's arguments. */
export function wrapInput(input: string): string {
  return JSON.stringify({ [INPUT]: input })
}

/** The other way. Arguments in another shape, as of a call that was cut, are the input as they are. */
export function unwrapInput(json: string): string {
  try {
    return asString(asObject(JSON.parse(json))[INPUT]) ?? json
  } catch {
    return json
  }
}
