import type { TargetModel, WrittenRequest } from '../../core/dialect.ts'
import { asString, isObject, type JsonObject } from '../../core/json.ts'
import type { ChatRequest, FunctionTool, ResponseFormat, ToolChoice } from '../../core/request.ts'
import { stringifyRaw, type RawJsonObject } from '../../wire/raw-json.ts'
import { unservable } from './fields.ts'
import { writeConversation } from './write-contents.ts'
import { writeThinking } from './write-thinking.ts'

/**
 * A canonical chat as the body of a `generateContent`. Throws a `GatewayError` with status 422 for what Gemini cannot
 * serve: arguments of a call that are no JSON object, results without their call, another provider's files.
 * Spec: https://ai.google.dev/api/generate-content#request-body
 */
export function writeChat(request: ChatRequest, target: TargetModel): WrittenRequest {
  const { body, dropped } = writeChatBody(request, target)
  return { body: stringifyRaw(body), dropped: [...dropped] }
}

/** The same, not yet as text. */
export function writeChatBody(
  request: ChatRequest,
  { model }: TargetModel,
): { body: RawJsonObject; dropped: Set<string> } {
  const dropped = new Set<string>()
  const { systemInstruction, contents } = writeConversation(request.messages, model, dropped)
  const body: RawJsonObject = { contents }
  if (systemInstruction) body['systemInstruction'] = systemInstruction
  const tools = writeTools(request, dropped)
  if (tools.length > 0) body['tools'] = tools
  const toolConfig: JsonObject = {}
  if (request.toolChoice) toolConfig['functionCallingConfig'] = writeToolChoice(request.toolChoice)
  const generationConfig = writeConfig(request, model, dropped)
  for (const name of ['logitBias', 'endUser', 'cache'] as const) if (request[name]) dropped.add(name)
  if (request.parallelToolCalls === false) dropped.add('parallelToolCalls')
  for (const [name, value] of Object.entries(ownExtras(request, dropped))) {
    const [parent, member] = name.split('.', 2)
    if (member === undefined) body[name] = value
    else (parent === 'toolConfig' ? toolConfig : generationConfig)[member] = value
  }
  if (Object.keys(toolConfig).length > 0) body['toolConfig'] = toolConfig
  if (Object.keys(generationConfig).length > 0) body['generationConfig'] = generationConfig
  return { body, dropped }
}

const SAMPLING = {
  temperature: 'temperature',
  topP: 'topP',
  topK: 'topK',
  maxTokens: 'maxOutputTokens',
  stop: 'stopSequences',
  candidates: 'candidateCount',
  seed: 'seed',
  presencePenalty: 'presencePenalty',
  frequencyPenalty: 'frequencyPenalty',
} as const satisfies Partial<Record<keyof ChatRequest, string>>

function writeConfig(request: ChatRequest, model: string | null, dropped: Set<string>): JsonObject {
  const config: JsonObject = {}
  for (const [place, name] of Object.entries(SAMPLING)) {
    const value = request[place as keyof typeof SAMPLING]
    if (value !== undefined) config[name] = value
  }
  if (request.logprobs) {
    config['responseLogprobs'] = true
    if (request.logprobs.alternatives > 0) config['logprobs'] = request.logprobs.alternatives
  }
  if (request.responseFormat) Object.assign(config, writeFormat(request.responseFormat))
  const thinking = request.reasoning && writeThinking(request.reasoning, model, dropped)
  if (thinking) config['thinkingConfig'] = thinking
  return config
}

/** Gemini has no place for a schema's name, and keeps to every schema strictly. */
function writeFormat(format: ResponseFormat): JsonObject {
  if (format.type === 'text') return { responseMimeType: 'text/plain' }
  const type = { responseMimeType: 'application/json' }
  return format.type === 'json' ? type : { ...type, responseJsonSchema: format.schema }
}

