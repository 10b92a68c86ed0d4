import type { TargetModel, WrittenRequest } from '../../core/dialect.ts'
import { GatewayError } from '../../core/error.ts'
import { isObject, omit, type JsonObject, type JsonValue } from '../../core/json.ts'
import { writeUrl } from '../../core/media.ts'
import type { ChatRequest, FunctionTool, Message, Part, ToolChoice, ToolResultPart } from '../../core/request.ts'

/** Anthropic insists on a bound; this is MLflow 3's. A request that wants longer answers says so itself. */
const DEFAULT_MAX_TOKENS = 8192
const MAX_TOKENS_LIMIT = 1_000_000

/** From OpenAI's 0..2 to Anthropic's 0..1. */
const TEMPERATURE_SCALE = 0.5

/** The Claude models up to 4.6: those after them answer any temperature with an error. */
const TAKES_TEMPERATURE = /claude-(?:instant|v?[123](?!\d)|[a-z]+-4(?:[-.][0-6])?(?:-\d{6}|-latest|@|$))/

/** What belongs to the gateway: an extra of the same name is dropped. */
const OWN_FIELDS: ReadonlySet<string> = new Set(['model', 'messages', 'max_tokens', 'stream'])

/**
 * A canonical chat as the body of `POST /v1/messages`. Throws a `GatewayError` with status 422 for what Anthropic has
 * no way to serve: several candidates, `temperature` together with `top_p`, arguments of a tool call that are not JSON.
 * Spec: https://docs.anthropic.com/en/api/messages
 */
export function writeChat(request: ChatRequest, { model }: TargetModel): WrittenRequest {
  checkLimits(request)
  const dropped = new Set<string>()
  const { system, messages } = writeConversation(request.messages, dropped)
  const body: JsonObject = {}
  if (model !== null) body['model'] = model
  if (system !== undefined) body['system'] = system
  body['messages'] = messages
  body['max_tokens'] = request.maxTokens ?? DEFAULT_MAX_TOKENS
  if (
    request.temperature !== undefined &&
    !(request.temperatureIsDefault && refusesDefault(request, model))
  ) {
    body['temperature'] = request.temperature * TEMPERATURE_SCALE
  }
  if (request.topP !== undefined) body['top_p'] = request.topP
  const stop = writeStop(request.stop, dropped)
  if (stop.length > 0) body['stop_sequences'] = stop
  const tools = (request.tools ?? []).filter((tool) => tool.type === 'function')
  if (tools.length > 0) body['tools'] = tools.map(writeTool)
  if (request.toolChoice) body['tool_choice'] = writeToolChoice(request.toolChoice)
  if (request.stream) body['stream'] = true
  // Instructions of the conversation must not vanish behind a field that the client added on its own.
  const own = system === undefined ? OWN_FIELDS : new Set([...OWN_FIELDS, 'system'])
  const { extras, extrasDialect = 'anthropic' } = request
  const isForeign = extrasDialect !== 'anthropic'
  for (const name of Object.keys(extras)) if (isForeign || own.has(name)) dropped.add(name)
  if (!isForeign) Object.assign(body, omit(extras, own))
  return { body: JSON.stringify(body), dropped: [...dropped] }
}

function checkLimits({ candidates, maxTokens, temperature, topP }: ChatRequest): void {
  if (candidates !== undefined && candidates !== 1) {
    throw refusal(
      `'{parameter}' must be '1' for the Anthropic provider. Received value: '${candidates}'.`,
      'candidates',
    )
  }
  if (maxTokens !== undefined && maxTokens > MAX_TOKENS_LIMIT) {
    throw refusal(`Invalid value for max_tokens: cannot exceed ${MAX_TOKENS_LIMIT}.`, 'maxTokens')
  }
  if (temperature !== undefined && topP !== undefined) {
    throw refusal(
      "Cannot set both 'temperature' and 'top_p' parameters. Please use only the temperature parameter for your query.",
      'topP',
    )
  }
}

/** Whether the dialect's default temperature would fail a request whose client named none: models that think take 1. */
function refusesDefault(request: ChatRequest, model: string | null): boolean {
  const { thinking } = request.extras
  if (isObject(thinking) && thinking['type'] !== 'disabled') return true
  return model !== null && model.includes('claude') && !TAKES_TEMPERATURE.test(model)
}

interface Conversation {
  system: JsonValue | undefined
  messages: JsonObject[]
}

/** One turn: all that one side says before the other does. */
interface Turn {
  role: 'user' | 'assistant'
  blocks: JsonObject[]
}

/** Anthropic wants instructions apart from the conversation, and user and assistant in strict alternation. */
function writeConversation(messages: readonly Message[], dropped: Set<string>): Conversation {
  const system: JsonObject[] = []
  const turns: Turn[] = []
  for (const message of messages) {
    for (const name of Object.keys(message.extras)) dropped.add(`messages.${name}`)
    if (message.role === 'system' || message.role === 'developer') {
      system.push(...message.parts.map(writePart))
      continue
    }
    const role = message.role === 'assistant' ? 'assistant' : 'user'
    const blocks = message.parts.map(writePart)
    const last = turns.at(-1)
    if (last?.role === role) last.blocks.push(...blocks)
    else turns.push({ role, blocks })
  }
  return {
    system: writeSystem(system),
    messages: turns.map(({ role, blocks }) => ({ role, content: writeContent(blocks) })),
  }
}

