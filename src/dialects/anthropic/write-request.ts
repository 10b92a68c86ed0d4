import type { TargetModel, WrittenRequest } from '../../core/dialect.ts'
import { isObject, omit, type JsonObject, type JsonValue } from '../../core/json.ts'
import type { ChatRequest } from '../../core/request.ts'
import { writeContent } from './block.ts'
import { limitCacheMarks } from './cache-marks.ts'
import { traitsOf, type ModelTraits } from './models.ts'
import { refusal } from './refusal.ts'
import { writeConversation, writeSystem, type Turn } from './write-conversation.ts'
import { writeFormat } from './write-format.ts'
import { writeCacheMark } from './write-parts.ts'
import { writeReasoning } from './write-reasoning.ts'
import { writeTools } from './write-tools.ts'

const MAX_TOKENS_LIMIT = 1_000_000

/** From OpenAI's 0..2 to Anthropic's 0..1. */
const TEMPERATURE_SCALE = 0.5
/** What a model that thinks takes, and no less. */
const THINKING_TEMPERATURE = 1
const THINKING_TOP_P = 0.95

/** What belongs to the gateway: an extra of the same name is dropped. */
const OWN_FIELDS: ReadonlySet<string> = new Set(['model', 'messages', 'max_tokens', 'stream'])
/** What counting takes of a request. */
const COUNT_FIELDS: ReadonlySet<string> = new Set([
  'model',
  'system',
  'tools',
  'tool_choice',
  'thinking',
  'cache_control',
  'output_config',
  'context_management',
  'mcp_servers',
  'speed',
])

/** Canonical fields that Anthropic has nothing for. */
const UNKNOWN_FIELDS = ['seed', 'presencePenalty', 'frequencyPenalty', 'logitBias', 'logprobs'] as const

/**
 * A canonical chat as the body of `POST /v1/messages`. Throws a `GatewayError` with status 422 for what Anthropic has
 * no way to serve: several candidates, sound, arguments of a tool call that are not JSON.
 * Spec: https://docs.anthropic.com/en/api/messages
 */
export function writeChat(request: ChatRequest, target: TargetModel): WrittenRequest {
  const { body, turns, dropped } = writeBody(request, target)
  return { body: withMessages(body, turns), dropped }
}

/**
 * The same for `POST /v1/messages/count_tokens`, which takes only what makes the prompt.
 * Spec: https://docs.anthropic.com/en/api/messages-count-tokens
 */
export function writeCount(request: ChatRequest, target: TargetModel): WrittenRequest {
  const { body, turns, dropped } = writeBody(request, target)
  const names = Object.keys(body).filter((name) => !COUNT_FIELDS.has(name))
  return { body: withMessages(omit(body, new Set(names)), turns), dropped }
}

interface WrittenBody {
  /** All but the messages. */
  body: JsonObject
  turns: readonly Turn[]
  dropped: string[]
}

function writeBody(request: ChatRequest, { model, omitsModel }: TargetModel): WrittenBody {
  checkLimits(request)
  const traits = traitsOf(model)
  const dropped = new Set<string>(UNKNOWN_FIELDS.filter((field) => request[field] !== undefined))
  const { format, instruction } = writeFormat(request.responseFormat, traits, dropped)
  const { instructions, turns } = writeConversation(request, dropped)
  if (instruction !== undefined) instructions.push([{ type: 'text', text: instruction }])
  const { tools, toolChoice } = writeTools(request, traits, dropped)
  const { thinking, effort, maxTokens } = writeReasoning(request, { traits, turns, dropped })
  const system = writeSystem(instructions)
  const stop = writeStop(request.stop, dropped)
  const output: JsonObject = { ...(format ? { format } : {}), ...(effort === undefined ? {} : { effort }) }
  const body: JsonObject = {
    ...(model === null || omitsModel ? {} : { model }),
    ...(system === undefined ? {} : { system }),
    max_tokens: maxTokens,
    ...writeSampling(request, { traits, thinking, dropped }),
    ...(stop.length > 0 ? { stop_sequences: stop } : {}),
    ...(tools.length > 0 ? { tools } : {}),
    ...(toolChoice ? { tool_choice: toolChoice } : {}),
    ...(thinking ? { thinking } : {}),
    ...(Object.keys(output).length > 0 ? { output_config: output } : {}),
    ...(request.endUser === undefined ? {} : { metadata: { user_id: request.endUser } }),
    ...writeCacheMark(request.cache),
    ...(request.stream ? { stream: true } : {}),
  }
  addExtras(body, request, dropped)
  const blocks = [tools, instructions.flat(), turns.flatMap((turn) => turn.blocks.map(({ json }) => json))]
  if (limitCacheMarks(blocks.flat(), { isAutomatic: request.cache !== undefined }))
    dropped.add('messages.cache')
  return { body, turns, dropped: [...dropped] }
}

