import type { TargetModel, WrittenRequest } from '../../core/dialect.ts'
import { isObject, type JsonObject, type JsonValue } from '../../core/json.ts'
import { effortOf, wantsThinking } from '../../core/reasoning.ts'
import type { ChatRequest, Effort, FunctionTool, ResponseFormat } from '../../core/request.ts'
import { stringifyRaw, type RawJsonObject } from '../../wire/raw-json.ts'
import { refuse } from '../single-prompt.ts'
import { writeMessages } from './write-messages.ts'

/** Canonical fields that Ollama has no word for. */
const FOREIGN_FIELDS = ['logitBias', 'endUser', 'cache'] as const

/** Ollama's further fields beside the model's options. */
const TOP_FIELDS: ReadonlySet<string> = new Set(['keep_alive', 'truncate', 'shift'])

/** A canonical chat as the body of `POST /api/chat`. Ollama streams unless it is told not to. */
export function writeChat(request: ChatRequest, target: TargetModel): WrittenRequest {
  const { candidates, extrasDialect = 'ollama' } = request
  if (candidates !== undefined && candidates !== 1) {
    throw refuse(
      `'{parameter}' must be '1' for the Ollama provider. Received value: '${candidates}'.`,
      'candidates',
    )
  }
  const ownExtras = extrasDialect === 'ollama' || extrasDialect === 'mlflow'
  const dropped = new Set<string>(FOREIGN_FIELDS.filter((name) => request[name] !== undefined))
  if (request.parallelToolCalls === false) dropped.add('parallelToolCalls')
  const body: RawJsonObject = {
    ...(target.model === null ? {} : { model: target.model }),
    messages: writeMessages(request.messages, { ownExtras, dropped }),
    stream: request.stream,
  }
  const tools = writeTools(request, dropped)
  if (tools.length > 0) body['tools'] = tools
  const format = request.responseFormat && writeFormat(request.responseFormat)
  if (format !== undefined) body['format'] = format
  const think = writeThink(request, target, dropped)
  if (think !== undefined) body['think'] = think
  if (request.logprobs) {
    body['logprobs'] = true
    if (request.logprobs.alternatives > 0) body['top_logprobs'] = request.logprobs.alternatives
  }
  const { top, more } = divideExtras(request, { ownExtras, dropped })
  const options = { ...more, ...writeOptions(request) }
  if (Object.keys(options).length > 0) body['options'] = options
  return { body: stringifyRaw({ ...body, ...top }), dropped: [...dropped] }
}

function writeOptions(request: ChatRequest): JsonObject {
  const { temperature, topP, topK, maxTokens, stop, seed, presencePenalty, frequencyPenalty } = request
  const options: JsonObject = {}
  if (temperature !== undefined) options['temperature'] = temperature
  if (topP !== undefined) options['top_p'] = topP
  if (topK !== undefined) options['top_k'] = topK
  if (maxTokens !== undefined) options['num_predict'] = maxTokens
  if (stop && stop.length > 0) options['stop'] = stop
  if (seed !== undefined) options['seed'] = seed
  if (presencePenalty !== undefined) options['presence_penalty'] = presencePenalty
  if (frequencyPenalty !== undefined) options['frequency_penalty'] = frequencyPenalty
  return options
}

/** Extras are fields of the request, its `options`, or, like `num_ctx`, single options of the model. */
function divideExtras(
  { extras }: ChatRequest,
  { ownExtras, dropped }: { ownExtras: boolean; dropped: Set<string> },
): { top: JsonObject; more: JsonObject } {
  const top: JsonObject = {}
  const more: JsonObject = {}
  for (const [name, value] of Object.entries(extras)) {
    if (name === 'options' && isObject(value)) Object.assign(more, value)
    else if (TOP_FIELDS.has(name)) top[name] = value
    else if (ownExtras) more[name] = value
    else dropped.add(name)
  }
  return { top, more }
}

/** Ollama leaves the choice to the model: that tools are only to be known or that one must be called cannot be said. */
function writeTools({ tools = [], toolChoice }: ChatRequest, dropped: Set<string>): JsonObject[] {
  const functions = tools.filter((tool) => tool.type === 'function')
  if (functions.length < tools.length) dropped.add('tools.hosted')
  if (functions.some(({ cache }) => cache)) dropped.add('cache')
  if (functions.some(({ strict }) => strict)) dropped.add('tools.strict')
  if (!toolChoice) return functions.map((tool) => writeTool(tool, dropped))
  const isFree = toolChoice.type === 'auto' && !toolChoice.names
  if (!isFree) dropped.add('toolChoice')
  if (toolChoice.type === 'none') return []
  const names = toolChoice.type === 'tool' ? [toolChoice.name] : toolChoice.names
  return functions
    .filter(({ name }) => !names || names.includes(name))
    .map((tool) => writeTool(tool, dropped))
}

function writeTool(
  { name, description, parameters, extras = {} }: FunctionTool,
  dropped: Set<string>,
): JsonObject {
  for (const extra of Object.keys(extras)) dropped.add(`tools.${extra}`)
  const about = description === undefined ? {} : { description }
  // A tool without parameters may come as `{}`; models are shown the type.
  const schema = 'type' in parameters ? parameters : { type: 'object', properties: {}, ...parameters }
  return { type: 'function', function: { name, ...about, parameters: schema } }
}

function writeFormat(format: ResponseFormat): JsonValue | undefined {
  if (format.type === 'json-schema') return format.schema
  return format.type === 'json' ? 'json' : undefined
}

/** Only gpt-oss thinks in degrees; of other models it can only be wanted. */
function writeThink(
  { reasoning }: ChatRequest,
  { model }: TargetModel,
  dropped: Set<string>,
): boolean | string | undefined {
  if (!reasoning) return undefined
  const effort = effortOf(reasoning)
  if (!wantsThinking(reasoning)) return effort === 'none' ? false : undefined
  if (reasoning.budgetTokens !== undefined) dropped.add('reasoning.budgetTokens')
  const hasDegrees = model?.includes('gpt-oss') === true
  if (hasDegrees && effort !== undefined) return DEGREES[effort]
  if (reasoning.effort !== undefined) dropped.add('reasoning.effort')
  return true
}

const DEGREES: Readonly<Record<Effort, string>> = {
  none: 'low',
  minimal: 'low',
  low: 'low',
  medium: 'medium',
  high: 'high',
  xhigh: 'high',
  max: 'high',
}