/** Plain texts become one text; blocks that a client marked up itself (cache marks) keep their form. */
function writeSystem(blocks: readonly JsonObject[]): JsonValue | undefined {
  const filled = blocks.filter((block) => !isEmptyText(block))
  if (filled.length === 0) return undefined
  if (!filled.every(isPlainText)) return filled
  return filled.map((block) => block.text).join('\n\n')
}

/**
 * A single text as a string. Empty texts beside other blocks (as in an answer of tool calls alone) are left out,
 * because Anthropic refuses them; a turn without anything else stays empty, for Anthropic to say so.
 */
function writeContent(blocks: readonly JsonObject[]): JsonValue {
  const filled = blocks.filter((block) => !isEmptyText(block))
  const [only] = filled
  if (only === undefined) return ''
  return filled.length === 1 && isPlainText(only) ? only.text : filled
}

function isPlainText(block: JsonObject): block is JsonObject & { text: string } {
  return block['type'] === 'text' && typeof block['text'] === 'string' && Object.keys(block).length === 2
}

function isEmptyText(block: JsonObject): boolean {
  return block['type'] === 'text' && block['text'] === ''
}

function writeToolResult({ callId, parts, isError }: ToolResultPart): JsonObject {
  return {
    type: 'tool_result',
    tool_use_id: writeCallId(callId),
    content: writeContent(parts.map(writePart)),
    ...(isError === undefined ? {} : { is_error: isError }),
  }
}

function writePart(part: Part): JsonObject {
  if (part.type === 'text') return { type: 'text', text: part.text }
  if (part.type === 'image') return { type: 'image', source: writeImageSource(writeUrl(part.source) ?? '') }
  if (part.type === 'tool-call') {
    return { type: 'tool_use', id: writeCallId(part.id), name: part.name, input: readArguments(part) }
  }
  if (part.type === 'tool-result') return writeToolResult(part)
  if (part.type === 'opaque') return part.value
  throw refusal(`Anthropic's API takes no parts of type '${part.type}'.`, 'messages')
}

/** Other providers' ids (`functions.search:0`) may go on in a conversation here, where fewer characters are allowed. */
function writeCallId(id: string): string {
  return id.replaceAll(/[^\w-]/g, '_')
}

function readArguments(call: { id: string; name: string; arguments: string }): JsonObject {
  // What OpenAI's clients send for a tool without parameters.
  if (call.arguments.trim() === '') return {}
  const where = `The arguments of tool call '${call.id}' to '${call.name}'`
  let value: unknown
  try {
    value = JSON.parse(call.arguments)
  } catch (error) {
    throw refusal(`${where} are not valid JSON.`, 'messages', error)
  }
  if (!isObject(value)) throw refusal(`${where} are not a JSON object.`, 'messages')
  return value
}

function writeImageSource(url: string): JsonObject {
  if (/^https?:\/\//i.test(url)) return { type: 'url', url }
  // No regular expression over the whole: the data may have megabytes.
  const comma = url.indexOf(',')
  const [mediaType = '', ...flags] = url.slice('data:'.length, comma).split(';')
  const isBase64 = flags.some((flag) => flag.trim().toLowerCase() === 'base64')
  if (!/^data:/i.test(url) || comma === -1 || mediaType === '' || !isBase64) {
    throw refusal(
      "An image's URL must be an http(s) URL or base64 data with its type, as in 'data:image/png;base64,...'.",
      'messages',
    )
  }
  return { type: 'base64', media_type: mediaType.trim().toLowerCase(), data: url.slice(comma + 1) }
}

/** Anthropic answers a stop sequence of white space alone with an error. */
function writeStop(stop: readonly string[] = [], dropped: Set<string>): string[] {
  const usable = stop.filter((sequence) => sequence.trim() !== '')
  if (usable.length < stop.length) dropped.add('stop')
  return usable
}

function writeTool({ name, description, parameters }: FunctionTool): JsonObject {
  return {
    name,
    ...(description === undefined ? {} : { description }),
    // A tool without parameters may come as `{}`; Anthropic wants the type spelt out.
    input_schema: 'type' in parameters ? parameters : { type: 'object', ...parameters },
  }
}

function writeToolChoice(choice: ToolChoice): JsonObject {
  if (choice.type === 'tool') return { type: 'tool', name: choice.name }
  return { type: choice.type === 'required' ? 'any' : choice.type }
}

function refusal(message: string, parameter: string, cause?: unknown): GatewayError {
  return new GatewayError(message, { kind: 'bad_request', status: 422, parameter, cause })
}