/** Functions stand in one entry together, each hosted tool in one of its own. */
function writeTools({ tools = [], extrasDialect }: ChatRequest, dropped: Set<string>): JsonObject[] {
  const functions = tools.filter((tool): tool is FunctionTool => tool.type === 'function')
  const hosted = tools.filter((tool) => tool.type === 'hosted')
  for (const { dialect, value } of hosted) {
    if (dialect !== 'gemini') dropped.add(`tools.${asString(value['type']) ?? 'hosted'}`)
  }
  const isForeign = extrasDialect !== undefined && extrasDialect !== 'gemini'
  for (const tool of functions) nameLosses(tool, isForeign, dropped)
  const declarations = functions.map((tool) => writeFunction(tool, isForeign))
  return [
    ...(declarations.length > 0 ? [{ functionDeclarations: declarations }] : []),
    ...hosted.flatMap(({ dialect, value }) => (dialect === 'gemini' ? [value] : [])),
  ]
}

function nameLosses(tool: FunctionTool, isForeign: boolean, dropped: Set<string>): void {
  if (tool.strict !== undefined) dropped.add('tools.strict')
  if (tool.cache) dropped.add('cache')
  if (isForeign) for (const name of Object.keys(tool.extras ?? {})) dropped.add(`tools.${name}`)
}

/** The schema goes as JSON Schema: Google's own kind refuses what it does not know, such as `additionalProperties`. */
function writeFunction(
  { name, description, parameters, extras }: FunctionTool,
  isForeign: boolean,
): JsonObject {
  return {
    name,
    ...(description === undefined ? {} : { description }),
    ...(Object.keys(parameters).length > 0 ? { parametersJsonSchema: parameters } : {}),
    ...(isForeign ? {} : extras),
  }
}

function writeToolChoice(choice: ToolChoice): JsonObject {
  switch (choice.type) {
    case 'none':
      return { mode: 'NONE' }
    case 'tool':
      return { mode: 'ANY', allowedFunctionNames: [choice.name] }
    case 'required':
      return { mode: 'ANY', ...(choice.names ? { allowedFunctionNames: choice.names } : {}) }
    case 'auto':
      // `AUTO` takes no names.
      return choice.names ? { mode: 'VALIDATED', allowedFunctionNames: choice.names } : { mode: 'AUTO' }
  }
}

const OWN_FIELDS: ReadonlySet<string> = new Set(['model', 'contents', 'systemInstruction', 'tools', 'stream'])

/** The extras that Gemini knows, and names of those that it does not. */
function ownExtras({ extras, extrasDialect }: ChatRequest, dropped: Set<string>): JsonObject {
  const own: JsonObject = {}
  for (const [name, value] of Object.entries(extras)) {
    const place = extrasDialect === undefined ? placeOf(name) : name
    if ((extrasDialect ?? 'gemini') !== 'gemini' || place === undefined || OWN_FIELDS.has(place))
      dropped.add(name)
    else if (isObject(value) || !(place in own)) own[place] = value
  }
  return own
}

/** Where MLflow's further parameters go; those with a name of their own there are refused under Gemini's. */
function placeOf(name: string): string | undefined {
  const better = BETTER_NAMES.get(name)
  if (better !== undefined) throw unservable(`Invalid parameter ${name}. Use ${better} instead.`, name)
  if (CONFIG_NAMES.has(name)) return `generationConfig.${name}`
  return TOP_NAMES.has(name) ? name : undefined
}

const BETTER_NAMES: ReadonlyMap<string, string> = new Map([
  ['stopSequences', 'stop'],
  ['candidateCount', 'n'],
  ['maxOutputTokens', 'max_tokens'],
  ['topP', 'top_p'],
  ['topK', 'top_k'],
])

const CONFIG_NAMES: ReadonlySet<string> = new Set([
  'seed',
  'presencePenalty',
  'frequencyPenalty',
  'responseMimeType',
  'responseSchema',
  'responseJsonSchema',
  'responseModalities',
  'responseLogprobs',
  'logprobs',
  'thinkingConfig',
  'imageConfig',
  'speechConfig',
  'mediaResolution',
])

const TOP_NAMES: ReadonlySet<string> = new Set(['safetySettings', 'cachedContent', 'labels', 'serviceTier'])
