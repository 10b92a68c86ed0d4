import { asEffort } from '../../core/reasoning.ts'
import { asArray, asNumber, asString, isObject, omit, type JsonObject } from '../../core/json.ts'
import type {
  ChatRequest,
  FunctionTool,
  Reasoning,
  ResponseFormat,
  Tool,
  ToolChoice,
} from '../../core/request.ts'
import { fieldsOf, listOf } from './fields.ts'
import { readContents, readInstruction } from './read-contents.ts'
import { readEitherSchema } from './read-schema.ts'

const FIELDS: ReadonlySet<string> = new Set([
  'model',
  'contents',
  'systemInstruction',
  'tools',
  'toolConfig',
  'generationConfig',
])

/**
 * The body of a `generateContent` as a canonical chat. Members of its configurations that have no place there are extras
 * under their whole name, such as `generationConfig.imageConfig`.
 * Spec: https://ai.google.dev/api/generate-content#request-body
 */
export function readChatRequest(json: JsonObject, stream: boolean): ChatRequest {
  const body = fieldsOf(json)
  const request: ChatRequest = {
    messages: [...readInstruction(body['systemInstruction']), ...readContents(body['contents'])],
    stream,
    extras: omit(withoutNulls(body), FIELDS),
    extrasDialect: 'gemini',
  }
  const tools = listOf(body['tools']).flatMap(readTool)
  if (tools.length > 0) request.tools = tools
  readConfig(withoutNulls(fieldsOf(body['generationConfig'])), request)
  const { functionCallingConfig, ...toolConfig } = withoutNulls(fieldsOf(body['toolConfig']))
  const choice = readToolChoice(fieldsOf(functionCallingConfig))
  if (choice) request.toolChoice = choice
  addExtras(request, 'toolConfig', toolConfig)
  return request
}

/** Google's JSON takes a null for an absent member. */
function withoutNulls(object: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== null))
}

function addExtras({ extras }: ChatRequest, parent: string, rest: JsonObject): void {
  for (const [name, value] of Object.entries(rest)) extras[`${parent}.${name}`] = value
}

const NUMBERS = {
  temperature: 'temperature',
  topP: 'topP',
  topK: 'topK',
  maxOutputTokens: 'maxTokens',
  candidateCount: 'candidates',
  seed: 'seed',
  presencePenalty: 'presencePenalty',
  frequencyPenalty: 'frequencyPenalty',
} as const satisfies Record<string, keyof ChatRequest>

function readConfig(config: JsonObject, request: ChatRequest): void {
  const rest = { ...config }
  const take = (...names: string[]): void => names.forEach((name) => delete rest[name])
  for (const [name, place] of Object.entries(NUMBERS)) {
    const value = asNumber(config[name])
    if (value === undefined) continue
    request[place] = value
    take(name)
  }
  const stop = asArray(config['stopSequences']).filter((word) => typeof word === 'string')
  if (stop.length > 0) request.stop = stop
  if (config['responseLogprobs'] === true)
    request.logprobs = { alternatives: asNumber(config['logprobs']) ?? 0 }
  const reasoning = readReasoning(fieldsOf(config['thinkingConfig']))
  if (reasoning) request.reasoning = reasoning
  take('stopSequences', 'responseLogprobs', 'logprobs', 'thinkingConfig')
  const format = readFormat(config)
  if (format) {
    request.responseFormat = format
    take('responseMimeType', 'responseSchema', 'responseJsonSchema')
  }
  addExtras(request, 'generationConfig', rest)
}

/** Other types than these two, such as a single word of an `enum`, are known to Gemini only. */
function readFormat({
  responseMimeType,
  responseSchema,
  responseJsonSchema,
}: JsonObject): ResponseFormat | undefined {
  if (responseMimeType === 'text/plain') return { type: 'text' }
  if (responseMimeType !== 'application/json') return undefined
  if (!isObject(responseSchema) && !isObject(responseJsonSchema)) return { type: 'json' }
  return { type: 'json-schema', schema: readEitherSchema(responseSchema, responseJsonSchema) }
}

/** Source: https://ai.google.dev/gemini-api/docs/thinking */
function readReasoning(config: JsonObject): Reasoning | undefined {
  const budget = asNumber(config['thinkingBudget'])
  const effort = asEffort(asString(config['thinkingLevel'])?.toLowerCase())
  const { includeThoughts } = config
  const reasoning: Reasoning = {}
  if (budget === -1) reasoning.isAdaptive = true
  else if (budget === 0) reasoning.effort = 'none'
  else if (budget !== undefined) reasoning.budgetTokens = budget
  if (effort) reasoning.effort = effort
  // What Gemini shows is always a summary.
  if (typeof includeThoughts === 'boolean') reasoning.shows = includeThoughts ? 'summary' : 'nothing'
  return Object.keys(reasoning).length > 0 ? reasoning : undefined
}

/** One entry may declare functions and name tools that Google runs itself. */
function readTool(entry: unknown): Tool[] {
  const { functionDeclarations, ...hosted } = withoutNulls(fieldsOf(entry))
  return [
    ...listOf(functionDeclarations).map(readFunction),
    ...Object.entries(hosted).map(([name, value]): Tool => ({
      type: 'hosted',
      dialect: 'gemini',
      value: { [name]: value },
    })),
  ]
}

const FUNCTION_FIELDS: ReadonlySet<string> = new Set([
  'name',
  'description',
  'parameters',
  'parametersJsonSchema',
])

function readFunction(declaration: unknown): FunctionTool {
  const fields = withoutNulls(fieldsOf(declaration))
  const description = asString(fields['description'])
  const extras = omit(fields, FUNCTION_FIELDS)
  return {
    type: 'function',
    name: asString(fields['name']) ?? '',
    ...(description === undefined ? {} : { description }),
    parameters: readEitherSchema(fields['parameters'], fields['parametersJsonSchema']),
    ...(Object.keys(extras).length > 0 ? { extras } : {}),
  }
}

/** Source: https://ai.google.dev/api/caching#FunctionCallingConfig */
function readToolChoice({ mode, allowedFunctionNames }: JsonObject): ToolChoice | undefined {
  const names = asArray(allowedFunctionNames).filter((name) => typeof name === 'string')
  const [only] = names
  const narrowed = names.length > 0 ? { names } : {}
  switch (asString(mode)?.toUpperCase()) {
    case 'NONE':
      return { type: 'none' }
    case 'ANY':
      return only !== undefined && names.length === 1
        ? { type: 'tool', name: only }
        : { type: 'required', ...narrowed }
    case 'AUTO':
    case 'VALIDATED':
      return { type: 'auto', ...narrowed }
    default:
      return undefined
  }
}