/** The messages in front of all but the model and the instructions, where people look for them. */
function withMessages({ model, system, ...rest }: JsonObject, turns: readonly Turn[]): string {
  const messages = turns.map(({ role, blocks }) => `{"role":"${role}","content":${writeContent(blocks)}}`)
  const head = membersOf({
    ...(model === undefined ? {} : { model }),
    ...(system === undefined ? {} : { system }),
  })
  return `{${[...head, `"messages":[${messages.join()}]`, ...membersOf(rest)].join()}}`
}

/** An object's members as JSON text; nothing when it has none. */
function membersOf(object: JsonObject): string[] {
  const members = JSON.stringify(object).slice(1, -1)
  return members === '' ? [] : [members]
}

function checkLimits({ candidates, maxTokens, temperatureIsDefault, topP }: ChatRequest): void {
  if (candidates !== undefined && candidates !== 1) {
    throw refusal(
      `'{parameter}' must be '1' for the Anthropic provider. Received value: '${candidates}'.`,
      'candidates',
    )
  }
  if (maxTokens !== undefined && maxTokens > MAX_TOKENS_LIMIT) {
    throw refusal(`Invalid value for max_tokens: cannot exceed ${MAX_TOKENS_LIMIT}.`, 'maxTokens')
  }
  // MLflow's own answer to its own clients.
  if (temperatureIsDefault && topP !== undefined) {
    throw refusal(
      "Cannot set both 'temperature' and 'top_p' parameters. Please use only the temperature parameter for your query.",
      'topP',
    )
  }
}

interface SamplingContext {
  traits: ModelTraits
  thinking: JsonObject | undefined
  dropped: Set<string>
}

/** How to choose among likely words. Newer models choose themselves, and a model that thinks takes next to nothing. */
function writeSampling(request: ChatRequest, { traits, thinking, dropped }: SamplingContext): JsonObject {
  const { temperature, temperatureIsDefault, topP, topK, extras } = request
  const thinks = isThinking(thinking ?? extras['thinking'])
  const scaled = temperature === undefined ? undefined : temperature * TEMPERATURE_SCALE
  const { takesSampling, takesTemperatureWithTopP } = traits
  const takes = {
    temperature: takesSampling && (!thinks || scaled === THINKING_TEMPERATURE),
    topP: takesSampling && (!thinks || (topP ?? 0) >= THINKING_TOP_P),
    topK: takesSampling && !thinks,
  }
  const written: JsonObject = {}
  if (scaled !== undefined && takes.temperature) written['temperature'] = scaled
  else if (temperature !== undefined && !temperatureIsDefault) dropped.add('temperature')
  const excluded = 'temperature' in written && !takesTemperatureWithTopP
  if (topP !== undefined && takes.topP && !excluded) written['top_p'] = topP
  else if (topP !== undefined) dropped.add('topP')
  if (topK !== undefined && takes.topK) written['top_k'] = topK
  else if (topK !== undefined) dropped.add('topK')
  return written
}

function isThinking(thinking: JsonValue | undefined): boolean {
  return isObject(thinking) && thinking['type'] !== 'disabled'
}

/** Anthropic answers a stop sequence of white space alone with an error. */
function writeStop(stop: readonly string[] = [], dropped: Set<string>): string[] {
  const usable = stop.filter((sequence) => sequence.trim() !== '')
  if (usable.length < stop.length) dropped.add('stop')
  return usable
}

/** Fields that Anthropic alone knows. Of those that both know a part of, each side keeps its own. */
function addExtras(
  body: JsonObject,
  { extras, extrasDialect = 'anthropic' }: ChatRequest,
  dropped: Set<string>,
): void {
  // Instructions of the conversation must not vanish behind a field that the client added on its own.
  const own = 'system' in body ? new Set([...OWN_FIELDS, 'system']) : OWN_FIELDS
  for (const [name, value] of Object.entries(extras)) {
    const written = body[name]
    if (extrasDialect !== 'anthropic' || own.has(name)) dropped.add(name)
    else
      body[name] =
        isObject(value) && isObject(written) && name !== 'thinking' ? { ...value, ...written } : value
  }
}
